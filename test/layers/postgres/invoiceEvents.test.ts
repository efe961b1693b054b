import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { eventCatalogue } from "../../../src/domain/events/catalogue.ts"
import { InvoiceError, InvoiceProcessed } from "../../../src/domain/events/invoiceEvents.ts"
import type { InvoiceId, TenantId } from "../../../src/domain/ids.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { newInvoice, ownTables } from "../../support/invoiceTables.ts"
import { isNarrowed } from "../../support/postgresAt.ts"
import { money, someReading } from "../../support/readings.ts"

const note = { code: "file-damaged", sentence: "The file is damaged." }

const claim = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId, generation = 1, jobId = "job") {
  const answer = yield* (yield* Invoices).claim(tenantId, invoiceId, { generation, jobId, holder: "test", lease: Duration.seconds(30) })
  return answer._tag === "Claimed" ? answer.invoice.claim : yield* Effect.die(`not claimed: ${answer._tag}`)
})

/** An invoice of a firm that listens to everything about invoices. */
const watchedInvoice = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const made = yield* newInvoice()
  yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${`hook-${made.invoiceId}`}, ${made.tenantId}, 'https://example.com/in', '{invoice.*}')`
  return made
})

const told = Effect.fnUntraced(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ readonly event: string; readonly body: string; readonly orderingKey: string }>`SELECT event, body, "orderingKey"
    FROM webhook_deliveries WHERE "tenantId" = ${tenantId} ORDER BY "orderingSequence"`
})

const decode = <S extends Schema.Decoder<unknown>>(schema: S) => Schema.decodeUnknownSync(Schema.fromJsonString(schema), { onExcessProperty: "error" })
const generationIn = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ data: Schema.Struct({ generation: Schema.Int }) })))

layer(ownTables, { excludeTestServices: true })("what subscribers are told of an invoice", (it) => {
  it.effect("that it was processed, with the values of the row", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* watchedInvoice
      yield* sql`UPDATE invoices SET "supplierName" = 'By hand' WHERE id = ${invoiceId}`
      yield* (yield* Invoices).complete(yield* claim(tenantId, invoiceId), someReading({ amountTVA: money("200"), dueDate: null }), "ab")
      const [delivery, ...others] = yield* told(tenantId)
      assert.isEmpty(others)
      assert.deepInclude(delivery, { event: "invoice.processed", orderingKey: invoiceId })
      const { data, timestamp, type } = decode(InvoiceProcessed)(delivery?.body)
      assert.deepStrictEqual(data, {
        tenantId,
        invoiceId,
        generation: 1,
        documentType: "invoice",
        supplierName: "By hand",
        invoiceNumber: "FA-2026-0147",
        invoiceDate: "2026-03-29",
        dueDate: null,
        currency: "EUR",
        amountHT: "1000.00",
        amountTVA: "200.00",
        amountTTC: "1200.00",
        confidence: 0.9,
        needsReview: false,
        source: "pdf-text"
      })
      assert.strictEqual(type, "invoice.processed")
      assert.isBelow(Math.abs(Date.parse(timestamp) - Date.now()), 60_000)
    }))

  it.effect("that it ended in error, but nothing of an attempt that is followed by another", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const { invoiceId, tenantId } = yield* watchedInvoice
      yield* invoices.noteRetry(yield* claim(tenantId, invoiceId), note, yield* DateTime.now)
      assert.isEmpty(yield* told(tenantId))
      yield* invoices.fail(yield* claim(tenantId, invoiceId), note)
      const [delivery] = yield* told(tenantId)
      const { data } = decode(InvoiceError)(delivery?.body)
      assert.deepStrictEqual(data, { tenantId, invoiceId, generation: 1, errorCode: note.code, errorMessage: note.sentence })
    }))

  it.effect("once for each generation, however often the job runs again", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const { invoiceId, tenantId } = yield* watchedInvoice
      // The worker died after the row was closed and before the queue heard of it: the job comes back.
      for (const jobId of ["job-1", "job-1", "job-2"]) yield* invoices.fail(yield* claim(tenantId, invoiceId, 1, jobId), note)
      const again = yield* invoices.requestReprocessing(tenantId, invoiceId)
      if (again._tag !== "Asked") return assert.fail(again._tag)
      yield* invoices.fail(yield* claim(tenantId, invoiceId, again.generation), note)
      const third = yield* invoices.requestReprocessing(tenantId, invoiceId)
      if (third._tag !== "Asked") return assert.fail(third._tag)
      yield* invoices.complete(yield* claim(tenantId, invoiceId, third.generation), someReading(), "ab")
      const seen = (yield* told(tenantId)).map(({ body, event }) => [event, generationIn(body).data.generation])
      assert.deepStrictEqual(seen, [["invoice.error", 1], ["invoice.error", 2], ["invoice.processed", 3]])
    }))

  it.effect("nothing by a holder that was taken over, or when a person decided meanwhile", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const invoices = yield* Invoices
      for (const status of ["processing", "approved"]) {
        const { invoiceId, tenantId } = yield* watchedInvoice
        const held = yield* claim(tenantId, invoiceId)
        if (status === "processing") yield* claim(tenantId, invoiceId)
        else yield* sql`UPDATE invoices SET status = ${status} WHERE id = ${invoiceId}`
        for (const write of [invoices.complete(held, someReading(), "ab"), invoices.fail(held, note)]) {
          assert.strictEqual((yield* Effect.flip(write)).reason._tag, "ClaimLost")
        }
        assert.isEmpty(yield* told(tenantId))
      }
    }))

  it.effect.skipIf(isNarrowed)("nothing, where the row could not be closed together with it", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* watchedInvoice
      const held = yield* claim(tenantId, invoiceId)
      yield* sql`ALTER TABLE webhook_deliveries ADD CONSTRAINT no_such_event CHECK (event <> 'invoice.processed') NOT VALID`
      const error = yield* Effect.flip((yield* Invoices).complete(held, someReading(), "ab"))
      yield* sql`ALTER TABLE webhook_deliveries DROP CONSTRAINT no_such_event`
      assert.include(error.message, "event invoice.processed could not be emitted")
      const [row] = yield* sql`SELECT status FROM invoices WHERE id = ${invoiceId}`
      assert.strictEqual(row?.["status"], "processing")
      assert.isEmpty(yield* told(tenantId))
    }))

  it("by names and shapes that are in the catalogue, each with an example that fits", () => {
    for (const [name, { example, schema }] of Object.entries(eventCatalogue)) {
      assert.match(name, /^[a-z-]+\.[a-z-]+$/)
      assert.doesNotThrow(() => Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(example))
    }
  })
})
