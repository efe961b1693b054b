import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer, Logger } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { query } from "../../../layers/embedded/connection.ts"
import { applyChanges } from "../../../programs/automation/followConfigs.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { TimeSheets } from "../../../src/services/TimeSheets.ts"
import { apiSchema } from "../../support/apiSchema.ts"
import { automationsAt, type AutomationWorld, entriesOf, makeRun, newEntry, newUser, overviewOf, ownAutomations, runJob, setAutomations, spans, type TestUser } from "../../support/automationTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { isNarrowed } from "../../support/postgresAt.ts"

const automation = (id: string, action: unknown) => ({ id, name: id, schedule: { cron: "0 18 * * *", timeZone: "Europe/Paris" }, do: action })
const standardDay = automation("day", { type: "create-entry", start: "08:00", end: "17:00" })
const undo = ({ tenantId, tenantUserId }: TestUser, id: string, at: string | null = null) =>
  TimeSheets.use((sheets) => sheets.undo(TenantId.make(tenantId), tenantUserId, id, at === null ? null : DateTime.makeUnsafe(at)))

layer(ownAutomations, { excludeTestServices: true })("undoing what an automation wrote", (it) => {
  it.effect("takes back all of it, or one run, and leaves alone what people have changed, approved or exported since", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const user = yield* newUser({ automations: [standardDay] })
      for (const day of [8, 9, 10, 11, 12]) yield* runJob(yield* makeRun(user, "day", `2026-06-${String(day).padStart(2, "0")}T16:00:00Z`))
      const ids = (yield* entriesOf(user)).map(({ id }) => id)
      assert.lengthOf(ids, 5)
      yield* sql`UPDATE entries SET note = 'mine now' WHERE id = ${ids[1] ?? ""}`
      yield* sql`UPDATE entries SET status = 'approved' WHERE id = ${ids[2] ?? ""}`
      yield* sql`UPDATE entries SET "exportedAt" = now() WHERE id = ${ids[3] ?? ""}`
      assert.deepStrictEqual(yield* undo(user, "day", "2026-06-08T16:00:00Z"), { runs: 1, entries: 1, kept: 0 })
      assert.deepStrictEqual(yield* undo(user, "day"), { runs: 4, entries: 1, kept: 3 })
      assert.deepStrictEqual(yield* undo(user, "day"), { runs: 0, entries: 0, kept: 0 })
      assert.deepStrictEqual((yield* entriesOf(user)).map(({ id }) => id), ids.slice(1, 4))
      assert.deepStrictEqual(yield* runJob(yield* Effect.succeed({ ...user, automation: "gone" })).pipe(Effect.map(({ _tag }) => _tag)), "Complete")
    }))

  it.effect("opens again what was clocked out, and makes drafts again of what was handed over", () =>
    Effect.gen(function*() {
      const user = yield* newUser({
        automations: [automation("close", { type: "close-open-entry", at: "17:00" }), automation("submit", { type: "submit-pending", in: "today" })]
      })
      yield* newEntry(user, "2026-06-09T06:00:00Z", null, { status: "draft" })
      yield* runJob(yield* makeRun(user, "close", "2026-06-09T16:00:00Z"))
      assert.deepStrictEqual(spans(yield* entriesOf(user)), ["2026-06-09T06:00Z 2026-06-09T15:00Z"])
      yield* runJob(yield* makeRun(user, "submit", "2026-06-09T16:00:00Z"))
      assert.strictEqual((yield* entriesOf(user))[0]?.status, "pending")
      assert.deepStrictEqual(yield* undo(user, "close"), { runs: 1, entries: 0, kept: 1 }, "it was handed over since")
      assert.deepStrictEqual(yield* undo(user, "submit"), { runs: 1, entries: 1, kept: 0 })
      assert.deepInclude((yield* entriesOf(user))[0], { status: "draft", end: "2026-06-09T15:00Z" })
    }))

  it.effect("does not reach into another tenant", () =>
    Effect.gen(function*() {
      const user = yield* newUser({ automations: [standardDay] })
      yield* runJob(yield* makeRun(user, "day", "2026-06-09T16:00:00Z"))
      assert.deepStrictEqual(yield* undo({ ...user, tenantId: "tenant-other" }, "day"), { runs: 0, entries: 0, kept: 0 })
      assert.lengthOf(yield* entriesOf(user), 1)
    }))
})

