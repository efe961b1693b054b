import { assert, layer } from "@effect/vitest"
import { Clock, DateTime, Deferred, Duration, Effect, Fiber, Layer, Option, Random, Ref } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { runScheduler, type SchedulerOptions } from "../../../programs/scheduler/Scheduler.ts"
import type { LocalTask } from "../../../src/services/LocalTask.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { countOccurrences } from "../../../src/domain/ScheduleOccurrences.ts"
import { DueRuns } from "../../../src/services/DueRuns.ts"
import { Schedules, SchedulesError, ScheduleTarget } from "../../../src/services/Schedules.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { ledger, registration, replicaAt, type ScheduleTables, setNextRun, useLedger } from "../../support/scheduleTables.ts"
import { until } from "../../support/until.ts"

const nothing: SchedulerOptions<never> = { by: "test", tasks: [], schedules: [] }
const eachSecond = { type: "interval", everySeconds: 1, spread: true } as const

/** A database with the ledger, and a replica on it for the test to look with. */
const withDatabase = <A, E, R>(use: (replica: Layer.Layer<ScheduleTables>) => Effect.Effect<A, E, R | ScheduleTables>) =>
  OwnPostgres.use(({ makeDatabase }) =>
    Effect.flatMap(makeDatabase, (url) => {
      const replica = replicaAt(url)
      return useLedger.pipe(Effect.andThen(Effect.scoped(use(replica))), Effect.provide(Layer.fresh(replica)))
    }))

