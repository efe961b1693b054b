import { type ConnectionOptions, createPostgresBackend, Queue, type RedisQueueBackend } from "bullmq"
import { Duration, Effect, Exit, Layer, Redacted, Scope } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Redis } from "ioredis"
import type { QueueName } from "../../src/contract/index.ts"
import type { Retention } from "../../src/domain/Retention.ts"
import { JobProducerError } from "../../src/services/JobProducer.ts"
import { JobQueueError } from "../../src/services/JobQueue.ts"
import { waitFor } from "../../src/supervisor/waitFor.ts"
import { boundedCall } from "./boundedCall.ts"
import { hearEveryConnection } from "./postgres/hearEveryConnection.ts"
import { postgresTenantLine } from "./postgres/postgresTenantLine.ts"
import { postgresOldWays, redisOldWays } from "./oldWays.ts"
import { type OpenQueue, QueueBackend } from "./QueueBackend.ts"
import { askPostgres, askRedis, type QueueQuestions } from "./queueQuestions.ts"
import { checkRedis, type RedisUnusable } from "./redisServer.ts"
import { redisTenantLine } from "./redis/redisTenantLine.ts"
import { type OpenedWorker, TakingWorker } from "./TakingWorker.ts"
import { postgresTenantTraces, redisTenantTraces } from "./tenantTraces.ts"
import { troubleOf } from "./troubleOf.ts"
import { toKeep, workerSettings } from "./workerSettings.ts"

/** Closing waits for running jobs; what hangs longer than this is left to the end of the process. */
const closeLimit = Duration.seconds(5)

/** Connections per worker: two for acknowledging and renewing beside the one that listens. */
const workerConnections = 5
const queueConnections = 2

/** An opening that takes longer is tried again with new connections. */
const readyLimit = Duration.seconds(5)

const commandLimit = Duration.seconds(4)

/** A producer that waits longer than this for the server's answer is told that it is away. */
const addLimit = Duration.seconds(5)

/** BullMQ's own pauses grow to 20 s, in which a server that is back stays without its workers. */
const reconnectAfter = (attempt: number): number => Math.min(attempt * 250, 2_000)

interface Fallible {
  readonly on: (event: "error", listener: (error: Error) => void) => unknown
}

interface Closable extends Fallible {
  readonly close: () => Promise<void>
}

/**
 * Without an error listener Node would end the process when a connection breaks, and the listener stays on after
 * closing, when a last connection may still break. BullMQ reconnects by itself. One line per kind of error a minute.
 */
const listenForErrors = (what: string, fallible: Fallible): Effect.Effect<void> =>
  Effect.map(Effect.context<never>(), (context) => {
    const lastLogged = new Map<string, number>()
    fallible.on("error", (error) => {
      const kind = "code" in error && typeof error.code === "string" ? error.code : error.message
      if (Date.now() - (lastLogged.get(kind) ?? 0) < 60_000) return
      lastLogged.set(kind, Date.now())
      Effect.runForkWith(context)(Effect.logWarning(`${what}: connection trouble (${kind}); it is tried again`))
    })
  })

const messageOf = (cause: unknown): string => cause instanceof Error && cause.message !== "" ? cause.message : "unknown error"

/** A try that fails leaves no connection behind; a server that is away is waited for, saying so now and then. */
const openPatiently = <A>(queue: QueueName, open: Effect.Effect<A, JobQueueError, Scope.Scope>): Effect.Effect<A, JobQueueError, Scope.Scope> =>
  Effect.gen(function*() {
    const parent = yield* Effect.scope
    const attempt = Effect.gen(function*() {
      const scope = yield* Scope.fork(parent)
      return yield* open.pipe(Scope.provide(scope), Effect.onError(() => Scope.close(scope, Exit.void)))
    })
    return yield* waitFor(attempt, {
      comesBack: ({ cause }) => !(cause instanceof Error && cause.name === "SchemaMigrationRequiredError"),
      tell: (error) => `queue ${queue}: ${error.detail}. Waiting for it.`
    })
  })

const openWorker = <W extends OpenedWorker & Closable & { readonly waitUntilReady: () => Promise<unknown> }>(queue: QueueName, open: () => W) =>
  Effect.gen(function*() {
    const worker = yield* Effect.acquireRelease(
      Effect.try({
        try: open,
        catch: (cause) => new JobQueueError({ queue, kind: "refused", detail: "the worker could not be opened", cause })
      }),
      (worker) => Effect.promise(() => worker.close()).pipe(Effect.timeoutOption(closeLimit))
    )
    yield* listenForErrors(`queue ${queue}`, worker)
    // A worker that cannot reach its queue must not count as ready.
    yield* boundedCall({
      call: () => worker.waitUntilReady(),
      limit: readyLimit,
      failed: (cause) => new JobQueueError({ queue, kind: troubleOf(cause), detail: `its server cannot be used (${messageOf(cause)})`, cause }),
      late: () => new JobQueueError({ queue, kind: "no-answer", detail: "its server does not answer" })
    })
    return worker
  })

/** What is wrong with the job, and will be next time: PostgreSQL's classes 22 and 23, JSON's and BullMQ's own checks. */
const isRefusal = (cause: unknown): boolean => {
  if (cause instanceof TypeError) return true
  if (!(cause instanceof Error)) return false
  return "code" in cause
    ? typeof cause.code === "string" && /^2[23]...$/.test(cause.code)
    : /^(Custom Id|JobId|The size of job|Priority|Jitter)\b/.test(cause.message)
}

