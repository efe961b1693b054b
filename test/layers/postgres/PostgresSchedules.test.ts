import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Option } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { TenantId } from "../../../src/domain/ids.ts"
import { scheduledRunOf } from "../../../src/domain/ScheduledRun.ts"
import { DueRuns } from "../../../src/services/DueRuns.ts"
import { RunOutcome, Schedules, ScheduleTarget } from "../../../src/services/Schedules.ts"
import { ledger, ownSchedules, registration, setNextRun } from "../../support/scheduleTables.ts"

const tenantId = TenantId.make("tenant-1")
const by = "test"
const lease = Duration.seconds(30)
const hourAgo = Effect.map(DateTime.now, (now) => DateTime.subtractDuration(DateTime.startOf(now, "hour"), "3 hours"))

/** Each test begins with empty tables. */
const emptied = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`TRUNCATE tt_worker.schedules, tt_worker.occurrences, ledger`
  return { schedules: yield* Schedules, dueRuns: yield* DueRuns, sql }
})
const enqueueDue = DueRuns.use((dueRuns) => dueRuns.enqueueDue({ limit: 1000, by }))

/** The run that the first job in the ledger carries. */
const firstRun = Effect.gen(function*() {
  const [job] = yield* ledger
  return job === undefined ? yield* Effect.die("no job") : { job, run: Option.getOrThrow(scheduledRunOf(job.data)) }
})
const dueOnce = Effect.gen(function*() {
  yield* Schedules.use((schedules) => schedules.register([registration()]))
  yield* setNextRun("", yield* hourAgo)
  yield* enqueueDue
  return yield* firstRun
})
const nextRuns = Effect.map(Schedules.use((schedules) => schedules.list(tenantId)), (list) => list.map(({ nextRunAt }) => nextRunAt))

