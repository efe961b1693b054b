import { Data, Duration, Effect, Redacted } from "effect"
import { Redis } from "ioredis"
import { waitFor } from "../../src/supervisor/waitFor.ts"

const answerLimit = Duration.seconds(5)

/** Redis cannot be used; `comesBack` says whether waiting may help. The message names host and variable, no secret. */
export class RedisUnusable extends Data.TaggedError("RedisUnusable")<{ readonly label: string; readonly detail: string; readonly comesBack: boolean }> {
  override get message(): string {
    return `Redis at ${this.label}: ${this.detail}; check REDIS_URL`
  }
}

/** What Redis itself answers begins with an upper-case word (WRONGPASS, NOAUTH, ERR …); the rest is the network's. */
const isRefusal = (cause: unknown): cause is Error =>
  cause instanceof Error && /^(WRONGPASS|NOAUTH|NOPERM|ERR)\b/.test(cause.message)

const startingUp = /^LOADING\b/

const toUnusable = (label: string) => (cause: unknown): RedisUnusable => {
  if (isRefusal(cause)) return new RedisUnusable({ label, detail: cause.message, comesBack: false })
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : null
  const loading = cause instanceof Error && startingUp.test(cause.message)
  return new RedisUnusable({ label, detail: loading ? "it is starting" : `it cannot be reached${code === null ? "" : ` (${code})`}`, comesBack: true })
}

/** ioredis goes on with database 0 when the chosen one does not exist, so it is asked for by a command of its own. */
const ask = async (redis: Redis, database: number): Promise<string> => {
  await redis.connect()
  await redis.select(database)
  return redis.info()
}

const askOnce = (url: Redacted.Redacted<string>, label: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const redis = new Redis(Redacted.value(url), { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null, connectTimeout: Duration.toMillis(answerLimit) })
      let broken: unknown = null
      // The first error tells the cause; what the commands are then rejected with is only "Connection is closed".
      redis.on("error", (error) => {
        broken ??= error
      })
      return { redis, cause: (error: unknown) => broken ?? error }
    }),
    ({ cause, redis }) =>
      Effect.tryPromise({
        try: () => ask(redis, Number(new URL(Redacted.value(url)).pathname.slice(1))),
        catch: (error) => toUnusable(label)(cause(error))
      }).pipe(Effect.timeoutOrElse({
        duration: answerLimit,
        orElse: () => Effect.fail(new RedisUnusable({ label, detail: "it does not answer", comesBack: true }))
      })),
    ({ redis }) => Effect.sync(() => redis.disconnect())
  )

/** What of a Redis decides whether jobs are safe in it; memory in bytes, 0 where there is no limit. */
export interface RedisFacts {
  readonly version: string
  readonly policy: string
  readonly appendOnly: boolean
  readonly usedMemory: number
  readonly maxMemory: number
}

/** From the text of `INFO`. Where it does not say, the best is assumed. */
const factsOf = (info: string): RedisFacts => {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1]
  return {
    version: field("redis_version") ?? "unknown",
    policy: field("maxmemory_policy") ?? "noeviction",
    appendOnly: field("aof_enabled") !== "0",
    usedMemory: Number(field("used_memory") ?? 0),
    maxMemory: Number(field("maxmemory") ?? 0)
  }
}

/** Asks once: whether it lets us in, and what it is. */
export const inspectRedis = ({ label, url }: { readonly url: Redacted.Redacted<string>; readonly label: string }): Effect.Effect<RedisFacts, RedisUnusable> =>
  Effect.map(askOnce(url, label), factsOf)

/** Redis would throw jobs away when its memory is full. */
const warnOfEviction = (label: string, { policy }: RedisFacts) =>
  policy === "noeviction"
    ? Effect.void
    : Effect.logWarning(`Redis at ${label} has maxmemory-policy ${policy}: when its memory is full, jobs are lost. Set it to noeviction.`)

/**
 * Makes sure that this Redis lets us in and has the database. One that is not there yet is waited for, saying so, when
 * `waits`; a wrong password or database is said at once.
 */
export const checkRedis = (options: {
  readonly url: Redacted.Redacted<string>
  readonly label: string
  readonly waits: boolean
}): Effect.Effect<void, RedisUnusable> =>
  waitFor(inspectRedis(options), {
    comesBack: (error) => options.waits && error.comesBack,
    tell: (error) => `${error.message}. Waiting for it.`
  }).pipe(
    Effect.flatMap((facts) => warnOfEviction(options.label, facts)),
    Effect.withSpan("Redis.check")
  )