/** On tables that the API has made, changed by these statements before the worker comes. */
const onApiTables = <A, E>(changes: ReadonlyArray<string>, test: (user: TestUser) => Effect.Effect<A, E, AutomationWorld>) =>
  Effect.gen(function*() {
    const url = yield* (yield* OwnPostgres).makeDatabase
    yield* query(url, apiSchema("public"))
    for (const change of changes) yield* query(url, change)
    yield* Effect.provide(
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO tenant_users (id, "tenantId", "userId", name, "updatedAt") VALUES ('u1', 't1', 'x', 'Ada', now())`
        return yield* test({ tenantId: "t1", tenantUserId: "u1" })
      }),
      Layer.fresh(automationsAt(url))
    )
  })

const end = (verdict: unknown): string => JSON.stringify(verdict)

layer(Layer.merge(OwnPostgres.layer, Logger.layer([])), { excludeTestServices: true })("automations on tables that the API has made", (it) => {
  it.effect("log, clock out and undo with native enums, and switch off what needs a status that they do not know", () =>
    onApiTables([], (user) =>
      Effect.gen(function*() {
        yield* setAutomations(user, [
          standardDay,
          automation("close", { type: "close-open-entry", at: "20:00" }),
          automation("draft", { type: "create-entry", start: "20:00", end: "21:00", as: "draft" }),
          automation("submit", { type: "submit-pending", in: "today" })
        ])
        yield* applyChanges
        assert.deepStrictEqual((yield* overviewOf(user)).map(({ automationId, reason, state }) => [automationId, state, reason]), [
          ["close", "active", null],
          ["day", "active", null],
          ["draft", "action-off", `the type of entries."status" has no value "draft"`],
          ["submit", "action-off", `the type of entries."status" has no value "draft"`]
        ])
        assert.include(end(yield* runJob(yield* makeRun(user, "day", "2026-06-09T16:00:00Z"))), `"done"`)
        assert.include(end(yield* runJob(yield* makeRun(user, "draft", "2026-06-09T16:00:00Z"))), `"off"`)
        yield* newEntry(user, "2026-06-10T16:00:00Z", null)
        assert.include(end(yield* runJob(yield* makeRun(user, "close", "2026-06-10T21:00:00Z"))), `"done"`)
        assert.deepStrictEqual(spans(yield* entriesOf(user)), ["2026-06-09T06:00Z 2026-06-09T15:00Z", "2026-06-10T16:00Z 2026-06-10T18:00Z"])
        assert.deepStrictEqual(yield* undo(user, "day"), { runs: 1, entries: 1, kept: 0 })
        assert.deepStrictEqual(yield* undo(user, "close"), { runs: 1, entries: 1, kept: 0 })
      })), 60_000)

  it.effect.skipIf(isNarrowed)("fill what every row of the API's must have, and go off where that is something unknown", () =>
    onApiTables([
      `ALTER TABLE entries ADD COLUMN "updatedAt" TIMESTAMP(3) NOT NULL, ADD COLUMN "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP`
    ], (user) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* setAutomations(user, [standardDay])
        yield* applyChanges
        assert.include(end(yield* runJob(yield* makeRun(user, "day", "2026-06-09T16:00:00Z"))), `"done"`)
        // A rule of the API's that this worker cannot know.
        yield* sql`ALTER TABLE entries ADD CONSTRAINT morning CHECK ("startDate" < '2026-06-10' OR note IS NOT NULL)`
        assert.include(end(yield* runJob(yield* makeRun(user, "day", "2026-06-10T16:00:00Z"))), `"off"`)
        const [overview] = yield* overviewOf(user)
        assert.strictEqual(overview?.state, "action-off")
        assert.match(overview?.reason ?? "", /morning/)
        yield* sql`ALTER TABLE entries DROP CONSTRAINT morning`
        assert.include(end(yield* runJob(yield* makeRun(user, "day", "2026-06-11T16:00:00Z"))), `"done"`)
        assert.deepInclude((yield* overviewOf(user))[0], { state: "active", reason: null })
      })), 60_000)

  it.effect("are told which column they do not know", () =>
    onApiTables([`ALTER TABLE entries ADD COLUMN "siteId" TEXT NOT NULL`], (user) =>
      Effect.gen(function*() {
        yield* setAutomations(user, [standardDay])
        yield* applyChanges
        assert.deepInclude((yield* overviewOf(user))[0], { state: "action-off", reason: `the table entries wants "siteId", which this worker does not know` })
      })))

  it.effect("read absences whose days are instants", () =>
    onApiTables([
      `CREATE TYPE "AbsenceStatus" AS ENUM ('PENDING', 'APPROVED', 'REJECTED')`,
      `CREATE TABLE absences (id TEXT PRIMARY KEY, "tenantId" TEXT NOT NULL, "tenantUserId" TEXT NOT NULL, "startDate" TIMESTAMP(3) NOT NULL, "endDate" TIMESTAMP(3), status "AbsenceStatus" NOT NULL, "updatedAt" TIMESTAMP(3) NOT NULL)`,
      // Midnight in Paris is the evening before in UTC.
      `INSERT INTO absences VALUES ('a', 't1', 'u1', '2026-06-08T22:00:00', '2026-06-09T21:59:59', 'APPROVED', now()), ('b', 't1', 'u1', '2026-06-10T22:00:00', '2026-06-11T21:59:59', 'REJECTED', now())`
    ], (user) =>
      Effect.gen(function*() {
        yield* setAutomations(user, [standardDay])
        for (const day of ["08", "09", "10", "11"]) yield* runJob(yield* makeRun(user, "day", `2026-06-${day}T16:00:00Z`))
        assert.deepStrictEqual((yield* entriesOf(user)).map(({ start }) => start.slice(0, 10)), ["2026-06-08", "2026-06-10", "2026-06-11"])
      })))
})