layer(OwnPostgres.layer, { excludeTestServices: true })("the scheduler", (it) => {
  it.effect("enqueues each due run once, with three replicas that are killed and started again at random", () =>
    withDatabase((replica) =>
      Effect.gen(function*() {
        const schedules = yield* Schedules
        const sql = yield* SqlClient.SqlClient
        const keys = Array.from({ length: 60 }, (_, index) => `k${index}`)
        yield* schedules.register(keys.map((key, index) => registration({ key, tenantId: TenantId.make(`tenant-${index % 7}`), catchUp: "each", spec: eachSecond })))
        const [begin] = yield* sql<{ readonly at: Date }>`SELECT min("nextRunAt") - interval '1 millisecond' AS at FROM tt_worker.schedules`

        const ends = (yield* Clock.currentTimeMillis) + 8_000
        const kills = yield* Ref.make(0)
        /** One replica: its own pool each time, interrupted wherever it happens to be. */
        const life = (name: string) =>
          Effect.gen(function*() {
            while ((yield* Clock.currentTimeMillis) < ends) {
              const millis = yield* Random.nextIntBetween(30, 700)
              const fiber = yield* Effect.forkChild(runScheduler({ ...nothing, by: name }).pipe(Effect.provide(Layer.fresh(replica))))
              yield* Effect.sleep(Duration.millis(millis))
              yield* Fiber.interrupt(fiber)
              yield* Ref.update(kills, (count) => count + 1)
            }
          })
        yield* Effect.all([life("a"), life("b"), life("c")], { concurrency: "unbounded" })
        assert.isAbove(yield* Ref.get(kills), 20)

        // The last one makes up for what is left.
        const last = yield* Effect.forkChild(runScheduler({ ...nothing, by: "last" }).pipe(Effect.provide(Layer.fresh(replica))))
        yield* Effect.sleep("2500 millis")
        yield* Fiber.interrupt(last)

        const jobs = yield* ledger
        assert.lengthOf(new Set(jobs.map(({ jobId }) => jobId)), jobs.length, "none twice")
        const list = (yield* Effect.forEach(Array.from({ length: 7 }, (_, index) => TenantId.make(`tenant-${index}`)), schedules.list)).flat()
        let due = 0
        for (const { key, kind, nextRunAt } of list) {
          if (nextRunAt === null || begin === undefined) return assert.fail("no next run")
          assert.isTrue(DateTime.isGreaterThan(nextRunAt, DateTime.subtractDuration(yield* DateTime.now, "2 seconds")), "caught up")
          due += countOccurrences(eachSecond, `${kind}/${key}`, DateTime.makeUnsafe(begin.at), DateTime.subtract(nextRunAt, { milliseconds: 1 }))
        }
        assert.isAbove(due, 400)
        assert.strictEqual(jobs.length, due, "none lost")
        const makers = yield* sql<{ readonly madeBy: string }>`SELECT DISTINCT "madeBy" FROM tt_worker.occurrences`
        assert.isAtLeast(makers.length, 3, "they shared the work")
      })), 60_000)

  it.effect("takes up a new schedule at once, though it sleeps, and forgets a removed one", () =>
    withDatabase(() =>
      Effect.gen(function*() {
        const schedules = yield* Schedules
        const own = registration({ kind: "retention", key: "hourly", tenantId: null, target: ScheduleTarget.Task({ name: "retention" }) })
        yield* Effect.forkScoped(runScheduler({ ...nothing, schedules: [own] }))
        yield* until(schedules.list(null), (list) => list.length === 1)
        yield* Effect.sleep("300 millis")
        yield* schedules.register([registration({ spec: eachSecond })])
        yield* until(ledger, (jobs) => jobs.length >= 1, 2_500)
        yield* schedules.remove(TenantId.make("tenant-1"), {})
        yield* Effect.sleep("100 millis")
        const count = (yield* ledger).length
        yield* Effect.sleep("2 seconds")
        assert.lengthOf(yield* ledger, count)
      })))

  it.effect("runs at the times of the grid, not at those of its own ticks", () =>
    withDatabase(() =>
      Effect.gen(function*() {
        yield* (yield* Schedules).register([registration({ spec: eachSecond })])
        yield* Effect.forkScoped(runScheduler(nothing))
        yield* until(ledger, (jobs) => jobs.length >= 5)
        const times = (yield* ledger).map(({ data }) => Date.parse(data.scheduled.at))
        const [first = 0] = times
        times.forEach((time, index) => assert.strictEqual(time, first + index * 1000))
      })))

  it.effect("runs a task of the worker's own in one of three replicas, and again where that one died", () =>
    withDatabase((replica) =>
      Effect.gen(function*() {
        const schedules = yield* Schedules
        const sql = yield* SqlClient.SqlClient
        const started = yield* Ref.make<ReadonlyArray<string>>([])
        const stuck = yield* Deferred.make<void>()
        const task = (by: string): LocalTask<never> => ({
          name: "tidy",
          timeLimit: Duration.seconds(20),
          // The first one never ends: its process is killed in the middle.
          run: () => Effect.flatMap(Ref.updateAndGet(started, (list) => [...list, by]), (list) => list.length === 1 ? Deferred.succeed(stuck, undefined).pipe(Effect.andThen(Effect.never)) : Effect.void)
        })
        const start = (by: string) => Effect.forkScoped(runScheduler({ by, tasks: [task(by)], schedules: [] }).pipe(Effect.provide(Layer.fresh(replica))))
        yield* schedules.register([registration({ kind: "retention", key: "tidy", tenantId: null, target: ScheduleTarget.Task({ name: "tidy" }), spec: { type: "cron", cron: "0 0 1 1 *", timeZone: "UTC" } })])
        yield* setNextRun("tidy", DateTime.makeUnsafe("2026-01-01T00:00Z"))
        const fibers = yield* Effect.forEach(["a", "b", "c"], start)
        yield* Deferred.await(stuck)
        yield* Effect.sleep("500 millis")
        assert.lengthOf(yield* Ref.get(started), 1)
        yield* Fiber.interruptAll(fibers)
        yield* start("d")
        yield* Effect.sleep("300 millis")
        assert.lengthOf(yield* Ref.get(started), 1, "its lease is not over yet")
        yield* sql`UPDATE tt_worker.occurrences SET "leaseUntil" = now() WHERE task = 'tidy'`
        yield* sql`SELECT pg_notify('tt_worker_schedules', '')`
        const ended = sql`SELECT state, holder, enqueues FROM tt_worker.occurrences WHERE task = 'tidy'`
        yield* until(ended, ([row]) => row?.["state"] === "done")
        assert.deepStrictEqual(yield* ended, [{ state: "done", holder: "d", enqueues: 2 }])
      })))

  it.effect("records a task that fails or takes too long, and goes on", () =>
    withDatabase(() =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const tasks: ReadonlyArray<LocalTask<never>> = [
          { name: "fails", timeLimit: Duration.seconds(5), run: () => Effect.fail(new Error("the disk is full")) },
          { name: "breaks", timeLimit: Duration.seconds(5), run: () => Effect.die(new Error("a defect")) },
          { name: "hangs", timeLimit: Duration.millis(50), run: () => Effect.never }
        ]
        const schedules = tasks.map(({ name }) => registration({ kind: "retention", key: name, tenantId: null, target: ScheduleTarget.Task({ name }), spec: { type: "cron", cron: "0 0 1 1 *", timeZone: "UTC" } }))
        yield* (yield* Schedules).register(schedules)
        for (const { key } of schedules) yield* setNextRun(key, DateTime.makeUnsafe("2026-01-01T00:00Z"))
        yield* Effect.forkScoped(runScheduler({ by: "test", tasks, schedules }))
        const failed = sql`SELECT task, reason FROM tt_worker.occurrences WHERE state = 'failed' ORDER BY task`
        yield* until(failed, (rows) => rows.length === 3)
        assert.deepStrictEqual((yield* failed).map(({ reason }) => reason), ["a defect", "the disk is full", "not done within 50ms"])
      })))

  it.effect("waits for a database that is away, and goes on when it is back", () =>
    Effect.gen(function*() {
      const looks = yield* Ref.make(0)
      const unavailable = Effect.fail(new SchedulesError({ reason: "unavailable", detail: "refused" }))
      const schedules = Layer.mock(Schedules, { register: () => Effect.succeed(1) })
      const dueRuns = Layer.mock(DueRuns, {
        enqueueDue: () => Effect.flatMap(Ref.updateAndGet(looks, (count) => count + 1), (count) =>
          count <= 2 ? unavailable : Effect.succeed({ taken: 0, enqueued: 0, tasks: 0, skipped: 0, faults: [], full: false })),
        takeTasks: () => Effect.succeed([]),
        untilNext: () => Effect.succeed(Option.some(Duration.zero)),
        changed: unavailable
      })
      const fiber = yield* Effect.forkChild(runScheduler(nothing).pipe(Effect.provide(Layer.mergeAll(schedules, dueRuns))))
      yield* Effect.sleep("3500 millis")
      yield* Fiber.interrupt(fiber)
      // Two failures with a second between them; then what is due but in other hands is asked about ten times a second.
      const count = yield* Ref.get(looks)
      assert.isAbove(count, 5)
      assert.isBelow(count, 25)
    }))

  it.effect("goes on after its connections were cut", () =>
    withDatabase((replica) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* (yield* Schedules).register([registration({ spec: eachSecond, catchUp: "each" })])
        yield* Effect.forkScoped(runScheduler(nothing).pipe(Effect.provide(Layer.fresh(replica))))
        yield* until(ledger, (jobs) => jobs.length >= 2)
        yield* sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
        const before = (yield* ledger).length
        yield* until(ledger, (jobs) => jobs.length >= before + 3)
        const times = (yield* ledger).map(({ data }) => Date.parse(data.scheduled.at))
        const [first = 0] = times
        times.forEach((time, index) => assert.strictEqual(time, first + index * 1000))
      })))
})
