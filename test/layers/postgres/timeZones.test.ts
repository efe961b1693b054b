import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { afterAll, beforeAll, vi } from "vitest"
import { query } from "../../../layers/embedded/connection.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { newInvoice, tablesAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { day, someReading } from "../../support/readings.ts"

const inParis = OwnPostgres.use(({ makeDatabase }) => makeDatabase).pipe(
  Effect.tap((url) => query(url, `ALTER DATABASE "${new URL(Redacted.value(url)).pathname.slice(1)}" SET timezone TO 'Europe/Paris'`))
)

layer(OwnPostgres.layer, { excludeTestServices: true })("a process and a database in Paris", (it) => {
  beforeAll(() => void vi.stubEnv("TZ", "Europe/Paris"))
  afterAll(() => void vi.unstubAllEnvs())

  it.effect("store dates as they stand on the invoice and times in UTC", () =>
    Effect.gen(function*() {
      assert.strictEqual(new Date(2026, 6, 1).getTimezoneOffset(), -120)
      const url = yield* inParis
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const invoices = yield* Invoices
        const { invoiceId, tenantId } = yield* newInvoice()
        const lease = Duration.seconds(30)
        const retried = yield* invoices.claim(tenantId, invoiceId, { generation: 1, jobId: "j", holder: "test", lease })
        if (retried._tag !== "Claimed") return assert.fail(retried._tag)
        yield* invoices.noteRetry(retried.invoice.claim, { code: "c", sentence: "s" }, DateTime.makeUnsafe("2026-07-01T10:00:00Z"))
        const [next] = yield* sql`SELECT "nextAttemptAt" = '2026-07-01T10:00:00Z' AS same FROM tt_worker.invoice_claims WHERE "invoiceId" = ${invoiceId}`
        assert.isTrue(next?.["same"])

        const answer = yield* invoices.claim(tenantId, invoiceId, { generation: 1, jobId: "j", holder: "test", lease })
        if (answer._tag !== "Claimed") return assert.fail(answer._tag)
        yield* invoices.complete(answer.invoice.claim, someReading({ invoiceDate: day("2026-03-29"), dueDate: day("2026-10-25") }), "ab")
        const [row] = yield* sql`SELECT "invoiceDate"::text, "dueDate"::text,
            abs(extract(epoch FROM "processedAt" - (clock_timestamp() AT TIME ZONE 'UTC'))) < 60 AS "processedInUtc",
            abs(extract(epoch FROM "updatedAt" - (clock_timestamp() AT TIME ZONE 'UTC'))) < 60 AS "updatedInUtc",
            abs(extract(epoch FROM "createdAt" - (clock_timestamp() AT TIME ZONE 'UTC'))) < 60 AS "createdInUtc"
          FROM invoices WHERE id = ${invoiceId}`
        assert.deepStrictEqual({ ...row }, {
          invoiceDate: "2026-03-29",
          dueDate: "2026-10-25",
          processedInUtc: true,
          updatedInUtc: true,
          createdInUtc: true
        })
      }).pipe(Effect.provide(tablesAt(url)))
    }))
})
