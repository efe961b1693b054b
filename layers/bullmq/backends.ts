import { Duration, Effect, Layer, Redacted } from "effect"
import { createPostgresBackend, Queue, Worker } from "bullmq"
import type { QueueName } from "../../src/contract/index.ts"
import { JobConsumerError } from "../../src/services/JobConsumer.ts"
import { JobProducerError } from "../../src/services/JobProducer.ts"
import { type JobProcessor, type OpenQueue, type OpenWorker, QueueBackend } from "./QueueBackend.ts"
import { migrateQueueTables, type QueueTablesError } from "./queueTables.ts"
import { workerSettings } from "./workerSettings.ts"

/** Closing waits for running jobs; what hangs longer than this is left to the end of the process. */
const closeLimit = Duration.seconds(5)

/** Connections per worker: two for acknowledging and renewing beside the one that listens. */
const workerConnections = 5
const queueConnections = 2

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

const toWorker = <W extends Closable & {
  readonly run: () => Promise<void>
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
    const context = yield* Effect.context<never>()
    return {
      onLockLost: (listener) => void worker.on("lockRenewalFailed", listener),
      start: Effect.sync(() => {
        worker.run().catch((cause) => Effect.runForkWith(context)(Effect.logError(`queue ${queue}: the worker stopped`, cause)))
      }),
      close: Effect.promise(() => worker.close())
    } satisfies OpenWorker
  })

const toQueue = <Q extends Closable & {
  readonly add: Queue["add"]
}>(queue: QueueName, open: () => Q) =>
  Effect.gen(function*() {
    const producer = yield* Effect.acquireRelease(
      Effect.try({
        try: open,
        catch: (cause) => new JobProducerError({ queue, detail: "the queue could not be opened", cause })
      }),
      (queue) => Effect.promise(() => queue.close()).pipe(Effect.timeoutOption(closeLimit))
    )
    yield* listenForErrors(`queue ${queue}`, producer)
    return {
      add: (jobName, data, options) =>
        Effect.tryPromise({
          try: () => producer.add(jobName, data, options),
          catch: (cause) => new JobProducerError({ queue, detail: cause instanceof Error ? cause.message : "unknown error", cause })
        }).pipe(Effect.flatMap(({ id }) =>
          id === undefined
            ? Effect.fail(new JobProducerError({ queue, detail: "the queue gave the job no id" }))
            : Effect.succeed(id)
        ))
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
    openQueue: (queue) => toQueue(queue, () => new Queue(queue, { connection: connection(queueConnections) }, createPostgresBackend))
  })))
}

/** BullMQ on Redis through ioredis. Run it with `maxmemory-policy noeviction` and `appendonly yes`. */
export const redisBackend = (options: { readonly url: Redacted.Redacted<string> }): Layer.Layer<QueueBackend> =>
  Layer.succeed(QueueBackend, {
    openWorker: (queue, concurrency, processor) =>
      toWorker(queue, () =>
        new Worker(queue, threeParameters(processor), {
          ...workerSettings,
          concurrency,
          connection: { url: Redacted.value(options.url), maxRetriesPerRequest: null }
        })),
    openQueue: (queue) =>
      toQueue(queue, () =>
        // A producer is told at once that Redis is away, rather than waiting until it is back.
        new Queue(queue, { connection: { url: Redacted.value(options.url), maxRetriesPerRequest: 1 } }))
  })
