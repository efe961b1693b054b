import { assert, layer } from "@effect/vitest"
import { Queue as Queue5 } from "bullmq5"
import { Effect, Layer, Logger, Redacted } from "effect"
import { redisBackend } from "../../../layers/bullmq/backends.ts"
import { BullmqJobQueues } from "../../../layers/bullmq/BullmqJobQueue.ts"
import { BullmqOldQueues } from "../../../layers/bullmq/BullmqOldQueues.ts"
import { PostgresQueueControls } from "../../../layers/postgres/PostgresQueueControls.ts"
import { tellOldWays } from "../../../programs/moving-in/tellOldWays.ts"
import { QUEUE_NAMES, type QueueName } from "../../../src/contract/index.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { migrateQueue } from "../../../src/moving/migrateQueue.ts"
import { JobQueues } from "../../../src/services/JobQueue.ts"
import { QueueControls } from "../../../src/services/QueueControls.ts"
import { Schedules, ScheduleTarget } from "../../../src/services/Schedules.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { OwnRedis } from "../../support/ownRedis.ts"

/** The queue as an API on BullMQ 5 has it. */
const open5 = (name: QueueName) =>
  Effect.acquireRelease(
    OwnRedis.useSync(({ url }) => new Queue5(name, { connection: { url: Redacted.value(url) } })),
    (queue) => Effect.promise(() => queue.close())
  )

const everything = Layer.mergeAll(BullmqOldQueues, BullmqJobQueues).pipe(
  Layer.provide(Layer.unwrap(Effect.map(OwnRedis, ({ url }) => redisBackend({ url, label: "own Redis", waits: true, retention: defaultRetention })))),
  Layer.provideMerge(Layer.mergeAll(OwnRedis.layer, PostgresQueueControls.pipe(Layer.provideMerge(newOutboxTables), Layer.provide(OwnPostgres.layer)))),
  Layer.orDie
)

const rules = { holder: "a-process", tenantLimit: null, pausedTenants: new Set<string>() }
const apply = { apply: true, by: "ann" }

layer(everything, { excludeTestServices: true, timeout: "60 seconds" })("what BullMQ 5 has left in a queue", (it) => {
  it.effect("a pause is shown, told at start, and taken over: no job is lost, the order stays, and the queue stays paused by our own row", () =>
    Effect.gen(function*() {
      const name = QUEUE_NAMES.INVOICE_PROCESSING
      const queue = yield* open5(name)
      const add = (invoiceId: string) => Effect.promise(() => queue.add("process", { tenantId: "t1", invoiceId }, { jobId: invoiceId }))
      yield* add("before-1")
      yield* add("before-2")
      yield* Effect.promise(() => queue.pause())
      yield* add("after")

      const said: Array<string> = []
      yield* tellOldWays(name).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])))
      assert.lengthOf(said, 1)
      assert.include(said[0], "3 jobs set aside")
      assert.include(said[0], "migrate-queues --apply")

      const shown = yield* migrateQueue(name, { apply: false, by: "ann" })
      assert.deepStrictEqual(shown.map(({ outcome }) => outcome), ["would be taken over, and stay paused"])
      assert.isTrue(yield* Effect.promise(() => queue.isPaused()))

      const steps = yield* migrateQueue(name, apply)
      assert.include(steps[0]?.outcome, "3 jobs wait again")
      assert.isFalse(yield* Effect.promise(() => queue.isPaused()))
      const controls = yield* (yield* QueueControls).read
      assert.isTrue(controls.pausedQueues.has(name))
      assert.deepStrictEqual(yield* migrateQueue(name, apply), [])

      const jobs = yield* (yield* JobQueues).open(name)
      const taken: Array<string> = []
      for (let round = 0; taken.length < 3 && round < 10; round++) {
        const taking = yield* jobs.take(1, rules)
        assert.isFalse(taking.pausedByOthers)
        for (const job of taking.jobs) {
          taken.push(job.attempt.jobId)
          yield* jobs.acknowledge(job, Verdict.Complete({ summary: {} }))
        }
      }
      assert.deepStrictEqual(taken, ["before-1", "before-2", "after"])
    }))

  it.effect("repeatable jobs become schedules with the data of their next tick, once; what has lost its data is shown and left", () =>
    Effect.gen(function*() {
      const name = QUEUE_NAMES.EMAIL_SYNC
      const queue = yield* open5(name)
      yield* Effect.promise(async () => {
        await queue.add("sync", { tenantId: "t1" }, { repeat: { every: 300_000 } })
        await queue.add("nightly", { tenantId: "t2" }, { repeat: { pattern: "30 3 * * *", tz: "Europe/Paris" } })
        await queue.add("lost", {}, { repeat: { pattern: "0 4 * * *" } })
        await queue.upsertJobScheduler("today", { every: 600_000 }, { data: { tenantId: "t3" } })
      })
      const shown = yield* migrateQueue(name, { apply: false, by: "ann" })
      assert.sameMembers(shown.map(({ outcome, what }) => `${what}: ${outcome}`), [
        "repeat sync: every 300 s: would become a schedule",
        "repeat nightly: 30 3 * * * Europe/Paris: would become a schedule",
        "repeat lost: 0 4 * * * UTC: left alone: its data are lost: no tick with them is left"
      ])
      yield* migrateQueue(name, apply)

      const schedules = yield* Schedules
      const [sync] = yield* schedules.list(TenantId.make("t1"))
      assert.deepInclude(sync?.spec, { type: "interval", everySeconds: 300 })
      assert.deepInclude(sync?.target, { queue: name, data: { tenantId: "t1" } })
      const [nightly] = yield* schedules.list(TenantId.make("t2"))
      assert.deepInclude(nightly?.spec, { type: "cron", cron: "30 3 * * *", timeZone: "Europe/Paris" })

      const left = yield* Effect.promise(() => queue.getDelayed())
      assert.sameMembers(left.map(({ data }) => JSON.stringify(data)).filter((data) => !data.includes("t3")), ["{}"])
      assert.lengthOf(yield* migrateQueue(name, apply), 1, "only what was left alone")
      assert.isNotNull(yield* Effect.promise(() => queue.getJobScheduler("today")), "a job scheduler of today is none of this command's business")
    }))

  it.effect("a repeatable job that the worker's own schedules make needless is removed, with the reason", () =>
    Effect.gen(function*() {
      const name = QUEUE_NAMES.AUTOMATION
      const queue = yield* open5(name)
      yield* Effect.promise(async () => {
        await queue.add("tick", { tenantId: "t4", tenantUserId: "u1" }, { repeat: { every: 60_000 } })
        await queue.add("tick", { tenantId: "t4", tenantUserId: "u2" }, { repeat: { every: 61_000 } })
      })
      const schedules = yield* Schedules
      yield* schedules.register([{
        kind: "automation",
        key: "t4/u1/a",
        tenantId: TenantId.make("t4"),
        target: ScheduleTarget.Job({ queue: name, data: { tenantId: "t4", tenantUserId: "u1", automation: "a" } }),
        spec: { type: "interval", everySeconds: 86_400, spread: false },
        catchUp: "skip",
        enabled: true
      }])
      const steps = yield* migrateQueue(name, apply)
      assert.sameMembers(steps.map(({ outcome, what }) => `${what}: ${outcome.replace(/\/.*/, "")}`), [
        "repeat tick: every 60 s: removed: the worker's own schedules do this already, by the tenant's settings",
        "repeat tick: every 61 s: schedule moved-in"
      ])
      assert.deepStrictEqual(yield* migrateQueue(name, apply), [])
    }))
})
