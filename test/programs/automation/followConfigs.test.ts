import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { query } from "../../../layers/embedded/connection.ts"
import automationsMigration from "../../../layers/postgres/migrations/0013_automations.ts"
import { applyChanges, followConfigs } from "../../../programs/automation/followConfigs.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { AutomationConfigs } from "../../../src/services/AutomationConfigs.ts"
import { Schedules } from "../../../src/services/Schedules.ts"
import { automationsAt, type AutomationWorld, newUser, overviewOf, setAutomations, type TestUser } from "../../support/automationTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { isNarrowed } from "../../support/postgresAt.ts"
import { until } from "../../support/until.ts"

const one = { id: "one", name: "One", schedule: { cron: "0 18 * * 1-5", timeZone: "Europe/Paris" }, do: { type: "emit-event", event: "day.done" } }
const nextYear = (id: string, name = id) => ({ ...one, id, name, schedule: { cron: "0 9 1 1 *", timeZone: "America/New_York" } })

const schedulesOf = ({ tenantId }: TestUser) =>
  Schedules.use((schedules) => schedules.list(TenantId.make(tenantId))).pipe(Effect.map((list) => list.map(({ enabled, key, spec }) => ({ key, enabled, spec }))))
const keysOf = (user: TestUser) => Effect.map(schedulesOf(user), (list) => list.map(({ key }) => key.split("/").at(-1)))

/** As on a database where this role may not make triggers. */
const withoutTriggers = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  for (const name of ["new", "changed", "gone"]) yield* sql.unsafe(`DROP TRIGGER tt_worker_automations_${name} ON tenant_users`)
  yield* sql`DROP TRIGGER tt_worker_automations_tenant_gone ON tenants`
})

const comparedLongAgo = SqlClient.SqlClient.use((sql) => sql`UPDATE tt_worker.settings SET "updatedAt" = now() - interval '1 hour' WHERE key = 'automations_compared_at'`)

/** Each test in a database of its own. */
const inDatabase = <A, E>(test: Effect.Effect<A, E, AutomationWorld>) =>
  Effect.gen(function*() {
    const url = yield* (yield* OwnPostgres).makeDatabase
    return yield* Effect.provide(test, Layer.fresh(automationsAt(url)))
  })

