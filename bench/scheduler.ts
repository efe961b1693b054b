import { availableParallelism, loadavg } from "node:os"
import { Clock, DateTime, Duration, Effect, Fiber, Layer, Option, type Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { EmbeddedPostgres } from "../layers/embedded/EmbeddedPostgres.ts"
import { TenantId } from "../src/domain/ids.ts"
import { newestOccurrence } from "../src/domain/ScheduleOccurrences.ts"
import type { ScheduleSpec } from "../src/domain/ScheduleSpec.ts"
import { DueRuns } from "../src/services/DueRuns.ts"
import { type ScheduleRegistration, Schedules, ScheduleTarget } from "../src/services/Schedules.ts"
import { replicaAt } from "../test/support/scheduleTables.ts"
import { tempDir } from "../test/support/tempDir.ts"

/**
 * The scheduler's figures on 100,000 schedules, as a Markdown table: `npm run bench:scheduler`. A PostgreSQL of its
 * own with its ordinary, durable settings; jobs go to the outbox, as with queues in Redis.
 */
const schedules = 100_000
const tenants = 10_000
const large = 90_000
const limit = 1_000

const pad = (value: number): string => String(value).padStart(6, "0")

/** A tenant with most of them, and ten thousand tenants with one each. */
const registrations = (specOf: (index: number) => ScheduleSpec): ReadonlyArray<ScheduleRegistration> =>
  Array.from({ length: schedules }, (_, index) => {
    const tenantId = TenantId.make(index < large ? "large" : `small-${pad((index - large) % tenants)}`)
    return {
      kind: "automation",
      key: `user-${pad(index)}`,
      tenantId,
      target: ScheduleTarget.Job({ queue: "automation", data: { tenantId, tenantUserId: `user-${pad(index)}` } }),
      spec: specOf(index),
      catchUp: "run-once",
      enabled: true
    }
  })

/** Every minute of a day and five zones: 7,200 different crons. */
const zones = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Martinique"]
const someCron = (index: number): ScheduleSpec => ({
  type: "cron",
  cron: `${index % 60} ${Math.floor(index / 60) % 24} * * 1-5`,
  timeZone: zones[index % zones.length] ?? "UTC"
})
const everyFiveMinutes = (): ScheduleSpec => ({ type: "interval", everySeconds: 300, spread: true })
const nine = (): ScheduleSpec => ({ type: "cron", cron: "0 9 * * *", timeZone: "Europe/Paris" })

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const began = performance.now()
    const value = yield* effect
    return [value, performance.now() - began] as const
  })

const rows: Array<readonly [string, string]> = []
const ms = (millis: number): string => `${Math.round(millis)} ms`
const at = (sorted: ReadonlyArray<number>, part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
const spread = (times: ReadonlyArray<number>): string => {
  const sorted = times.toSorted((a, b) => a - b)
  return `least ${ms(at(sorted, 0))}, median ${ms(at(sorted, 0.5))}, 95 of 100 below ${ms(at(sorted, 0.95))}, most ${ms(at(sorted, 1))}`
}

/** The first so many schedules, in the order of their keys, as if their last run were still to come. */
const makeDue = (count: number, all: ReadonlyArray<ScheduleRegistration>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [clock] = yield* sql<{ readonly now: Date }>`SELECT now()`
    const now = DateTime.makeUnsafe(clock?.now ?? new Date())
    const last = new Map<string, string>()
    const rows = all.slice(0, count).map(({ key, kind, spec }) => {
      const name = spec.type === "cron" ? JSON.stringify(spec) : key
      const at = last.get(name) ?? DateTime.formatIso(Option.getOrThrow(newestOccurrence(spec, `${kind}/${key}`, DateTime.subtractDuration(now, "8 days"), now)))
      last.set(name, at)
      return { key, at }
    })
    yield* sql`UPDATE tt_worker.schedules s SET "nextRunAt" = d.at, "dueAt" = d.at
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS d(key text, at timestamptz) WHERE s.kind = 'automation' AND s.key = d.key`
  })

const ticks = (by: string, note: (millis: number) => void) =>
  Effect.gen(function*() {
    const dueRuns = yield* DueRuns
    let total = 0
    for (;;) {
      const [{ enqueued, full }, millis] = yield* timed(dueRuns.enqueueDue({ limit, by }))
      if (enqueued > 0) note(millis)
      total += enqueued
      if (!full) return total
    }
  })

/** A thousand due among a hundred thousand: one tick each time. */
const ordinary = Effect.fnUntraced(function*(what: string, all: ReadonlyArray<ScheduleRegistration>) {
  const sql = yield* SqlClient.SqlClient
  const dueRuns = yield* DueRuns
  const times: Array<number> = []
  const own: Array<number> = []
  let most = 0
  for (let round = 0; round < 31; round++) {
    yield* sql`DELETE FROM tt_worker.occurrences`
    yield* sql`DELETE FROM tt_worker.outbox`
    yield* makeDue(limit, all)
    global.gc?.()
    const before = process.memoryUsage().rss
    const cpu = process.cpuUsage()
    const [{ enqueued }, millis] = yield* timed(dueRuns.enqueueDue({ limit, by: "bench" }))
    if (enqueued !== limit) return yield* Effect.die(new Error(`${enqueued} enqueued`))
    // The first one reads the changes of clocks of its zones, and warms up.
    if (round === 0) {
      rows.push([`the first tick of ${what}`, ms(millis)])
      continue
    }
    times.push(millis)
    const { system, user } = process.cpuUsage(cpu)
    own.push((system + user) / 1000)
    most = Math.max(most, process.memoryUsage().rss - before)
  }
  rows.push([`a tick of ${what}`, spread(times)])
  rows.push(["… of that, processor time of this process", spread(own)])
  rows.push(["… memory that it added, at most", `${Math.round(most / 1e6)} MB`])
})

