import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Worker } from "bullmq"
import { Console, Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Redis } from "ioredis"
import { redisBackend } from "../layers/bullmq/backends.ts"
import { BullmqProducer } from "../layers/bullmq/BullmqProducer.ts"
import { relayOutbox } from "../programs/outbox/relay.ts"
import { defaultRetention } from "../src/domain/limits.ts"
import { QUEUE_NAMES } from "../src/contract/index.ts"
import { JobOutbox } from "../src/services/JobOutbox.ts"
import { newOutboxTables } from "../test/support/outboxTables.ts"
import { OwnRedis } from "../test/support/ownRedis.ts"
import { durablePostgres } from "./support/durablePostgres.ts"
import { percentiles } from "./support/percentiles.ts"

/**
 * How long after the commit of a business change its job is in Redis, and at work: `npm run bench:outbox`. Needs
 * redis-server. One relay, PostgreSQL with fsync, everything on this machine.
 */
const queue = QUEUE_NAMES.AUTOMATION
const rounds = 500

const program = Effect.gen(function*() {
  const { url } = yield* OwnRedis
  const sql = yield* SqlClient.SqlClient
  const outbox = yield* JobOutbox
  yield* outbox.announceBackend("redis")
  const producer = yield* Layer.build(Layer.provide(BullmqProducer, redisBackend({ url, label: "own", waits: true, retention: defaultRetention })))
  yield* Effect.forkScoped(Effect.provide(relayOutbox, producer))
  const redis = yield* Effect.acquireRelease(Effect.sync(() => new Redis(Redacted.value(url))), (redis) => Effect.sync(() => redis.disconnect()))

  const commit = (jobId: string) =>
    sql.withTransaction(
      sql`INSERT INTO projects (id, "tenantId") VALUES (${jobId}, 't')`.pipe(
        Effect.andThen(outbox.enqueue(queue, { tenantId: "t", tenantUserId: "u" }, { jobId }))
      )
    ).pipe(Effect.andThen(Effect.sync(() => performance.now())))

  const visible = (jobId: string) =>
    Effect.promise(async () => {
      while (await redis.exists(`bull:${queue}:${jobId}`) === 0) await new Promise((resolve) => setImmediate(resolve))
      return performance.now()
    })

  const measure = Effect.fnUntraced(function*(prefix: string, pause: number, end: (jobId: string) => Effect.Effect<number>) {
    const figures: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const jobId = `${prefix}-${round}`
      const committed = yield* commit(jobId)
      figures.push(Math.max(0, (yield* end(jobId)) - committed))
      yield* Effect.sleep(pause)
    }
    return figures.slice(20)
  })

  yield* Console.log(`commit to job in Redis: ${percentiles(yield* measure("in-redis", 5, visible))}`)

  const started = new Map<string, number>()
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      new Worker(queue, async (job) => void started.set(job.id ?? "", performance.now()), { connection: { url: Redacted.value(url), maxRetriesPerRequest: null } })
    ),
    (worker) => Effect.promise(() => worker.close(true))
  )
  const atWork = (jobId: string): Effect.Effect<number> =>
    Effect.promise(async () => {
      for (;;) {
        const at = started.get(jobId)
        if (at !== undefined) return at
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
  yield* Effect.sleep("1 second")
  yield* Console.log(`commit to job at work:  ${percentiles(yield* measure("at-work", 5, atWork))}`)

  const began = performance.now()
  const jobs = Array.from({ length: 20_000 }, (_, index) => ({ data: { tenantId: "t", tenantUserId: "u" }, jobId: `many-${index}` }))
  for (let from = 0; from < jobs.length; from += 1000) yield* outbox.enqueueMany(queue, jobs.slice(from, from + 1000))
  const written = performance.now()
  for (;;) {
    const [row] = yield* sql<{ readonly left: number }>`SELECT count(*)::int AS left FROM tt_worker.outbox`
    if (row?.left === 0) break
    yield* Effect.sleep("20 millis")
  }
  yield* Console.log(`20,000 jobs: written in ${Math.round(written - began)} ms, in the queue ${Math.round(performance.now() - written)} ms later`)
}).pipe(Effect.scoped, Effect.provide(newOutboxTables), Effect.provide(Layer.merge(durablePostgres, OwnRedis.layer)))

NodeRuntime.runMain(program)
