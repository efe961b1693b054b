import { assert, layer } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Exit, Layer, Logger, Random, Redacted, Scope } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { applyChanges } from "../../../programs/automation/followConfigs.ts"
import { countOccurrences } from "../../../src/domain/ScheduleOccurrences.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { Schedules } from "../../../src/services/Schedules.ts"
import { automationsAt } from "../../support/automationTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { OwnRedis } from "../../support/ownRedis.ts"
import { tempDir } from "../../support/tempDir.ts"
import { until } from "../../support/until.ts"
import { startWorker } from "../../support/worker.ts"

const seed = 20_261_125
const lasts = Duration.seconds(60)
const tenants = 10
const users = 60

/** Ten missed days to log, ten missed minutes to tell of, and a minute's more while it goes on. */
const automations = [
  { id: "log", name: "Log", schedule: { cron: "0 18 * * *", timeZone: "Europe/Paris", catchUp: "each" }, do: { type: "create-entry", start: "08:00", end: "17:00", evenOn: ["weekend", "holiday"] } },
  { id: "tell", name: "Tell", schedule: { cron: "* * * * *", timeZone: "Asia/Kolkata", catchUp: "each" }, do: { type: "emit-event", event: "minute.over" } }
]

const tenantOf = (index: number): string => `tenant-${index % tenants}`

/** What is written is counted by the database itself, row by row: nothing that the worker says of itself. */
const prepare = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE public.ledger (n bigserial PRIMARY KEY, what text NOT NULL)`
  yield* sql`CREATE FUNCTION public.note_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.ledger (what) VALUES (concat_ws(' ', 'log', NEW."tenantUserId", NEW."automationId", extract(epoch FROM NEW.occurrence)::bigint)); RETURN NULL; END $$`
  yield* sql`CREATE FUNCTION public.note_delivery() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.ledger (what) VALUES (concat_ws(' ', 'tell', NEW.payload->'data'->>'tenantUserId', NEW.payload->'data'->>'automationId', extract(epoch FROM (NEW.payload->'data'->>'occurrence')::timestamptz)::bigint)); RETURN NULL; END $$`
  yield* sql`CREATE TRIGGER note AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION public.note_entry()`
  yield* sql`CREATE TRIGGER note AFTER INSERT ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION public.note_delivery()`
  for (let index = 0; index < tenants; index++) {
    yield* sql`INSERT INTO tenants (id) VALUES (${tenantOf(index)})`
    yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${`hook-${index}`}, ${tenantOf(index)}, 'http://127.0.0.1:9/', '{minute.over}')`
  }
  for (let index = 0; index < users; index++) {
    yield* sql`INSERT INTO tenant_users (id, "tenantId", automations) VALUES (${`user-${index}`}, ${tenantOf(index)}, ${JSON.stringify(automations)}::text::jsonb)`
  }
  yield* applyChanges
  yield* sql`UPDATE tt_worker.schedules SET "nextRunAt" = "nextRunAt" - interval '10 days', "dueAt" = now() WHERE key LIKE '%/log'`
  yield* sql`UPDATE tt_worker.schedules SET "nextRunAt" = "nextRunAt" - interval '10 minutes', "dueAt" = now() WHERE key LIKE '%/tell'`
  const rows = yield* sql<{ readonly key: string; readonly at: Date }>`SELECT key, "nextRunAt" AS at FROM tt_worker.schedules WHERE kind = 'automation'`
  return new Map(rows.map(({ at, key }) => [key, DateTime.subtract(DateTime.fromDateUnsafe(at), { milliseconds: 1 })]))
})

/** Three processes at a time; whichever chance says is killed, and another one started in its place. */
const massacre = (folder: string, env: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    const ends = (yield* Clock.currentTimeMillis) + Duration.toMillis(lasts)
    const life = Effect.gen(function*() {
      let kills = 0
      while ((yield* Clock.currentTimeMillis) < ends) {
        const scope = yield* Scope.make()
        const { child } = yield* startWorker(folder, [], env).pipe(Scope.provide(scope))
        yield* Effect.sleep(Duration.millis(yield* Random.nextIntBetween(2_500, 9_000)))
        child.kill("SIGKILL")
        yield* Scope.close(scope, Exit.void)
        kills++
      }
      return kills
    })
    const kills = yield* Effect.all([life, life, life], { concurrency: "unbounded" })
    return kills.reduce((sum, count) => sum + count, 0)
  }).pipe(Random.withSeed(seed))

layer(Layer.mergeAll(OwnPostgres.layer, OwnRedis.layer, Logger.layer([])), { excludeTestServices: true })("three workers that are killed at random for a minute", (it) => {
  for (const queue of ["redis", "postgres"] as const) {
    it.effect(`run every due automation exactly once, with the queue in ${queue}`, () =>
      Effect.gen(function*() {
        const folder = yield* tempDir
        const url = yield* (yield* OwnPostgres).makeDatabase
        const redis = yield* OwnRedis
        const env = { DATABASE_URL: Redacted.value(url), AUTOMATION_CONCURRENCY: "4", ...(queue === "redis" ? { REDIS_URL: Redacted.value(redis.url) } : { QUEUE: "postgres" }) }
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const begun = yield* prepare
          const kills = yield* massacre(folder, env)
          assert.isAbove(kills, 15)

          // The last one comes to an end with what is left; then nothing is made any more.
          const last = yield* startWorker(folder, [], env)
          yield* last.says("Ready after")
          const open = sql<{ readonly open: number; readonly late: number }>`SELECT
            (SELECT count(*)::int FROM tt_worker.occurrences WHERE kind = 'automation' AND state <> 'done') AS open,
            (SELECT count(*)::int FROM tt_worker.schedules WHERE kind = 'automation' AND "dueAt" <= now()) AS late`
          yield* until(open, ([row]) => row?.open === 0 && row.late === 0, 90_000)
          last.child.kill("SIGKILL")
          yield* last.ended

          const schedules = yield* Schedules
          const lists = yield* Effect.forEach(Array.from({ length: tenants }, (_, index) => TenantId.make(tenantOf(index))), schedules.list)
          let due = 0
          for (const { key, kind, nextRunAt, spec } of lists.flat()) {
            const from = begun.get(key)
            if (from === undefined || nextRunAt === null) return assert.fail(`${key} has no next run`)
            due += countOccurrences(spec, `${kind}/${key}`, from, DateTime.subtract(nextRunAt, { milliseconds: 1 }))
          }
          const ledger = yield* sql<{ readonly what: string; readonly count: number }>`SELECT what, count(*)::int AS count FROM public.ledger GROUP BY what`
          assert.isEmpty(ledger.filter(({ count }) => count !== 1), "none twice")
          assert.isAtLeast(due, users * 20)
          assert.strictEqual(ledger.length, due, "none lost")
          const [runs] = yield* sql`SELECT count(*)::int AS count FROM tt_worker.automation_runs WHERE outcome = 'done'`
          assert.strictEqual(runs?.["count"], due)
        }).pipe(Effect.provide(Layer.fresh(automationsAt(url))))
      }).pipe(Effect.scoped), 240_000)
  }
})