/** All due at nine: by this many replicas at once. */
const rush = (url: Redacted.Redacted, replicas: number) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`TRUNCATE tt_worker.occurrences, tt_worker.outbox`
    yield* makeDue(schedules, registrations(nine))
    const times: Array<number> = []
    const [began] = yield* sql<{ readonly at: Date }>`SELECT clock_timestamp() AS at`
    const names = Array.from({ length: replicas }, (_, index) => `replica-${index}`)
    const [, millis] = yield* timed(Effect.forEach(names, (name) =>
      Effect.scoped(ticks(name, (time) => times.push(time)).pipe(Effect.provide(Layer.fresh(replicaAt(url))))), { concurrency: "unbounded" }))
    const [count] = yield* sql<{ readonly all: number; readonly ids: number }>`SELECT count(*)::int AS all, count(DISTINCT "jobId")::int AS ids FROM tt_worker.outbox`
    const [small] = yield* sql<{ readonly last: number }>`SELECT max(extract(epoch FROM "createdAt" - ${began?.at ?? new Date()}::timestamptz) * 1000)::float8 AS last FROM tt_worker.outbox WHERE "tenantId" <> 'large'`
    if (count?.all !== schedules || count.ids !== schedules) return yield* Effect.die(new Error(`${JSON.stringify(count)} enqueued`))
    const who = replicas === 1 ? "one replica" : `${replicas} replicas in one process`
    rows.push([`100,000 due at the same instant, ${who}: all enqueued, each once`, `${(millis / 1000).toFixed(1)} s`])
    rows.push([`… its ticks`, spread(times)])
    rows.push([`… the last of 10,000 tenants with one, beside a tenant with 90,000`, `${((small?.last ?? 0) / 1000).toFixed(1)} s`])
  })

/** One that comes late, while another tenant's 90,000 are being enqueued. */
const latecomer = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`TRUNCATE tt_worker.occurrences, tt_worker.outbox`
  yield* sql`UPDATE tt_worker.schedules SET "dueAt" = now() - interval '1 minute', "nextRunAt" = "lastRunAt" WHERE "tenantId" = 'large'`
  const fiber = yield* Effect.forkChild(ticks("bench", () => {}))
  yield* Effect.sleep(Duration.seconds(1))
  const began = yield* Clock.currentTimeMillis
  yield* sql`UPDATE tt_worker.schedules SET "dueAt" = now(), "nextRunAt" = "lastRunAt" WHERE "tenantId" = 'small-005000'`
  for (;;) {
    const [found] = yield* sql`SELECT 1 FROM tt_worker.outbox WHERE "tenantId" = 'small-005000'`
    if (found !== undefined) break
    yield* Effect.sleep("5 millis")
  }
  rows.push(["a run that falls due while 90,000 older ones of another tenant are being enqueued", ms((yield* Clock.currentTimeMillis) - began)])
  yield* Fiber.join(fiber)
})

const main = Effect.gen(function*() {
  const { url } = yield* EmbeddedPostgres
  yield* Effect.gen(function*() {
    const service = yield* Schedules
    const sql = yield* SqlClient.SqlClient
    const all = registrations(someCron)
    const [, first] = yield* timed(service.register(all))
    rows.push(["registering 100,000 schedules", `${(first / 1000).toFixed(1)} s`])
    const [changed, again] = yield* timed(service.register(all))
    rows.push([`registering them again (${changed} changed)`, `${(again / 1000).toFixed(1)} s`])
    yield* sql`VACUUM ANALYZE tt_worker.schedules`
    yield* ordinary("1,000 due runs among 100,000 schedules, each another cron, hours or days late", all)
    for (const [what, specOf] of [["each with its own interval grid", everyFiveMinutes], ["all the same cron", nine]] as const) {
      const changed = registrations(specOf)
      yield* service.register(changed)
      yield* sql`VACUUM ANALYZE tt_worker.schedules`
      yield* ordinary(`1,000 due runs among 100,000 schedules, ${what}`, changed)
    }
    const [, idle] = yield* timed(DueRuns.use((dueRuns) => dueRuns.enqueueDue({ limit, by: "bench" })))
    rows.push(["a tick with nothing due", ms(idle)])
    yield* rush(url, 1)
    yield* rush(url, 3)
    yield* latecomer
    const [version] = yield* sql`SHOW server_version`
    const [minute = 0] = loadavg()
    process.stdout.write(`${availableParallelism()} processors, load ${minute.toFixed(1)} at the end.\n\n`)
    process.stdout.write(`| what | measured |\n|---|---|\n${rows.map(([what, value]) => `| ${what} | ${value} |`).join("\n")}\n\n`)
    process.stdout.write(`PostgreSQL ${String(version?.["server_version"])}, durable settings; jobs go to the outbox, as with queues in Redis.\n`)
  }).pipe(Effect.provide(Layer.fresh(replicaAt(url))))
})

const server = Layer.unwrap(Effect.map(tempDir, (dataDir) => EmbeddedPostgres.layer({ dataDir, mode: "own" })))
await Effect.runPromise(Effect.scoped(main.pipe(Effect.provide(server))))
