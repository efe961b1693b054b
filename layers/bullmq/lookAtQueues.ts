import { Duration, Effect, Layer, type Redacted } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { Retention } from "../../src/domain/Retention.ts"
import type { Problem, Seen } from "../../src/services/Dependencies.ts"
import { JobProducer, type JobProducerError } from "../../src/services/JobProducer.ts"
import { QueueStatistics } from "../../src/services/QueueStatistics.ts"
import { redisBackend } from "./backends.ts"
import { BullmqProducer } from "./BullmqProducer.ts"
import { BullmqQueueStatistics } from "./BullmqQueueStatistics.ts"
import { inspectRedis, type RedisFacts, type RedisUnusable } from "./redisServer.ts"

/** BullMQ's own minimum is older; what it recommends is this (docs.bullmq.io, "Redis compatibility"). */
const oldestRedis = 6.2

const problemsOfRedis = ({ appendOnly, maxMemory, policy, usedMemory, version }: RedisFacts): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  if (Number.parseFloat(version) < oldestRedis) problems.push({ what: `Redis ${version} is too old`, fix: `BullMQ needs ${oldestRedis} or newer`, serious: true })
  if (policy !== "noeviction") {
    problems.push({ what: `maxmemory-policy is ${policy}: when memory is full, jobs are thrown away`, fix: "CONFIG SET maxmemory-policy noeviction, and in redis.conf", serious: true })
  }
  if (!appendOnly) problems.push({ what: "appendonly is off: a crash loses the jobs since the last snapshot", fix: "CONFIG SET appendonly yes, and in redis.conf; the worker enqueues what was lost again, after a minute", serious: false })
  if (maxMemory > 0 && usedMemory > 0.9 * maxMemory) {
    problems.push({ what: `${Math.round(100 * usedMemory / maxMemory)} % of maxmemory is used`, fix: "raise maxmemory, or keep fewer finished jobs (KEEP_COMPLETED_COUNT, KEEP_FAILED_COUNT)", serious: false })
  }
  return problems
}

const problemOf = (error: JobProducerError, migrateOnStart: boolean): Problem => {
  if (error.cause instanceof Error && error.cause.name === "SchemaMigrationRequiredError") {
    return { what: "BullMQ's tables are missing or old", fix: migrateOnStart ? "the next start brings them up to date; `tt-worker migrate` does so now" : "run `tt-worker migrate`", serious: !migrateOnStart }
  }
  if (/\bOOM\b/.test(error.detail)) {
    return { what: "Redis is full: it takes no more jobs, and running ones cannot be ended", fix: "raise maxmemory (CONFIG SET maxmemory …), or see what else fills it; jobs go on by themselves then", serious: true }
  }
  return { what: error.message, fix: "see that the server runs, and what this user may do there (see REDIS_URL, DATABASE_URL)", serious: true }
}

/** Counts a queue, and writes its incarnation as the worker does; that mark is all that it changes. */
export const lookAtQueues = (options: { readonly migrateOnStart: boolean }): Effect.Effect<Seen, never, QueueStatistics | JobProducer> =>
  Effect.gen(function*() {
    const statistics = yield* QueueStatistics
    const producer = yield* JobProducer
    yield* statistics.of(QUEUE_NAMES.INVOICE_PROCESSING)
    const [took, { waiting }] = yield* Effect.timed(statistics.of(QUEUE_NAMES.INVOICE_PROCESSING))
    yield* producer.incarnation(QUEUE_NAMES.INVOICE_PROCESSING)
    return { version: null, millis: Duration.toMillis(took), works: ["read", "write", `${waiting} ${waiting === 1 ? "invoice waits" : "invoices wait"}`], problems: [] }
  }).pipe(
    Effect.catch((error) => Effect.succeed({ version: null, millis: null, works: [], problems: [problemOf(error, options.migrateOnStart)] }))
  )

/** The same on Redis, with what of its settings decides whether jobs are safe in it. */
export const lookAtRedis = (options: { readonly url: Redacted.Redacted<string>; readonly label: string; readonly retention: Retention }): Effect.Effect<Seen, RedisUnusable> =>
  Effect.gen(function*() {
    const facts = yield* inspectRedis(options)
    const services = Layer.merge(BullmqProducer, BullmqQueueStatistics).pipe(Layer.provide(redisBackend({ ...options, waits: false })))
    const seen = yield* Effect.provide(lookAtQueues({ migrateOnStart: false }), services)
    return { ...seen, version: facts.version, problems: [...problemsOfRedis(facts), ...seen.problems] }
  })
