import { Duration, Effect, Layer, Redacted } from "effect"
import * as EffectRedis from "effect/persistence/Redis"
import { Redis } from "ioredis"

/** A command without an answer for this long has failed; whoever asked decides what that means. */
const commandLimit = Duration.seconds(2)
/** How long the first connection may take before the rest of the process goes on without it. */
const firstConnectionLimit = Duration.seconds(2)

const reconnectAfter = (attempt: number): number => Math.min(attempt * 100, 1_000)

const toError = (cause: unknown) => new EffectRedis.RedisError({ cause })

const kindOf = (error: Error): string => "code" in error && typeof error.code === "string" ? error.code : error.message

/** Without a listener Node would end the process when a connection breaks. One line per kind of trouble a minute. */
const listenForErrors = (label: string, redis: Redis): Effect.Effect<void> =>
  Effect.map(Effect.context<never>(), (context) => {
    const lastTold = new Map<string, number>()
    redis.on("error", (error) => {
      const kind = kindOf(error)
      if (Date.now() - (lastTold.get(kind) ?? 0) < 60_000) return
      lastTold.set(kind, Date.now())
      Effect.runForkWith(context)(Effect.logWarning(`Redis at ${label}: connection trouble (${kind}); it is tried again`))
    })
  })

const sendOn = (redis: Redis) => <A = unknown>(command: string, ...args: ReadonlyArray<string>): Effect.Effect<A, EffectRedis.RedisError> =>
  Effect.map(Effect.tryPromise({ try: () => redis.call(command, [...args]), catch: toError }), believed<A>)

/** Redis' answers are as untyped as `send` of `effect/persistence/Redis` promises them typed. */
function believed<A>(answer: unknown): A
function believed(answer: unknown): unknown {
  return answer
}

const untilReady = (redis: Redis): Effect.Effect<void, EffectRedis.RedisError> =>
  Effect.callback((resume) => {
    if (redis.status === "ready") return resume(Effect.void)
    redis.once("ready", () => resume(Effect.void))
    redis.once("end", () => resume(Effect.fail(toError(new Error("the connection has ended")))))
  })

/**
 * Effect's `Redis` through ioredis, on a connection of its own. It reconnects by itself; while it is away every command
 * fails at once rather than waiting in a line, and none is sent twice. A Redis that is not there yet does not hold
 * up the start. The URL must have been checked before (`checkRedis`): ioredis passes over a database that is missing.
 */
export const layer = (options: {
  readonly url: Redacted.Redacted<string>
  /** Host and port, for messages. */
  readonly label: string
}): Layer.Layer<EffectRedis.Redis> => {
  const settings = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: Duration.toMillis(commandLimit),
    retryStrategy: reconnectAfter
  }
  const open = Effect.acquireRelease(
    Effect.sync(() => new Redis(Redacted.value(options.url), { ...settings, commandTimeout: Duration.toMillis(commandLimit) })),
    (redis) => Effect.sync(() => redis.disconnect())
  ).pipe(Effect.tap((redis) => listenForErrors(options.label, redis)))

  return Layer.effect(EffectRedis.Redis, Effect.gen(function*() {
    const redis = yield* open
    yield* untilReady(redis).pipe(Effect.timeoutOption(firstConnectionLimit), Effect.ignore)
    return yield* EffectRedis.make({
      send: sendOn(redis),
      connect: Effect.gen(function*() {
        // Blocking commands take their time; a connection of this kind is thrown away when it breaks.
        const connection = new Redis(Redacted.value(options.url), { ...settings, retryStrategy: () => null })
        yield* listenForErrors(options.label, connection)
        yield* untilReady(connection)
        return { send: sendOn(connection), close: Effect.sync(() => connection.disconnect()) }
      }),
      subscribe: (channel, onMessage) =>
        Effect.gen(function*() {
          const subscriber = yield* open
          subscriber.on("message", (name: string, message: string) => onMessage({ channel: name, message }))
          yield* untilReady(subscriber).pipe(
            Effect.andThen(Effect.tryPromise({ try: () => subscriber.subscribe(channel), catch: toError })),
            Effect.timeoutOrElse({ duration: commandLimit, orElse: () => Effect.fail(toError(new Error("no answer to SUBSCRIBE"))) })
          )
          // ioredis subscribes again by itself when it has reconnected.
          return Effect.never
        })
    })
  }))
}
