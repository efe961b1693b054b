import { assert, layer } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { InvoiceId, TenantId } from "../../../src/domain/ids.ts"
import type { InvoiceFields } from "../../../src/domain/InvoiceFields.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { newInvoice, ownTables, rowOf } from "../../support/invoiceTables.ts"
import { isNarrowed } from "../../support/postgresAt.ts"
import { money, someReading } from "../../support/readings.ts"

const claim = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId, generation: number) {
  return yield* (yield* Invoices).claim(tenantId, invoiceId, { generation, jobId: `job-${generation}`, holder: "test", lease: Duration.seconds(30) })
})

/** One whole run of a job: claimed and completed with these fields. */
const read = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId, generation: number, change: Partial<InvoiceFields> = {}) {
  const answer = yield* claim(tenantId, invoiceId, generation)
  if (answer._tag !== "Claimed") return yield* Effect.die(`not claimed: ${answer._tag}`)
  yield* (yield* Invoices).complete(answer.invoice.claim, someReading(change), "ab")
})

const askAgain = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId) {
  const answer = yield* (yield* Invoices).requestReprocessing(tenantId, invoiceId)
  return answer._tag === "Asked" ? answer.generation : yield* Effect.die(answer._tag)
})

const edit = Effect.fnUntraced(function*(invoiceId: InvoiceId, column: string, value: string | null) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE invoices SET ${sql(column)} = ${value} WHERE id = ${invoiceId}`
})

const fieldsOf = (invoiceId: InvoiceId) => Effect.map(rowOf(invoiceId), ({ invoice }) => invoice)

layer(ownTables, { excludeTestServices: true })("asking for an invoice to be read again", (it) => {
  it.effect("reopens a processed invoice once, however often it is asked for meanwhile", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1)
      const asked = yield* Effect.all([askAgain(tenantId, invoiceId), askAgain(tenantId, invoiceId)], { concurrency: 2 })
      assert.deepStrictEqual(asked, [2, 2])
      yield* read(tenantId, invoiceId, 2, { supplierName: "Second" })
      assert.deepInclude(yield* claim(tenantId, invoiceId, 2), { _tag: "Skipped", reason: "already-processed" })
      assert.strictEqual(yield* askAgain(tenantId, invoiceId), 3)
    }))

  it.effect.skipIf(isNarrowed)("enqueues the job in the same transaction: without it nothing was asked", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1)
      const answer = yield* (yield* Invoices).requestReprocessing(tenantId, invoiceId)
      if (answer._tag !== "Asked") return assert.fail(answer._tag)
      const enqueued = sql<Record<string, unknown>>`SELECT "jobId", data FROM tt_worker.outbox WHERE data LIKE ${`%"${invoiceId}"%`}`
      assert.deepStrictEqual((yield* enqueued).map((row) => ({ ...row })), [{ jobId: answer.jobId, data: JSON.stringify({ invoiceId, tenantId, generation: 2 }) }])

      yield* read(tenantId, invoiceId, 2)
      const before = yield* rowOf(invoiceId)
      // A queue that is not there.
      yield* (yield* JobOutbox).announceBackend("postgres")
      const error = yield* Effect.flip((yield* Invoices).requestReprocessing(tenantId, invoiceId))
      assert.include(error.message, "it could not be asked for again: schema \"bullmq\" does not exist")
      assert.deepStrictEqual(yield* rowOf(invoiceId), before)
      yield* (yield* JobOutbox).announceBackend("redis")
    }))

  it.effect("reopens an invoice that another program had processed", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice({ status: "processed" })
      yield* read(tenantId, invoiceId, yield* askAgain(tenantId, invoiceId))
      assert.deepInclude(yield* fieldsOf(invoiceId), { status: "processed", supplierName: "Toitures Martin" })
    }))

  it.effect("asks for nothing more while the invoice is being read", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* claim(tenantId, invoiceId, 1)
      assert.strictEqual(yield* askAgain(tenantId, invoiceId), 1)
    }))

  it.effect("gives a double click the job of the first click, and a later one a job of its own", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      const ask = Invoices.use((invoices) => invoices.requestReprocessing(tenantId, invoiceId)).pipe(
        Effect.flatMap((answer) => answer._tag === "Asked" ? Effect.succeed(answer) : Effect.die(answer._tag))
      )
      const enqueued = Effect.map(sql`SELECT 1 FROM tt_worker.outbox WHERE data LIKE ${`%"${invoiceId}"%`}`, ({ length }) => length)
      yield* read(tenantId, invoiceId, 1)
      const clicks = yield* Effect.all(Array.from({ length: 5 }, () => ask), { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(clicks.map(({ generation, jobId }) => `${generation} ${jobId}`)).size, 1)
      assert.strictEqual(yield* enqueued, 1)
      // The job may have been lost meanwhile.
      yield* sql`UPDATE tt_worker.invoice_claims SET "askedAt" = "askedAt" - interval '31 seconds' WHERE "invoiceId" = ${invoiceId}`
      const later = yield* ask
      assert.strictEqual(later.generation, 2)
      assert.notStrictEqual(later.jobId, clicks[0]?.jobId)
      assert.strictEqual(yield* enqueued, 2)
      // And a click after the end is a new one at once.
      yield* read(tenantId, invoiceId, 2)
      const next = yield* ask
      assert.deepStrictEqual([next.generation, yield* enqueued], [3, 3])
    }))

  it.effect("counts an invoice that ended in error as ended: asking again raises the generation", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      const fail = (generation: number) =>
        Effect.gen(function*() {
          const answer = yield* claim(tenantId, invoiceId, generation)
          if (answer._tag !== "Claimed") return yield* Effect.die(answer._tag)
          yield* (yield* Invoices).fail(answer.invoice.claim, { code: "file-damaged", sentence: "Damaged." })
        })
      yield* fail(1)
      assert.deepStrictEqual([yield* askAgain(tenantId, invoiceId), yield* askAgain(tenantId, invoiceId)], [2, 2])
      yield* fail(2)
      assert.strictEqual(yield* askAgain(tenantId, invoiceId), 3)
      yield* read(tenantId, invoiceId, 3)
      assert.deepInclude(yield* fieldsOf(invoiceId), { status: "processed" })
    }))

  it.effect("does not reopen what was archived meanwhile", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1)
      const generation = yield* askAgain(tenantId, invoiceId)
      yield* sql`UPDATE invoices SET archived = true WHERE id = ${invoiceId}`
      assert.deepInclude(yield* claim(tenantId, invoiceId, generation), { _tag: "Skipped", reason: "archived" })
    }))

  it.effect("says so, and changes nothing, where people have decided", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      for (const status of ["approved", "paid"]) {
        const { invoiceId, tenantId } = yield* newInvoice({ status })
        const before = yield* rowOf(invoiceId)
        assert.deepEqual(yield* (yield* Invoices).requestReprocessing(tenantId, invoiceId), { _tag: "BelongsToPeople", status })
        assert.deepStrictEqual(yield* rowOf(invoiceId), before)
      }
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1)
      yield* sql`UPDATE invoices SET archived = true WHERE id = ${invoiceId}`
      assert.deepEqual(yield* (yield* Invoices).requestReprocessing(tenantId, invoiceId), { _tag: "BelongsToPeople", status: "archived" })
    }))

  it.effect("is what the API calls in SQL, and knows no invoice that is not there", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1)
      const [row] = yield* sql`SELECT tt_worker.request_invoice_reprocessing(${tenantId}, ${invoiceId}) AS generation`
      assert.strictEqual(row?.["generation"], 2)
    }))

  it.effect("keeps what a person has corrected, and updates the rest", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1, { dueDate: null, invoiceNumber: null })
      yield* edit(invoiceId, "supplierName", "Martin & Fils")
      yield* edit(invoiceId, "amountTTC", "1234.56")
      yield* edit(invoiceId, "dueDate", "2026-05-01")
      yield* edit(invoiceId, "currency", null)
      const second = { supplierName: "TOITURES MARTIN SARL", amountTTC: money("1300.00"), amountHT: money("1100.00"), invoiceNumber: "FA-1", invoiceDate: null, iban: null }
      for (const generation of [2, 3]) {
        assert.strictEqual(yield* askAgain(tenantId, invoiceId), generation)
        yield* read(tenantId, invoiceId, generation, second)
        assert.deepInclude(yield* fieldsOf(invoiceId), {
          supplierName: "Martin & Fils",
          amountTTC: 1234.56,
          dueDate: "2026-05-01",
          currency: null,
          amountHT: 1100,
          invoiceNumber: "FA-1",
          invoiceDate: null,
          iban: null
        })
      }
    }))

  it.effect("keeps what a person had entered before the first reading", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* edit(invoiceId, "supplierName", "By hand")
      yield* read(tenantId, invoiceId, 1)
      assert.deepInclude(yield* fieldsOf(invoiceId), { supplierName: "By hand", invoiceNumber: "FA-2026-0147" })
    }))

  it.effect("does not mistake the column's rounding for a person's correction", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, 1, { amountHT: money("12.345"), vatLines: [] })
      yield* read(tenantId, invoiceId, yield* askAgain(tenantId, invoiceId), { amountHT: money("99.5") })
      assert.deepInclude(yield* fieldsOf(invoiceId), { amountHT: 99.5 })
    }))
})
