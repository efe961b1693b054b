import { assert, describe, it as test, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { readFileSync } from "node:fs"
import { query } from "../../../layers/embedded/connection.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { serverMessageOf } from "../../../layers/postgres/sqlState.ts"
import { invoiceTable, ownTenantTables, sharedTables } from "../../../layers/postgres/tenantTables.ts"
import { forTenant } from "../../../src/services/CurrentTenant.ts"
import { databaseAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { changed, narrowedDatabase, runScript } from "../../support/workerRole.ts"

const script = readFileSync(new URL("../../../deploy/postgres/row-level-security.sql", import.meta.url), "utf8")

describe("the script for row-level security", () => {
  test("has every table with rows of tenants, but the one by which the queue takes turns, which BullMQ's connections read", () => {
    const listed = [...script.matchAll(/^ {6}\((api|'tt_worker'), '(\w+)', '(\w+)'\)/gm)].map(([, place = "", name = "", column = ""]) => `${place === "api" ? "" : "tt_worker."}${name} "${column}"`)
    const onlyRead = ["tenant_users", "projects", "entries", "absences"].map((table) => ({ table, column: `"tenantId"` }))
    const expected = [...ownTenantTables, ...sharedTables, invoiceTable, ...onlyRead].filter(({ table }) => table !== "tt_worker.tenant_turns").map(({ column, table }) => `${table} ${column}`)
    assert.sameMembers(listed, [...expected, `tenants "id"`])
  })
})

const filled = Effect.gen(function*() {
  const owner = yield* (yield* OwnPostgres).makeDatabase
  const url = yield* narrowedDatabase(owner)
  yield* query(owner, `INSERT INTO tenants (id) VALUES ('a'), ('b');
    INSERT INTO invoices (id, "tenantId", "fileKey") VALUES ('a1', 'a', 'k'), ('a2', 'a', 'k'), ('b1', 'b', 'k')`)
  return { owner, url }
})

const tables = (url: Parameters<typeof databaseAt>[0]) => Layer.fresh(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false }))
const ids = SqlClient.SqlClient.use((sql) => Effect.map(sql<{ readonly id: string }>`SELECT id FROM invoices ORDER BY id`, (rows) => rows.map(({ id }) => id)))

layer(OwnPostgres.layer, { excludeTestServices: true })("row-level security", (it) => {
  it.effect("shows a job its own tenant's rows, in and outside of transactions, whatever its statement forgets, and the worker's own rounds all of them", () =>
    Effect.gen(function*() {
      const { url } = yield* filled
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* ids, ["a1", "a2", "b1"])
        assert.deepStrictEqual(yield* forTenant("a")(ids), ["a1", "a2"])
        assert.deepStrictEqual(yield* forTenant("b")(sql.withTransaction(ids)), ["b1"])
        assert.deepStrictEqual(yield* Effect.forEach(["a", "b", "c", "a", "b", "c", "a", "b"], (tenant) => Effect.map(forTenant(tenant)(ids), (found) => found.length), { concurrency: 8 }), [2, 1, 0, 2, 1, 0, 2, 1])
        assert.deepStrictEqual(yield* ids, ["a1", "a2", "b1"], "nothing sticks to a connection")

        assert.lengthOf(yield* forTenant("a")(sql`UPDATE invoices SET archived = true WHERE id = 'b1' RETURNING 1`), 0)
        assert.lengthOf(yield* forTenant("a")(sql`SELECT 1 FROM tenants`), 1)
        const refused = yield* Effect.flip(forTenant("a")(sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES ('x', 'b', 'k')`))
        assert.include(serverMessageOf(refused), "row-level security policy")
        // A transaction that failed is told as such.
        assert.include(String(yield* Effect.flip(forTenant("a")(sql.withTransaction(Effect.andThen(Effect.ignore(sql`SELECT 1 / 0`), sql`SELECT 1`))))), "SqlError")
      }).pipe(Effect.provide(tables(url)))
    }))

  it.effect("shows nothing to a connection of the worker's role that does not say for whom it is, and everything to other roles, as before", () =>
    Effect.gen(function*() {
      const { owner, url } = yield* filled
      assert.strictEqual(yield* query(url, "SELECT 1 FROM invoices"), 0)
      yield* query(owner, "CREATE ROLE api; GRANT USAGE ON SCHEMA public TO api; GRANT ALL ON ALL TABLES IN SCHEMA public TO api")
      assert.strictEqual(yield* query(changed(owner, (address) => address.searchParams.set("options", "-c role=api")), "SELECT 1 FROM invoices WHERE current_user = 'api'"), 3)
      assert.strictEqual(yield* query(owner, "SELECT 1 FROM pg_policies WHERE tablename = 'invoices'"), 3)
    }))

  it.effect("may be run again and taken away again; where the API has policies of its own, those stay", () =>
    Effect.gen(function*() {
      const { owner, url } = yield* filled
      yield* query(owner, `CREATE POLICY theirs ON entries USING (true); DROP POLICY tt_worker_others ON entries`)
      yield* runScript(owner, "row-level-security")
      yield* runScript(owner, "row-level-security", { "tt_rls.remove": "true" })
      assert.strictEqual(yield* query(owner, "SELECT 1 FROM pg_policies"), 1)
      assert.strictEqual(yield* query(owner, "SELECT 1 FROM pg_class WHERE relrowsecurity AND relname = 'entries'"), 1)
      assert.strictEqual(yield* query(owner, "SELECT 1 FROM pg_class WHERE relrowsecurity"), 1)
      yield* Effect.provide(Effect.map(forTenant("a")(ids), (found) => assert.lengthOf(found, 3)), tables(url))
    }))

  it.effect("does not hold for the owner of the tables, who then works as without", () =>
    Effect.gen(function*() {
      const { owner } = yield* filled
      yield* Effect.provide(Effect.map(forTenant("a")(ids), (found) => assert.lengthOf(found, 3)), tables(owner))
    }))
})
