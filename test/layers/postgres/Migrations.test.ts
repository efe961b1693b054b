import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { query } from "../../../layers/embedded/connection.ts"
import { runMigrations } from "../../../layers/postgres/Migrations.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { InvoiceId, TenantId } from "../../../src/domain/ids.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { Tenants } from "../../../src/services/Tenants.ts"
import { apiSchema } from "../../support/apiSchema.ts"
import { databaseAt, rowOf, tablesAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { money, someReading } from "../../support/readings.ts"

const newDatabase = OwnPostgres.use(({ makeDatabase }) => makeDatabase)
const withSchema = (url: Redacted.Redacted, schema: string) => Redacted.make(`${Redacted.value(url)}?schema=${schema}`)
const poolOn = (url: Redacted.Redacted) => Layer.fresh(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false }))

/** Column by column: what the database looks like. */
const columns = (schema: string) =>
  SqlClient.SqlClient.use((sql) => sql<{ readonly place: string; readonly type: string; readonly nullable: string; readonly whenMissing: string | null }>`
    SELECT table_name || '.' || column_name AS place,
      udt_name || coalesce('(' || coalesce(character_maximum_length, numeric_precision, datetime_precision) || ',' || coalesce(numeric_scale, 0) || ')', '') AS type,
      is_nullable AS nullable, column_default AS "whenMissing"
    FROM information_schema.columns WHERE table_schema = ${schema} ORDER BY 1`)

const tenantId = TenantId.make("t1")
const invoiceId = InvoiceId.make("i1")
const take = Invoices.use((invoices) => invoices.claim(tenantId, invoiceId, { generation: 1, jobId: "j", holder: "test", lease: Duration.seconds(30) })).pipe(
  Effect.flatMap((answer) => answer._tag === "Claimed" ? Effect.succeed(answer.invoice.claim) : Effect.die(answer._tag))
)

layer(OwnPostgres.layer, { excludeTestServices: true })("migrations", (it) => {
  it.effect("make what is missing in an empty database, and do nothing the second time", () =>
    Effect.gen(function*() {
      const applied = yield* runMigrations
      const ids = applied.map(([id]) => id)
      assert.deepStrictEqual(ids, [...ids].sort((one, other) => one - other))
      assert.isNotEmpty(applied)
      const before = yield* columns("public")
      assert.deepStrictEqual(yield* runMigrations, [])
      assert.deepStrictEqual(yield* columns("public"), before)
      assert.includeMembers(before.map(({ place }) => place), ["invoices.status", "tenants.features", "webhooks.url", "webhook_deliveries.payload", "entries.note"])
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(newDatabase, poolOn)))))

  it.effect("may be started by five processes at once", () =>
    Effect.gen(function*() {
      const url = yield* newDatabase
      const applied = yield* Effect.forEach(
        [1, 2, 3, 4, 5],
        () => runMigrations.pipe(Effect.provide(poolOn(url))),
        { concurrency: "unbounded" }
      )
      assert.lengthOf(applied.filter((list) => list.length > 0), 1)
    }))

  for (const schema of ["public", "app"]) {
    it.effect(`add to the API's own tables in schema ${schema} and change nothing of them`, () =>
      Effect.gen(function*() {
        const url = yield* newDatabase
        yield* query(url, apiSchema(schema))
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const rows = sql`SELECT to_jsonb(i) AS row FROM invoices i ORDER BY id`
          const [before, rowsBefore] = [yield* columns(schema), yield* rows]
          yield* runMigrations
          const after = yield* columns(schema)
          const known = new Set(before.map(({ place }) => place))
          assert.deepStrictEqual(after.filter(({ place }) => known.has(place)), before)
          const added = after.filter(({ place }) => !known.has(place))
          assert.includeMembers(added.map(({ place }) => place), ["invoices.errorCode", "invoices.archived", "tenants.emailSettings"])
          for (const column of added.filter(({ place }) => !/^(projects|absences)\./.test(place))) {
            assert.isTrue(column.nullable === "YES" || column.whenMissing !== null, column.place)
          }
          const rowsAfter = yield* rows
          rowsAfter.forEach(({ row }, index) => assert.deepInclude(row, Object(rowsBefore[index]?.["row"])))
          const elsewhere = yield* columns(schema === "app" ? "public" : "app")
          assert.isEmpty(elsewhere, "no second set of tables")
        }).pipe(Effect.provide(poolOn(withSchema(url, schema))))
      }))

    it.effect(`lead to a whole cycle on the API's own tables in schema ${schema}`, () =>
      Effect.gen(function*() {
        const url = yield* newDatabase
        yield* query(url, apiSchema(schema))
        yield* Effect.gen(function*() {
          const invoices = yield* Invoices
          assert.isTrue((yield* (yield* Tenants).features(tenantId))?.invoices)
          const note = { code: "ocr-unavailable", sentence: "Not reached." }
          yield* invoices.noteRetry(yield* take, note, yield* DateTime.now)
          yield* invoices.setAside(tenantId, invoiceId, "feature-off")
          assert.strictEqual((yield* rowOf(invoiceId)).invoice["status"], "nouveau")
          yield* invoices.fail(yield* take, note)
          assert.deepInclude((yield* rowOf(invoiceId)).invoice, { status: "error", errorCode: note.code })
          yield* invoices.complete(yield* take, someReading(), "ab")
          assert.deepInclude((yield* rowOf(invoiceId)).invoice, {
            status: "processed",
            supplierName: "Toitures Martin",
            currency: "EUR",
            invoiceDate: "2026-03-29T00:00:00",
            dueDate: "2026-04-28",
            amountTTC: 1200,
            fileName: "a.pdf"
          })
          // A second reading tells the machine's own values from a person's on these types too.
          const asked = yield* invoices.requestReprocessing(tenantId, invoiceId)
          if (asked._tag !== "Asked") return assert.fail(asked._tag)
          const again = yield* invoices.claim(tenantId, invoiceId, { generation: asked.generation, jobId: "k", holder: "test", lease: Duration.seconds(30) })
          if (again._tag !== "Claimed") return assert.fail(again._tag)
          yield* invoices.complete(again.invoice.claim, someReading({ supplierName: "Other", amountTTC: money("7.77"), invoiceDate: null }), "ab")
          assert.deepInclude((yield* rowOf(invoiceId)).invoice, { supplierName: "Other", amountTTC: 7.77, invoiceDate: null })
        }).pipe(Effect.provide(tablesAt(withSchema(url, schema))))
      }))
  }
})
