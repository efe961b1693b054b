import { assert, layer } from "@effect/vitest"
import { Effect, Layer, type Redacted } from "effect"
import { query } from "../../../layers/embedded/connection.ts"
import { runMigrations } from "../../../layers/postgres/Migrations.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { PostgresSharedTables } from "../../../layers/postgres/PostgresSharedTables.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { misfitInWords, SharedTables } from "../../../src/services/SharedTables.ts"
import { apiSchema } from "../../support/apiSchema.ts"
import { databaseAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

/** What does not fit for this program, after these changes to a database that did. */
const misfits = (url: Redacted.Redacted, change: string, program: (typeof QUEUE_NAMES)[keyof typeof QUEUE_NAMES] | null = QUEUE_NAMES.INVOICE_PROCESSING) =>
  query(url, `${change};`).pipe(
    Effect.andThen(SharedTables.use((tables) => tables.misfits(program))),
    Effect.map((all) => all.map(misfitInWords)),
    Effect.provide(PostgresSharedTables.pipe(Layer.provide(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false }))))
  )

const migrated = (prepare: string) =>
  Effect.gen(function*() {
    const url = yield* (yield* OwnPostgres).makeDatabase
    if (prepare !== "") yield* query(url, prepare)
    yield* runMigrations.pipe(Effect.provide(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false })))
    return url
  })

layer(OwnPostgres.layer, { excludeTestServices: true })("the shared tables", (it) => {
  it.effect("fit when the worker has made them, and when Prisma has", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* misfits(yield* migrated(""), "SELECT 1", null), [])
      assert.deepStrictEqual(yield* misfits(yield* migrated(apiSchema("public")), "SELECT 1", null), [])
    }))

  it.effect("are told by table, column, what was found and what is expected where they do not fit", () =>
    Effect.gen(function*() {
      const url = yield* migrated("")
      const found = yield* misfits(url, `
        CREATE TYPE "Status" AS ENUM ('nouveau', 'processing', 'processed');
        ALTER TABLE invoices ALTER COLUMN status DROP DEFAULT, ALTER COLUMN status TYPE "Status" USING status::"Status",
          ALTER COLUMN "amountHT" TYPE numeric(10,1), ALTER COLUMN "amountTTC" TYPE integer, ALTER COLUMN "supplierName" SET NOT NULL,
          ALTER COLUMN "dueDate" TYPE text, DROP COLUMN evidence`)
      assert.deepStrictEqual(found, [
        `invoices."status": found enum Status without 'error', expected text, varchar, char, citext or an enum with nouveau, processing, processed, error`,
        `invoices."supplierName": found text NOT NULL, expected text, varchar, char or citext, nullable`,
        `invoices."dueDate": found text, expected date, timestamp or timestamptz, nullable`,
        `invoices."amountHT": found numeric with 1 places, expected numeric with at least 2 places, nullable`,
        `invoices."amountTTC": found integer, expected numeric with at least 2 places, nullable`,
        `invoices."evidence": found missing, expected jsonb`
      ])
    }))

  it.effect("are judged for each program by its own columns", () =>
    Effect.gen(function*() {
      const url = yield* migrated("")
      yield* query(url, "ALTER TABLE webhook_deliveries ALTER COLUMN \"durationMs\" TYPE text")
      assert.deepStrictEqual(yield* misfits(url, "SELECT 1"), [])
      assert.lengthOf(yield* misfits(url, "SELECT 1", QUEUE_NAMES.WEBHOOK_DELIVERY), 1)
    }))
})
