import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { keyColumn, keyTables, ownTenantTables } from "../../../layers/postgres/tenantTables.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { Layer } from "effect"

layer(newOutboxTables.pipe(Layer.provide(OwnPostgres.layer)), { excludeTestServices: true })("the list of tables that keep something of a tenant", (it) => {
  it.effect("has every table of the worker's schema that names one, so that erasing forgets none", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const columns = yield* sql<{ readonly table: string; readonly column: string }>`
        SELECT 'tt_worker.' || c.relname AS "table", a.attname::text AS "column" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'tt_worker'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`
      const naming = (test: (column: string) => boolean) => [...new Set(columns.filter(({ column }) => test(column)).map(({ table }) => table))].sort()
      assert.deepStrictEqual(naming((column) => /^tenant(_?id)?$/i.test(column)), ownTenantTables.map(({ table }) => table).sort())
      // Keys are free text of the programs: a table of them is in the list unless it is the schedules' or the settings'.
      assert.deepStrictEqual(
        naming((column) => column === keyColumn).filter((table) => !["tt_worker.schedules", "tt_worker.occurrences", "tt_worker.settings"].includes(table)),
        [...keyTables].sort()
      )
    }))
})
