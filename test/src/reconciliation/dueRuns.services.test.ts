import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Logger, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { relayOutbox } from "../../../programs/outbox/relay.ts"
import { runReconciler } from "../../../programs/reconciler/runReconciler.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { ScheduledRun } from "../../../src/domain/ScheduledRun.ts"
import { DueRuns } from "../../../src/services/DueRuns.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { JobProducer } from "../../../src/services/JobProducer.ts"
import { RunOutcome, Schedules, ScheduleTarget } from "../../../src/services/Schedules.ts"
import { onRedis } from "../../layers/bullmq/QueueServer.ts"
import { makeQueues, pass } from "../../support/lostJobs.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { registration, setNextRun } from "../../support/scheduleTables.ts"
import { until } from "../../support/until.ts"

const decodeRun = Schema.decodeUnknownEffect(Schema.Struct({ scheduled: ScheduledRun }))
const lease = Duration.minutes(1)

layer(Layer.mergeAll(OwnPostgres.layer, onRedis, Logger.layer([])), { excludeTestServices: true })("a Redis that is emptied while due runs wait in it", (it) => {
  it.effect("loses none: each that has not ended has one job again, found by its worker as the same run; ended ones have none", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const schedules = yield* Schedules
      const dueRuns = yield* DueRuns
      const { place, producer } = yield* makeQueues
      const mail = yield* place.openQueue(QUEUE_NAMES.EMAIL_SYNC)
      yield* JobOutbox.use(({ announceBackend }) => announceBackend("redis"))
      yield* Effect.forkScoped(Effect.provideService(relayOutbox, JobProducer, producer))
      const waiting = Effect.promise(async () => (await mail.getJobs(["wait", "prioritized"], 0, -1, true)).map(({ data, id }) => ({ id: id ?? "", data })))

      const tenants = ["a", "b", "c"].map((id) => TenantId.make(id))
      yield* schedules.register(tenants.flatMap((tenantId) =>
        Array.from({ length: 10 }, (_, n) => registration({ key: `${tenantId}/${n}`, tenantId, target: ScheduleTarget.Job({ queue: "email-sync", data: { tenantId } }) }))))
      yield* setNextRun("", DateTime.subtractDuration(yield* DateTime.now, Duration.hours(1)))
      yield* dueRuns.enqueueDue({ limit: 100, by: "test" })
      const before = yield* until(waiting, ({ length }) => length === 30)

      // Some have ended, one is at work.
      const runOf = (job: { readonly data: unknown }) => Effect.map(decodeRun(job.data), ({ scheduled }) => scheduled)
      const tenantOf = (job: { readonly data: { readonly tenantId?: unknown } }) => TenantId.make(String(job.data.tenantId))
      for (const job of before.slice(0, 5)) {
        assert.strictEqual(yield* schedules.begin(tenantOf(job), yield* runOf(job), job.id, lease), "begun")
        yield* schedules.finish(tenantOf(job), yield* runOf(job), job.id, RunOutcome.Done())
      }
      const [atWork] = before.slice(5)
      if (atWork === undefined) return yield* Effect.die("no job")
      yield* schedules.begin(tenantOf(atWork), yield* runOf(atWork), atWork.id, lease)

      yield* place.flush
      yield* sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = now() - interval '31 seconds'`
      for (let replica = 0; replica < 2; replica++) yield* runReconciler.pipe(Effect.provideService(JobProducer, producer), Effect.forkScoped)
      const after = yield* until(waiting, ({ length }) => length >= 24, 20_000)
      assert.lengthOf(after, 24)
      assert.deepStrictEqual(new Set(after.map(({ data }) => JSON.stringify(data))), new Set(before.slice(6).map(({ data }) => JSON.stringify(data))))

      // The holder of the last one has died with its job: its turn comes when its lease is over. The others' jobs are alive.
      yield* pass("2 minutes")
      const last = yield* until(waiting, ({ length }) => length >= 25, 20_000)
      yield* Effect.sleep("16 seconds")
      assert.lengthOf(yield* waiting, 25)
      const again = last.find(({ data }) => JSON.stringify(data) === JSON.stringify(atWork.data))
      if (again === undefined) return yield* Effect.die("it did not come back")
      assert.strictEqual(yield* schedules.begin(tenantOf(again), yield* runOf(again), again.id, lease), "begun")
    }).pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped), 120_000)
})
