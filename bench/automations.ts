import { availableParallelism, loadavg } from "node:os"
import { DateTime, Duration, Effect, Layer, Logger } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { EmbeddedPostgres } from "../layers/embedded/EmbeddedPostgres.ts"
import { applyChanges, usersAtOnce } from "../programs/automation/followConfigs.ts"
import { AutomationConfigs } from "../src/services/AutomationConfigs.ts"
import { DueRuns } from "../src/services/DueRuns.ts"
import { automationsAt, makeRun, runJob } from "../test/support/automationTables.ts"
import { tempDir } from "../test/support/tempDir.ts"

/**
 * Automations of 100,000 users, from `tenant_users.automations` to the jobs and their work, as a Markdown table:
 * `npm run bench:automations`. A PostgreSQL of its own with its ordinary, durable settings.
 */
const users = 100_000
const large = 90_000
const limit = 1_000
const jobs = 500

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const began = performance.now()
    const value = yield* effect
    return [value, performance.now() - began] as const
  })

const rows: Array<readonly [string, string]> = []
const note = (what: string, measured: string): void => {
  rows.push([what, measured])
  process.stderr.write(`${what}: ${measured}\n`)
}
const ms = (millis: number): string => millis < 10_000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`
const at = (sorted: ReadonlyArray<number>, part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
const spread = (times: ReadonlyArray<number>): string => {
  const sorted = times.toSorted((a, b) => a - b)
  return `median ${ms(at(sorted, 0.5))}, 95 of 100 below ${ms(at(sorted, 0.95))}, most ${ms(at(sorted, 1))}`
}

const automations = [{
  id: "standard-day",
  name: "Standard day",
  schedule: { cron: "0 9 * * *", timeZone: "Europe/Paris" },
  when: { days: ["workday"] },
  do: { type: "create-entry", start: "08:00", end: "16:30", breakMinutes: 45, note: "Standard day" }
}]

/** One tenant with most of the users, and ten thousand with one each. */
const makeUsers = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const json = JSON.stringify(automations)
  yield* sql`INSERT INTO tenants (id) SELECT 'large' UNION ALL SELECT 'small-' || n FROM generate_series(${large}::int + 1, ${users}::int) n`
  yield* sql`INSERT INTO tenant_users (id, "tenantId", automations)
    SELECT 'user-' || lpad(n::text, 6, '0'), CASE WHEN n <= ${large} THEN 'large' ELSE 'small-' || n END, ${json}::text::jsonb FROM generate_series(1, ${users}::int) n`
  yield* sql`TRUNCATE tt_worker.automation_changes`
  yield* sql`VACUUM ANALYZE tenant_users`
})

const comparedLongAgo = SqlClient.SqlClient.use((sql) => sql`UPDATE tt_worker.settings SET "updatedAt" = now() - interval '1 hour' WHERE key = 'automations_compared_at'`)

/** As if it were just past nine, and none of these users' runs had been made. */
const makeDue = (count: number) =>
  SqlClient.SqlClient.use((sql) =>
    sql`UPDATE tt_worker.schedules SET "nextRunAt" = "nextRunAt" - interval '1 day', "dueAt" = now() - interval '1 second'
      WHERE id IN (SELECT id FROM tt_worker.schedules WHERE kind = 'automation' AND "nextRunAt" > now() ORDER BY key LIMIT ${count})`)

const main = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const configs = yield* AutomationConfigs
  const dueRuns = yield* DueRuns
  yield* makeUsers

  const [noted, first] = yield* timed(configs.compare)
  note(`comparing ${users} users for the first time (${noted ?? 0} differ)`, ms(first))
  const [taken, registering] = yield* timed(applyChanges)
  note(`… and registering what ${taken} of them have, ${usersAtOnce} users in a transaction`, ms(registering))
  yield* sql`VACUUM ANALYZE tt_worker.schedules, tt_worker.automation_users, tt_worker.automations`

  const compares: Array<number> = []
  for (let round = 0; round < 5; round++) {
    yield* comparedLongAgo
    const [differ, millis] = yield* timed(configs.compare)
    if (differ !== 0) return yield* Effect.die(new Error(`${differ} differ`))
    compares.push(millis)
  }
  note("comparing them when nothing has changed (every 20 s without triggers, every 10 min with them)", spread(compares))

  const changes: Array<number> = []
  for (let round = 0; round < 20; round++) {
    yield* sql`UPDATE tenant_users SET automations = ${JSON.stringify([{ ...automations[0], name: `Change ${round}` }])}::text::jsonb WHERE id = ${`user-${String(round * 4_001 + 1).padStart(6, "0")}`}`
    const [looked, millis] = yield* timed(applyChanges)
    if (looked !== 1) return yield* Effect.die(new Error(`${looked} looked at`))
    changes.push(millis)
  }
  note("one user's change among them, from the trigger's note to the schedule", spread(changes))

  const ticks: Array<number> = []
  const own: Array<number> = []
  let most = 0
  for (let round = 0; round < 21; round++) {
    yield* makeDue(limit)
    global.gc?.()
    const before = process.memoryUsage().rss
    const cpu = process.cpuUsage()
    const [{ enqueued }, millis] = yield* timed(dueRuns.enqueueDue({ limit, by: "bench" }))
    if (enqueued !== limit) return yield* Effect.die(new Error(`${enqueued} enqueued`))
    const { system, user } = process.cpuUsage(cpu)
    const added = process.memoryUsage().rss - before
    yield* sql`DELETE FROM tt_worker.occurrences`
    yield* sql`DELETE FROM tt_worker.outbox`
    if (round === 0) continue
    ticks.push(millis)
    own.push((system + user) / 1000)
    most = Math.max(most, added)
  }
  note(`a tick of ${limit} due runs`, spread(ticks))
  note("… of that, processor time of this process", spread(own))
  note("… memory that it added, at most", `${Math.round(most / 1e6)} MB`)

  yield* sql`TRUNCATE tt_worker.occurrences, tt_worker.outbox`
  yield* sql`UPDATE tt_worker.schedules SET "nextRunAt" = now() - interval '1 day', "dueAt" = now() - interval '1 second' WHERE kind = 'automation'`
  const [clock] = yield* sql<{ readonly at: Date }>`SELECT clock_timestamp() AS at`
  const [, rush] = yield* timed(Effect.gen(function*() {
    for (;;) {
      const { full } = yield* dueRuns.enqueueDue({ limit, by: "bench" })
      if (!full) return
    }
  }))
  const [made] = yield* sql<{ readonly all: number; readonly small: number }>`SELECT count(*)::int AS all,
      max(extract(epoch FROM "createdAt" - ${DateTime.formatIso(DateTime.fromDateUnsafe(clock?.at ?? new Date()))}::text::timestamptz) * 1000) FILTER (WHERE "tenantId" <> 'large')::float8 AS small FROM tt_worker.outbox`
  if (made?.all !== users) return yield* Effect.die(new Error(`${made?.all} enqueued`))
  note(`${users} due at nine: all enqueued`, ms(rush))
  note("… the last of 10,000 tenants with one, beside a tenant with 90,000", ms(made.small))

  const works: Array<number> = []
  const [, all] = yield* timed(Effect.forEach(Array.from({ length: jobs }, (_, index) => index), (index) =>
    Effect.gen(function*() {
      const user = { tenantId: "large", tenantUserId: `user-${String(index + 1).padStart(6, "0")}` }
      const data = yield* makeRun(user, "standard-day", "2026-06-09T07:00:00Z")
      const [verdict, millis] = yield* timed(runJob(data, { jobId: `bench-${index}` }))
      if (verdict._tag !== "Complete") return yield* Effect.die(new Error(verdict._tag))
      works.push(millis)
    }), { concurrency: 4, discard: true }))
  note(`a run that logs a standard day, four at once: ${Math.round(jobs / all * 1000)} a second`, spread(works))

  const [version] = yield* sql`SHOW server_version`
  const [minute = 0] = loadavg()
  process.stdout.write(`${availableParallelism()} processors, load ${minute.toFixed(1)} at the end.\n\n`)
  process.stdout.write(`| what | measured |\n|---|---|\n${rows.map(([what, value]) => `| ${what} | ${value} |`).join("\n")}\n\n`)
  process.stdout.write(`PostgreSQL ${String(version?.["server_version"])}, durable settings; jobs go to the outbox, as with queues in Redis.\n`)
})

const server = Layer.unwrap(Effect.map(tempDir, (dataDir) => EmbeddedPostgres.layer({ dataDir, mode: "own" })))
const world = Layer.unwrap(Effect.map(EmbeddedPostgres, ({ url }) => automationsAt(url)))
await Effect.runPromise(Effect.scoped(main.pipe(Effect.timeout(Duration.minutes(10)), Effect.provide(world), Effect.provide(server), Effect.provide(Logger.layer([])))))
