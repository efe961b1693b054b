import { assert, layer } from "@effect/vitest"
import { Effect, Layer, type Redacted } from "effect"
import { query } from "../../../layers/embedded/connection.ts"
import { runMigrations } from "../../../layers/postgres/Migrations.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { sharedColumns } from "../../../layers/postgres/sharedColumns.ts"
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

  it.effect("are told for every column that any program reads or writes", () =>
    Effect.gen(function*() {
      const url = yield* migrated("")
      const all = yield* misfits(url, sharedColumns.map(({ column, table }) => `ALTER TABLE ${table} DROP COLUMN IF EXISTS "${column}" CASCADE`).join(";"), null)
      assert.sameMembers(all.map((line) => line.replace(/: .*/, "")), sharedColumns.filter(({ optional }) => !optional).map(({ column, table }) => `${table}."${column}"`))
      assert.isTrue(all.every((line) => line.includes(": found missing, expected ")))
    }))

  it.effect("may be in the way of automations, mail and webhooks as well", () =>
    Effect.gen(function*() {
      const url = yield* migrated(apiSchema("public"))
      const change = `
        CREATE TYPE "Source" AS ENUM ('app', 'import');
        CREATE TYPE "DeliveryStatus" AS ENUM ('pending', 'delivered', 'failed');
        ALTER TABLE entries ALTER COLUMN source TYPE "Source" USING NULL, ALTER COLUMN "endDate" SET NOT NULL, ALTER COLUMN "breakMinutes" TYPE text;
        ALTER TABLE tenants ALTER COLUMN "emailSettings" TYPE text;
        ALTER TABLE invoices ADD COLUMN "uploaderName" text, ALTER COLUMN "fileName" DROP DEFAULT;
        UPDATE invoices SET "uploaderName" = ''; ALTER TABLE invoices ALTER COLUMN "uploaderName" SET NOT NULL;
        ALTER TABLE webhook_deliveries ALTER COLUMN status DROP DEFAULT, ALTER COLUMN status TYPE "DeliveryStatus" USING status::"DeliveryStatus"`
      assert.deepStrictEqual(yield* misfits(url, change, QUEUE_NAMES.AUTOMATION), [
        `entries."endDate": found timestamp NOT NULL, expected timestamp or timestamptz, nullable`,
        `entries."breakMinutes": found text, expected smallint, integer, bigint, numeric, real or double precision, nullable`,
        `entries."source": found enum Source without 'automation', expected text, varchar, char, citext or an enum with automation`,
        `webhook_deliveries."status": found enum DeliveryStatus, expected text, varchar, char or citext`
      ])
      assert.deepStrictEqual(yield* misfits(url, "SELECT 1", QUEUE_NAMES.EMAIL_SYNC), [
        `tenants."emailSettings": found text, expected jsonb`,
        `webhook_deliveries."status": found enum DeliveryStatus, expected text, varchar, char or citext`,
        `invoices."uploaderName": found text NOT NULL, expected nullable or with a default: rows are added that do not have it`
      ])
      // Who reads invoices adds none.
      assert.lengthOf(yield* misfits(url, "SELECT 1", QUEUE_NAMES.INVOICE_PROCESSING), 1)
    }))

  it.effect("fit with columns of enums where the worker only compares, in lists, too, and with columns that the API does not have", () =>
    Effect.gen(function*() {
      const url = yield* migrated(apiSchema("public"))
      assert.deepStrictEqual(yield* misfits(url, `
        CREATE TYPE "Event" AS ENUM ('invoice.processed', 'invoice.error');
        ALTER TABLE webhooks ALTER COLUMN events TYPE "Event"[] USING NULL;
        DROP TABLE absences;
        ALTER TABLE entries DROP COLUMN "exportedAt", DROP COLUMN "breakMinutes"`, null), [])
    }))

  it.effect("are judged for each program by its own columns", () =>
    Effect.gen(function*() {
      const url = yield* migrated("")
      yield* query(url, "ALTER TABLE webhook_deliveries ALTER COLUMN \"durationMs\" TYPE text")
      assert.deepStrictEqual(yield* misfits(url, "SELECT 1"), [])
      assert.lengthOf(yield* misfits(url, "SELECT 1", QUEUE_NAMES.WEBHOOK_DELIVERY), 1)
    }))
})