layer(ownSchedules, { excludeTestServices: true })("schedules", (it) => {
  it.effect("are listed for their tenant and nobody else, with the next run on the grid", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      const other = TenantId.make("tenant-2")
      assert.strictEqual(yield* schedules.register([registration(), registration({ key: "b", tenantId: other }), registration({ key: "c", tenantId: null, target: ScheduleTarget.Task({ name: "tidy" }) })]), 3)
      const [listed, ...rest] = yield* schedules.list(tenantId)
      assert.isEmpty(rest)
      assert.deepInclude(listed, { ...registration(), lastRunAt: null, fault: null })
      const now = yield* DateTime.now
      const expected = DateTime.addDuration(DateTime.startOf(now, "hour"), "1 hour")
      assert.strictEqual(DateTime.formatIso(listed?.nextRunAt ?? now), DateTime.formatIso(expected))
      assert.deepStrictEqual((yield* schedules.list(null)).map(({ target }) => target), [ScheduleTarget.Task({ name: "tidy" })])
    }))

  it.effect("stay as they are when they are registered again, at every start of every replica", () =>
    Effect.gen(function*() {
      const { schedules, sql } = yield* emptied
      yield* schedules.register([registration()])
      yield* setNextRun("", yield* hourAgo)
      const rows = sql`SELECT to_jsonb(s) AS row, xmin::text FROM tt_worker.schedules s`
      const before = yield* rows
      const counts = yield* Effect.forEach([1, 2, 3, 4], () => schedules.register([registration()]), { concurrency: "unbounded" })
      assert.deepStrictEqual(counts, [0, 0, 0, 0])
      assert.deepStrictEqual(yield* rows, before, "not even a new version of the row")
    }))

  it.effect("keep their next run when only the data changes, and take a new one when the cron does", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      yield* schedules.register([registration()])
      const past = yield* hourAgo
      yield* setNextRun("", past)
      assert.strictEqual(yield* schedules.register([registration({ target: ScheduleTarget.Job({ queue: "email-sync", data: { tenantId, mailbox: 2 } }) })]), 1)
      assert.deepStrictEqual(yield* nextRuns, [past])
      yield* schedules.register([registration({ spec: { type: "interval", everySeconds: 60, spread: true } })])
      const [next] = yield* nextRuns
      assert.isTrue(DateTime.isFutureUnsafe(next ?? past), "what was missed under the old plan is not made up for under the new one")
    }))

  it.effect("do nothing while they are disabled, and make up for nothing of that time", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      yield* schedules.register([registration({ catchUp: "each" })])
      yield* setNextRun("", yield* hourAgo)
      yield* schedules.register([registration({ catchUp: "each", enabled: false })])
      assert.deepStrictEqual(yield* nextRuns, [null])
      assert.strictEqual((yield* enqueueDue).taken, 0)
      yield* schedules.register([registration({ catchUp: "each" })])
      assert.strictEqual((yield* enqueueDue).taken, 0)
      assert.isNotNull((yield* nextRuns)[0])
    }))

  it.effect("are removed by key, by the beginning of the key, by kind and by tenant, never another tenant's", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      const all = ["user-1/a", "user-1/b", "user-10/a", "user-2/a"].map((key) => registration({ kind: "automation", key }))
      yield* schedules.register([...all, registration(), registration({ kind: "automation", key: "user-1/z", tenantId: TenantId.make("tenant-2") })])
      assert.strictEqual(yield* schedules.remove(TenantId.make("tenant-2"), { kind: "automation", key: "user-1/a" }), 0)
      assert.strictEqual(yield* schedules.remove(tenantId, { kind: "automation", keyPrefix: "user-1/" }), 2)
      assert.deepStrictEqual((yield* schedules.list(tenantId)).map(({ key }) => key), ["user-10/a", "user-2/a", "mailbox-1"])
      assert.strictEqual(yield* schedules.remove(tenantId, { kind: "automation", key: "user-2/a" }), 1)
      assert.strictEqual(yield* schedules.remove(tenantId, { kind: "automation" }), 1)
      assert.strictEqual(yield* schedules.remove(tenantId, {}), 1)
      assert.lengthOf(yield* schedules.list(TenantId.make("tenant-2")), 1)
    }))

  it.effect("are refused where the plan cannot be read, a day never comes or the key is another tenant's; then nothing of the list is kept", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      yield* schedules.register([registration()])
      const refused = (change: Parameters<typeof registration>[0]) => Effect.flip(schedules.register([registration({ key: "fine" }), registration(change)]))
      for (const spec of [
        { type: "cron", cron: "0 25 * * *", timeZone: "Europe/Paris" },
        { type: "cron", cron: "0 0 31 2 *", timeZone: "Europe/Paris" },
        { type: "cron", cron: "0 9 * * *", timeZone: "Europe/Pari" },
        { type: "interval", everySeconds: 0, spread: true }
      ] as const) {
        const error = yield* refused({ key: "bad", spec })
        assert.strictEqual(error.reason, "invalid")
        assert.include(error.message, "email-sync/bad")
      }
      const foreign = yield* refused({ tenantId: TenantId.make("tenant-2") })
      assert.strictEqual(foreign.reason, "foreign")
      assert.include(foreign.message, "email-sync/mailbox-1")
      assert.deepStrictEqual((yield* schedules.list(tenantId)).map(({ key }) => key), ["mailbox-1"])
    }))

  it.effect("wake the scheduler when one is registered", () =>
    Effect.gen(function*() {
      const { dueRuns, schedules } = yield* emptied
      const heard = yield* dueRuns.changed
      const fiber = yield* Effect.forkChild(heard)
      yield* Effect.sleep("50 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* schedules.register([registration()])
      yield* Fiber.join(fiber).pipe(Effect.timeout("5 seconds"))
    }).pipe(Effect.scoped))
})

