import { Duration, Effect, Layer, Redacted } from "effect"
import { createPostgresBackend, Queue, Worker } from "bullmq"
import type { QueueName } from "../../src/contract/index.ts"
import { JobConsumerError } from "../../src/services/JobConsumer.ts"
import { JobProducerError } from "../../src/services/JobProducer.ts"
import { type JobProcessor, type OpenQueue, type OpenWorker, QueueBackend } from "./QueueBackend.ts"
import { migrateQueueTables, type QueueTablesError } from "./queueTables.ts"
import { askPostgres, askRedis, type QueueQuestions } from "./queueQuestions.ts"
import { checkRedis, type RedisUnusable } from "./redisServer.ts"
import { workerSettings } from "./workerSettings.ts"

/** Closing waits for running jobs; what hangs longer than this is left to the end of the process. */
const closeLimit = Duration.seconds(5)

/** Connections per worker: two for acknowledging and renewing beside the one that listens. */
const workerConnections = 5
const queueConnections = 2

/** A producer that waits longer than this for the server's answer is told that it is away. */
const addLimit = Duration.seconds(5)

/** BullMQ's own pauses grow to 20 s, in which a server that is back stays without its workers. */
const reconnectAfter = (attempt: number): number => Math.min(attempt * 250, 2_000)

interface Closable {
  readonly close: () => Promise<void>
  readonly on: (event: "error", listener: (error: Error) => void) => unknown
}

/**
 * Without an error listener Node would end the process when a connection breaks, and the listener stays on after
 * closing, when a last connection may still break. BullMQ reconnects by itself. One line per kind of error a minute.
 */
const listenForErrors = (what: string, closable: Closable): Effect.Effect<void> =>
  Effect.map(Effect.context<never>(), (context) => {
    const lastLogged = new Map<string, number>()
    closable.on("error", (error) => {
      const kind = "code" in error && typeof error.code === "string" ? error.code : error.message
      if (Date.now() - (lastLogged.get(kind) ?? 0) < 60_000) return
      lastLogged.set(kind, Date.now())
      Effect.runForkWith(context)(Effect.logWarning(`${what}: connection trouble (${kind}); it is tried again`))
    })
  })

const messageOf = (cause: unknown): string => cause instanceof Error && cause.message !== "" ? cause.message : "unknown error"

const toWorker = <W extends Closable & {
  readonly run: () => Promise<void>
  readonly waitUntilReady: () => Promise<unknown>
  readonly on: (event: "lockRenewalFailed", listener: (jobIds: Array<string>) => void) => unknown
}>(queue: QueueName, open: () => W) =>
  Effect.gen(function*() {
    const worker = yield* Effect.acquireRelease(
      Effect.try({
        try: open,
        catch: (cause) => new JobConsumerError({ queue, detail: "the worker could not be opened", cause })
      }),
      (worker) => Effect.promise(() => worker.close()).pipe(Effect.timeoutOption(closeLimit))
    )
    yield* listenForErrors(`queue ${queue}`, worker)
    // A worker that cannot reach its queue must not count as ready: Redis is waited for.
    yield* Effect.tryPromise({
      try: () => worker.waitUntilReady(),
      catch: (cause) => new JobConsumerError({ queue, detail: `its server cannot be used: ${messageOf(cause)}`, cause })
    })
    const context = yield* Effect.context<never>()
    return {
      onLockLost: (listener) => void worker.on("lockRenewalFailed", listener),
      start: Effect.sync(() => {
        worker.run().catch((cause) => Effect.runForkWith(context)(Effect.logError(`queue ${queue}: the worker stopped`, cause)))
      }),
      close: Effect.promise(() => worker.close())
    } satisfies OpenWorker
  })

/** What is wrong with the job, and will be next time: PostgreSQL's classes 22 and 23, JSON's and BullMQ's own checks. */
const isRefusal = (cause: unknown): boolean => {
  if (cause instanceof TypeError) return true
  if (!(cause instanceof Error)) return false
  return "code" in cause
    ? typeof cause.code === "string" && /^2[23]...$/.test(cause.code)
    : /^(Custom Id|JobId|The size of job|Priority|Jitter)\b/.test(cause.message)
}