layer(Layer.merge(OwnPostgres.layer, Logger.layer([])), { excludeTestServices: true })("the schedules of automations", (it) => {
  for (const [how, prepare] of [["heard by triggers", Effect.void], ["found by comparing", withoutTriggers]] as const) {
    const look = Effect.gen(function*() {
      if (how === "found by comparing") {
        yield* comparedLongAgo
        assert.isNotNull(yield* (yield* AutomationConfigs).compare)
      }
      return yield* applyChanges
    })

    it.effect(`follow what the API writes, ${how}: made, changed, deleted, archived, moved, with user and tenant gone`, () =>
      inDatabase(Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* prepare
        const user = yield* newUser({ automations: [one, nextYear("two")] })
        const other = yield* newUser({ automations: [one] })
        const plain = yield* newUser()
        yield* look
        assert.deepStrictEqual(yield* keysOf(user), ["one", "two"])
        assert.deepStrictEqual(yield* keysOf(other), ["one"])
        assert.isEmpty(yield* keysOf(plain))
        assert.strictEqual(yield* look, 0, "nothing has changed")

        yield* setAutomations(user, [{ ...one, enabled: false, schedule: { cron: "30 7 * * *", timeZone: "Asia/Kolkata" } }, nextYear("three")])
        yield* look
        assert.deepStrictEqual((yield* schedulesOf(user)).map(({ enabled, spec }) => [enabled, spec.type === "cron" ? spec.cron : ""]), [[false, "30 7 * * *"], [true, "0 9 1 1 *"]])
        assert.deepStrictEqual((yield* overviewOf(user)).map(({ automationId, state }) => [automationId, state]), [["one", "disabled"], ["three", "active"]])

        yield* sql`UPDATE tenant_users SET archived = true WHERE id = ${user.tenantUserId}`
        yield* look
        assert.isEmpty(yield* keysOf(user))
        assert.isEmpty(yield* overviewOf(user))
        yield* sql`UPDATE tenant_users SET archived = false WHERE id = ${user.tenantUserId}`
        yield* look
        assert.deepStrictEqual(yield* keysOf(user), ["one", "three"])

        yield* sql`UPDATE tenant_users SET "tenantId" = ${plain.tenantId} WHERE id = ${user.tenantUserId}`
        yield* look
        assert.isEmpty(yield* keysOf(user))
        assert.deepStrictEqual(yield* keysOf(plain), ["one", "three"])

        yield* sql`DELETE FROM tenant_users WHERE id = ${user.tenantUserId}`
        yield* sql`DELETE FROM tenants WHERE id = ${other.tenantId}`
        yield* look
        assert.isEmpty([...(yield* keysOf(plain)), ...(yield* keysOf(other))])
        assert.strictEqual(yield* look, 0, "and nothing is looked at again and again")
      })))
  }

  it.effect("are changed within seconds of the API's write, also by another replica's eyes", () =>
    inDatabase(Effect.gen(function*() {
      yield* Effect.forkScoped(followConfigs)
      yield* Effect.sleep("300 millis")
      const user = yield* newUser({ automations: [one] })
      yield* until(keysOf(user), ({ length }) => length === 1, 5_000)
      yield* setAutomations(user, [])
      yield* until(keysOf(user), ({ length }) => length === 0, 5_000)
    }).pipe(Effect.scoped)))

  it.effect("disable a bad automation alone, with the reason, and leave a shape that is not ours untouched", () =>
    inDatabase(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const list = [
        one,
        { ...one, id: "cron", schedule: { cron: "61 9 * * *", timeZone: "Europe/Paris" } },
        { ...one, id: "zone", schedule: { cron: "0 9 * * *", timeZone: "Europe/Nowhere" } },
        { ...one, id: "later", version: 2 },
        { trigger: "daily", action: "old" },
        { ...one, extra: { kept: true } },
        { ...one, id: "action", do: { type: "create-entry", start: "8", end: "17:00" } }
      ]
      const user = yield* newUser({ automations: list })
      const stranger = yield* newUser({ automations: { rules: ["of somebody else's"] } })
      yield* applyChanges
      assert.deepStrictEqual(yield* keysOf(user), ["one"])
      const overview = yield* overviewOf(user)
      assert.deepStrictEqual(overview.map(({ automationId, state }) => [automationId, state]), [
        ["#5", "not-taken-over"],
        ["#6", "bad"],
        ["action", "bad"],
        ["cron", "bad"],
        ["later", "not-taken-over"],
        ["one", "active"],
        ["zone", "bad"]
      ])
      const reasonOf = (id: string) => overview.find(({ automationId }) => automationId === id)?.reason ?? ""
      assert.match(reasonOf("cron"), /schedule\.cron: expected a cron/)
      assert.match(reasonOf("zone"), /IANA time zone/)
      assert.match(reasonOf("later"), /version 2/)
      assert.match(reasonOf("#6"), /no other automation/)
      assert.match(reasonOf("action"), /do\.start: expected a time as HH:MM/)
      assert.deepStrictEqual((yield* overviewOf(stranger)).map(({ state }) => state), ["not-taken-over"])
      const [row] = yield* sql`SELECT automations FROM tenant_users WHERE id = ${user.tenantUserId}`
      assert.deepStrictEqual(row?.["automations"], list, "the column is the API's: not a byte of it is changed")
    })))

  it.effect.skipIf(isNarrowed)("are not in the way of the API's own write, whatever is wrong with the worker's tables", () =>
    inDatabase(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const user = yield* newUser({ automations: [one] })
      yield* sql`DROP TABLE tt_worker.automation_changes`
      yield* setAutomations(user, [nextYear("two")])
      yield* sql`DELETE FROM tenant_users WHERE id = ${user.tenantUserId}`
      yield* sql`DELETE FROM tenants WHERE id = ${user.tenantId}`
    })))

  it.effect("are kept current though the worker's role may neither add columns nor triggers: what that switches off is told", () =>
    Effect.gen(function*() {
      const url = yield* (yield* OwnPostgres).makeDatabase
      yield* Effect.provide(Effect.void, Layer.fresh(automationsAt(url)))
      const address = new URL(Redacted.value(url))
      const database = address.pathname.slice(1)
      // The tables are another role's by the time that migration 13 runs.
      for (const statement of [
        `DROP VIEW tt_worker.automation_overview`,
        `DROP TABLE tt_worker.automation_effects, tt_worker.automation_runs, tt_worker.automations, tt_worker.automation_changes, tt_worker.automation_users`,
        `DROP FUNCTION tt_worker.note_automation_change() CASCADE`,
        `DROP FUNCTION tt_worker.note_tenant_gone() CASCADE`,
        `DROP TABLE absences`,
        `ALTER TABLE entries DROP COLUMN "breakMinutes", DROP COLUMN source, DROP COLUMN "automationId", DROP COLUMN occurrence, DROP COLUMN "occurrenceItem", DROP COLUMN "closedBy", DROP COLUMN "exportedAt"`,
        `ALTER TABLE tenant_users DROP COLUMN country`,
        `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'worker') THEN CREATE ROLE worker LOGIN PASSWORD 'w'; END IF; END $$`,
        `GRANT ALL ON DATABASE "${database}" TO worker`,
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker`,
        `GRANT USAGE ON SCHEMA public TO worker`,
        `GRANT ALL ON SCHEMA tt_worker TO worker`,
        `DO $$ DECLARE o record; BEGIN
          FOR o IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'tt_worker'::regnamespace AND c.relkind IN ('r', 'v') LOOP EXECUTE 'ALTER TABLE ' || o.name || ' OWNER TO worker'; END LOOP;
        END $$`
      ]) yield* query(url, statement)
      address.username = "worker"
      address.password = "w"
      yield* Effect.provide(
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* sql.withTransaction(automationsMigration)
          yield* sql`INSERT INTO tenants (id) VALUES ('t')`
          yield* sql`INSERT INTO tenant_users (id, "tenantId", automations) VALUES ('u', 't', ${JSON.stringify([one, { ...one, id: "log", do: { type: "create-entry", start: "08:00", end: "12:00" } }])}::text::jsonb)`
          assert.strictEqual(yield* (yield* AutomationConfigs).compare, 1)
          yield* applyChanges
          const overview = yield* overviewOf({ tenantId: "t", tenantUserId: "u" })
          assert.deepStrictEqual(overview.map(({ automationId, reason, state }) => [automationId, state, reason]), [
            ["log", "action-off", `the table entries has no column "source"`],
            ["one", "active", null]
          ])
        }),
        Layer.fresh(automationsAt(Redacted.make(address.href), { migrate: false }))
      )
    }))
})