layer(ownSchedules, { excludeTestServices: true })("a due run", (it) => {
  it.effect("becomes one job that carries it, and the schedule moves on", () =>
    Effect.gen(function*() {
      yield* emptied
      const { job, run } = yield* dueOnce
      assert.deepInclude(job, { queue: "email-sync", tenant: "tenant-1" })
      assert.strictEqual(job.data["tenantId"], "tenant-1")
      assert.match(job.jobId, /^email-sync-[0-9a-f]{32}-\d{13}$/)
      const hour = DateTime.startOf(yield* DateTime.now, "hour")
      assert.strictEqual(DateTime.formatIso(run.at), DateTime.formatIso(hour))
      assert.strictEqual(run.missed, 3, "it stands for the three hours before")
      assert.deepInclude(yield* enqueueDue, { taken: 0, enqueued: 0 })
      assert.deepStrictEqual((yield* nextRuns).map((next) => next === null ? null : DateTime.formatIso(next)), [DateTime.formatIso(DateTime.addDuration(hour, "1 hour"))])
      assert.lengthOf(yield* ledger, 1)
    }))

  it.effect("is not enqueued again when its schedule is removed and registered again, or put back", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      const { run } = yield* dueOnce
      yield* schedules.remove(tenantId, {})
      yield* schedules.register([registration()])
      yield* setNextRun("", run.at)
      assert.deepInclude(yield* enqueueDue, { taken: 1, enqueued: 0 })
      assert.lengthOf(yield* ledger, 1)
    }))

  it.effect("is enqueued with its record or not at all: where the queue refuses, the schedule is still due", () =>
    Effect.gen(function*() {
      const { schedules, sql } = yield* emptied
      yield* schedules.register([registration()])
      yield* setNextRun("", yield* hourAgo)
      yield* sql`ALTER TABLE ledger ADD CONSTRAINT full_up CHECK (queue <> 'email-sync') NOT VALID`
      const error = yield* Effect.flip(enqueueDue).pipe(Effect.ensuring(Effect.orDie(sql`ALTER TABLE ledger DROP CONSTRAINT full_up`)))
      assert.include(error.message, "due runs could not be enqueued")
      assert.isEmpty(yield* sql`SELECT 1 FROM tt_worker.occurrences`)
      assert.deepInclude(yield* enqueueDue, { taken: 1, enqueued: 1 })
    }))

  it.effect("that is skipped leaves one record, which says how many there were", () =>
    Effect.gen(function*() {
      const { schedules, sql } = yield* emptied
      yield* schedules.register([registration({ catchUp: "skip", spec: { type: "cron", cron: "0 0 1 1 *", timeZone: "UTC" } })])
      yield* setNextRun("", DateTime.makeUnsafe("2020-01-01T00:00Z"))
      const { enqueued, skipped } = yield* enqueueDue
      const years = (yield* DateTime.now).pipe(DateTime.getPartUtc("year")) - 2019
      assert.deepStrictEqual({ enqueued, skipped }, { enqueued: 0, skipped: years })
      assert.deepStrictEqual(yield* sql`SELECT state, missed FROM tt_worker.occurrences`, [{ state: "missed", missed: years }])
    }))

  it.effect("is made up for in order, a few each second, where each counts", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      yield* schedules.register([registration({ catchUp: "each" })])
      const now = yield* DateTime.now
      yield* setNextRun("", DateTime.subtractDuration(DateTime.startOf(now, "hour"), "29 hours"))
      assert.deepInclude(yield* enqueueDue, { enqueued: 20 })
      assert.deepInclude(yield* enqueueDue, { taken: 0 }, "not before a second is over")
      yield* Effect.sleep("1100 millis")
      assert.deepInclude(yield* enqueueDue, { enqueued: 10 })
      const times = (yield* ledger).map(({ data }) => data.scheduled.at)
      assert.lengthOf(new Set(times), 30)
      assert.deepStrictEqual(times, [...times].sort())
    }))

  it.effect("of a row that nobody can read stops that schedule and no other", () =>
    Effect.gen(function*() {
      const { schedules, sql } = yield* emptied
      yield* schedules.register([registration(), registration({ key: "broken" })])
      yield* setNextRun("", yield* hourAgo)
      yield* sql`UPDATE tt_worker.schedules SET spec = '{"type": "moon"}' WHERE key = 'broken'`
      assert.deepInclude(yield* enqueueDue, { taken: 2, enqueued: 1, faults: ["email-sync/broken"] })
      assert.deepInclude(yield* enqueueDue, { taken: 0 })
      assert.strictEqual(yield* schedules.register([registration({ key: "broken" })]), 1)
      assert.isTrue((yield* schedules.list(tenantId)).every(({ fault, nextRunAt }) => fault === null && nextRunAt !== null))
    }))

  it.effect("may be worked on by one holder at a time, and is over when it is done", () =>
    Effect.gen(function*() {
      const { schedules } = yield* emptied
      const { run } = yield* dueOnce
      assert.strictEqual(yield* schedules.begin(tenantId, run, "a", lease), "begun")
      assert.strictEqual(yield* schedules.begin(tenantId, run, "a", lease), "begun", "the same one again")
      assert.strictEqual(yield* schedules.begin(tenantId, run, "b", lease), "busy")
      assert.isFalse(yield* schedules.finish(tenantId, run, "b", RunOutcome.Done()))
      assert.isFalse(yield* schedules.finish(TenantId.make("tenant-2"), run, "a", RunOutcome.Done()))
      assert.isTrue(yield* schedules.finish(tenantId, run, "a", RunOutcome.Failed({ reason: "the mailbox is full" })))
      assert.strictEqual(yield* schedules.begin(tenantId, run, "b", Duration.millis(1)), "begun", "tried again from the dashboard")
      yield* Effect.sleep("20 millis")
      assert.strictEqual(yield* schedules.begin(tenantId, run, "c", lease), "begun", "the lease of the other is over")
      assert.isTrue(yield* schedules.finish(tenantId, run, "c", RunOutcome.Done()))
      assert.isFalse(yield* schedules.finish(tenantId, run, "c", RunOutcome.Failed({ reason: "late" })))
      assert.strictEqual(yield* schedules.begin(tenantId, run, "a", lease), "finished")
      assert.strictEqual(yield* schedules.begin(tenantId, { ...run, at: DateTime.makeUnsafe(0) }, "a", lease), "unknown")
    }))

  it.effect("that its queue has lost is found and enqueued again, once, under another job id", () =>
    Effect.gen(function*() {
      const { dueRuns, schedules, sql } = yield* emptied
      const { job, run } = yield* dueOnce
      yield* schedules.remove(tenantId, {})
      assert.isEmpty(yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 10 }))
      yield* sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = now() - interval '2 minutes'`
      yield* schedules.begin(tenantId, run, "a", lease)
      assert.isEmpty(yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 10 }), "somebody is at it")
      yield* sql`UPDATE tt_worker.occurrences SET "leaseUntil" = now() - interval '1 second'`
      const open = yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 10 })
      assert.deepStrictEqual(open, [{ schedule: run.schedule, at: run.at, tenantId, queue: "email-sync", jobId: job.jobId }])
      const counts = yield* Effect.forEach([1, 2, 3], () => dueRuns.enqueueAgain(open), { concurrency: "unbounded" })
      assert.deepStrictEqual(counts.sort(), [0, 0, 1])
      assert.deepStrictEqual((yield* ledger).map(({ data, jobId }) => [jobId, data]), [[job.jobId, job.data], [`${job.jobId}-2`, job.data]])
      yield* schedules.finish(tenantId, run, `${job.jobId}-2`, RunOutcome.Done())
      yield* sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = now() - interval '2 minutes'`
      assert.isEmpty(yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 10 }))
    }))

  it.effect("whose job was found alive is looked at after the others, and not again for a while", () =>
    Effect.gen(function*() {
      const { dueRuns, schedules, sql } = yield* emptied
      yield* schedules.register(["a", "b", "c"].map((key) => registration({ key })))
      yield* setNextRun("", yield* hourAgo)
      yield* dueRuns.enqueueDue({ limit: 10, by })
      yield* sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = now() - interval '2 minutes'`
      const first = yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 2 })
      yield* dueRuns.recordAlive(first)
      const [second, ...none] = yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 2 })
      assert.isEmpty(none)
      assert.notInclude(first.map(({ jobId }) => jobId), second?.jobId)
      yield* sql`UPDATE tt_worker.occurrences SET "checkedAt" = now() - interval '61 seconds' WHERE "checkedAt" IS NOT NULL`
      assert.lengthOf(yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 5 }), 3)
    }))

  it.effect("that waits in the outbox is not lost", () =>
    Effect.gen(function*() {
      const { dueRuns, sql } = yield* emptied
      const { job } = yield* dueOnce
      yield* sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = now() - interval '2 minutes'`
      yield* sql`INSERT INTO tt_worker.outbox (queue, "jobId", data) VALUES ('email-sync', ${job.jobId}, '{}')`
      assert.isEmpty(yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 5 }))
      yield* sql`DELETE FROM tt_worker.outbox`
      assert.lengthOf(yield* dueRuns.open({ olderThan: Duration.minutes(1), limit: 5 }), 1)
    }))

  it.effect("whose jobs end again and again without a word is given more time each time, and has failed after a dozen", () =>
    Effect.gen(function*() {
      const { dueRuns, sql } = yield* emptied
      yield* dueOnce
      const minutes = (count: number) => sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = now() - ${count}::int * interval '1 minute' - interval '1 second'`
      const open = dueRuns.open({ olderThan: Duration.minutes(1), limit: 5 })
      for (let tries = 1; tries < 12; tries++) {
        const wait = 2 ** Math.min(tries - 1, 6)
        if (wait > 1) {
          yield* minutes(wait - 1)
          assert.isEmpty(yield* open, `after ${tries} tries`)
        }
        yield* minutes(wait)
        assert.strictEqual(yield* dueRuns.enqueueAgain(yield* open), 1)
      }
      yield* minutes(1_000)
      assert.strictEqual(yield* dueRuns.enqueueAgain(yield* open), 0)
      assert.lengthOf(yield* ledger, 12)
      const [run] = yield* sql`SELECT state, reason, "finishedAt" IS NOT NULL AS finished FROM tt_worker.occurrences`
      assert.deepStrictEqual({ ...run }, { state: "failed", reason: "its jobs ended, again and again, without saying how", finished: true })
      assert.isEmpty(yield* open)
    }))

  it.effect("of a tenant with one does not wait behind a tenant with ten thousand", () =>
    Effect.gen(function*() {
      const { dueRuns, schedules } = yield* emptied
      const past = yield* hourAgo
      yield* schedules.register(Array.from({ length: 10_000 }, (_, index) => registration({ key: `large/${index}` })))
      yield* schedules.register(Array.from({ length: 400 }, (_, index) => registration({ key: `small/${index}`, tenantId: TenantId.make(`small-${index}`) })))
      yield* setNextRun("large/", past)
      yield* setNextRun("small/", DateTime.addDuration(past, "1 minute"))
      let ticks = 0
      for (;;) {
        ticks++
        const { full } = yield* dueRuns.enqueueDue({ limit: 500, by })
        const small = (yield* ledger).filter(({ tenant }) => tenant?.startsWith("small-"))
        if (small.length === 400) break
        if (!full) assert.fail("all are through, and the small ones were last")
      }
      assert.isAtMost(ticks, 5)
      while ((yield* dueRuns.enqueueDue({ limit: 500, by })).full) ticks++
      assert.lengthOf(new Set((yield* ledger).map(({ jobId }) => jobId)), 10_400)
      assert.lengthOf(yield* ledger, 10_400)
    }))
})