const toQueue = <Q extends Closable & {
  readonly add: Queue["add"]
  readonly addBulk: Queue["addBulk"]
}>(queue: QueueName, open: () => Q, questionsOf: (queue: Q) => QueueQuestions) =>
  Effect.gen(function*() {
    const unavailable = (detail: string, cause?: unknown) => new JobProducerError({ queue, reason: "unavailable", detail, cause })
    const producer = yield* Effect.acquireRelease(
      Effect.try({
        try: open,
        catch: (cause) => unavailable("it could not be opened", cause)
      }),
      (queue) => Effect.promise(() => queue.close()).pipe(Effect.timeoutOption(closeLimit))
    )
    yield* listenForErrors(`queue ${queue}`, producer)
    const questions = questionsOf(producer)

    const ask = <A>(question: () => Promise<A>, late = "its server does not answer") =>
      Effect.tryPromise({
        try: question,
        catch: (cause) => new JobProducerError({ queue, reason: isRefusal(cause) ? "refused" : "unavailable", detail: messageOf(cause), cause })
      }).pipe(Effect.timeoutOrElse({ duration: addLimit, orElse: () => Effect.fail(unavailable(late)) }))
    // BullMQ waits without end for a first connection, and adds the job then.
    const late = "its server does not answer; the job may be added once it does"
    const idOf = ({ id }: { readonly id?: string | undefined }) => id === undefined ? Effect.fail(unavailable("it gave the job no id")) : Effect.succeed(id)

    return {
      add: (jobName, data, options) => Effect.flatMap(ask(() => producer.add(jobName, data, options), late), idOf),
      addMany: (jobs) => Effect.flatMap(ask(() => producer.addBulk([...jobs]), late), (added) => Effect.forEach(added, idOf)),
      alive: (jobIds) => ask(() => questions.alive(jobIds)),
      incarnation: ask(questions.incarnation)
    } satisfies OpenQueue
  })

/** BullMQ must see three parameters in a processor, or it hands over no token and no signal. */
const threeParameters = (processor: JobProcessor) => (job: Parameters<JobProcessor>[0], token: string | undefined, _signal: unknown) =>
  processor(job, token ?? "")

/** BullMQ's own tables in the schema `bullmq` of this database, brought up to date first with `migrate`. */
export const postgresBackend = (options: {
  readonly url: Redacted.Redacted<string>
  readonly migrate: boolean
}): Layer.Layer<QueueBackend, QueueTablesError> => {
  const connection = (max: number) => ({ connectionString: Redacted.value(options.url), max, application_name: "tt-worker bullmq" })
  const migrated = options.migrate ? migrateQueueTables(options.url) : Effect.void
  return Layer.effect(QueueBackend, Effect.as(migrated, QueueBackend.of({
    openWorker: (queue, concurrency, processor) =>
      toWorker(queue, () =>
        new Worker(
          queue,
          threeParameters(processor),
          { ...workerSettings, concurrency, connection: connection(workerConnections) },
          createPostgresBackend
        )),
    openQueue: (queue) => toQueue(queue, () => new Queue(queue, { connection: connection(queueConnections) }, createPostgresBackend), askPostgres)
  })))
}

/** BullMQ on Redis through ioredis. Run it with `maxmemory-policy noeviction` and `appendonly yes`. */
export const redisBackend = (options: {
  readonly url: Redacted.Redacted<string>
  readonly label: string
  /** Wait for a Redis that is not there yet, rather than fail. */
  readonly waits: boolean
}): Layer.Layer<QueueBackend, RedisUnusable> => {
  const connection = (maxRetriesPerRequest: number | null) =>
    // Its version and eviction policy have been looked at; BullMQ would write its opinion to the console.
    ({ url: Redacted.value(options.url), retryStrategy: reconnectAfter, maxRetriesPerRequest, skipVersionCheck: true })
  return Layer.effect(QueueBackend, Effect.as(checkRedis(options), QueueBackend.of({
    openWorker: (queue, concurrency, processor) =>
      toWorker(queue, () => new Worker(queue, threeParameters(processor), { ...workerSettings, concurrency, connection: connection(null) })),
    // A producer is told at once that Redis is away, rather than waiting until it is back.
    openQueue: (queue) => toQueue(queue, () => new Queue(queue, { connection: connection(1) }), askRedis)
  })))
}