const openPlain = <Q extends Closable & { readonly waitUntilReady: () => Promise<unknown> }>(queue: QueueName, open: () => Q) =>
  Effect.gen(function*() {
    const plain = yield* Effect.acquireRelease(Effect.sync(open), (opened) => Effect.promise(() => opened.close()).pipe(Effect.timeoutOption(closeLimit)))
    yield* listenForErrors(`queue ${queue}`, plain)
    yield* boundedCall({
      call: () => plain.waitUntilReady(),
      limit: readyLimit,
      failed: (cause) => new JobProducerError({ queue, reason: "unavailable", detail: messageOf(cause), cause }),
      late: () => new JobProducerError({ queue, reason: "unavailable", detail: "its server does not answer" })
    })
    return plain
  })

const toQueue = <Q extends Closable & {
  readonly add: Queue["add"]
  readonly addBulk: Queue["addBulk"]
  readonly getJobCounts: Queue["getJobCounts"]
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
      raw: producer,
      add: (jobName, data, options) => Effect.flatMap(ask(() => producer.add(jobName, data, options), late), idOf),
      addMany: (jobs) => Effect.flatMap(ask(() => producer.addBulk([...jobs]), late), (added) => Effect.forEach(added, idOf)),
      alive: (jobIds) => ask(() => questions.alive(jobIds)),
      incarnation: ask(questions.incarnation),
      statistic: ask(async () => {
        const { active = 0, delayed = 0, failed = 0, prioritized = 0, waiting = 0 } = await producer.getJobCounts("waiting", "prioritized", "active", "delayed", "failed")
        const all = waiting + prioritized
        return { waiting: all, active, delayed, failed, oldestAt: all === 0 ? null : await questions.oldestAt() }
      })
    } satisfies OpenQueue
  })

/** On BullMQ's own tables in the schema `bullmq` of this database, and what taking turns needs: see `migrateQueueTables`. */
export const postgresBackend = (options: {
  readonly url: Redacted.Redacted<string>
  readonly retention: Retention
}): Layer.Layer<QueueBackend, never, SqlClient.SqlClient> => {
  const connection = (max: number) => ({ connectionString: Redacted.value(options.url), max, application_name: "tt-worker bullmq" })
  const keep = toKeep(options.retention)
  return Layer.effect(
    QueueBackend,
    Effect.gen(function*() {
      hearEveryConnection()
      const sql = yield* SqlClient.SqlClient
      return QueueBackend.of({
        openTaker: (queue) =>
          openPatiently(queue, Effect.map(
            openWorker(queue, () =>
              new TakingWorker(
                queue,
                null,
                { ...workerSettings, ...keep, connection: connection(workerConnections) },
                createPostgresBackend
              )),
            (worker) => ({ worker, line: postgresTenantLine({ queue, worker, sql, keepCompleted: keep.removeOnComplete }) })
          )),
        openQueue: (queue) => toQueue(queue, () => new Queue(queue, { connection: connection(queueConnections) }, createPostgresBackend), askPostgres),
        openForUpkeep: (queue) =>
          Effect.map(openPlain(queue, () => new Queue(queue, { connection: connection(queueConnections) }, createPostgresBackend)), (plain) => ({ plain, traces: postgresTenantTraces(plain), oldWays: postgresOldWays(plain) }))
      })
    })
  )
}

/** A connection of its own for the scripts, which tells at once when the server is away. */
const openLineConnection = (queue: QueueName, url: Redacted.Redacted<string>) =>
  Effect.gen(function*() {
    const redis = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Redis(Redacted.value(url), { lazyConnect: true, enableOfflineQueue: false, commandTimeout: Duration.toMillis(commandLimit), retryStrategy: reconnectAfter, maxRetriesPerRequest: 0 })),
      (redis) => Effect.sync(() => redis.disconnect())
    )
    yield* listenForErrors(`queue ${queue}`, redis)
    yield* boundedCall({
      call: () => redis.connect(),
      limit: readyLimit,
      failed: (cause) => new JobQueueError({ queue, kind: troubleOf(cause), detail: `its server cannot be used (${messageOf(cause)})`, cause }),
      late: () => new JobQueueError({ queue, kind: "no-answer", detail: "its server does not answer" })
    })
    return redis
  })

/** BullMQ on Redis through ioredis. Run it with `maxmemory-policy noeviction` and `appendonly yes`. */
export const redisBackend = (options: {
  readonly url: Redacted.Redacted<string>
  readonly label: string
  /** Wait for a Redis that is not there yet, rather than fail. */
  readonly waits: boolean
  readonly retention: Retention
}): Layer.Layer<QueueBackend, RedisUnusable> => {
  const connection = (maxRetriesPerRequest: number | null) =>
    // Its version and eviction policy have been looked at; BullMQ would write its opinion to the console.
    ({ url: Redacted.value(options.url), retryStrategy: reconnectAfter, maxRetriesPerRequest, skipVersionCheck: true })
  const keep = toKeep(options.retention)
  return Layer.effect(QueueBackend, Effect.as(checkRedis(options), QueueBackend.of({
    openTaker: (queue) =>
      openPatiently(queue, Effect.gen(function*() {
        const redis = yield* openLineConnection(queue, options.url)
        const worker = yield* openWorker(queue, () =>
          new TakingWorker<RedisQueueBackend, ConnectionOptions>(queue, null, { ...workerSettings, ...keep, connection: connection(null) }))
        return { worker, line: redisTenantLine({ queue, worker, redis, keepCompleted: keep.removeOnComplete }) }
      })),
    // A producer is told at once that Redis is away, rather than waiting until it is back.
    openQueue: (queue) => toQueue(queue, () => new Queue(queue, { connection: connection(1) }), askRedis),
    openForUpkeep: (queue) =>
      Effect.map(openPlain(queue, () => new Queue(queue, { connection: connection(1) })), (plain) => ({ plain, traces: redisTenantTraces(plain), oldWays: redisOldWays(plain) }))
  })))
}
