import { assert, layer } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { InvoiceId, type TenantId } from "../../../src/domain/ids.ts"
import type { InvoiceFields } from "../../../src/domain/InvoiceFields.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { sameNumber } from "../../../layers/postgres/invoiceStatements.ts"
import { newInvoice, ownTables, rowOf } from "../../support/invoiceTables.ts"
import { someReading } from "../../support/readings.ts"

const claimOf = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId) {
  const answer = yield* (yield* Invoices).claim(tenantId, invoiceId, { generation: 1, jobId: invoiceId, holder: "test", lease: Duration.seconds(30) })
  return answer._tag === "Claimed" ? answer.invoice.claim : yield* Effect.die(`not claimed: ${answer._tag}`)
})

let made = 0

/** One more invoice of the tenant, not read yet. */
const anotherOf = Effect.fnUntraced(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  const invoiceId = InvoiceId.make(`twin-${++made}`)
  yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status) VALUES (${invoiceId}, ${tenantId}, ${`files/${invoiceId}`}, 'nouveau')`
  return invoiceId
})

const read = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId, fields: Partial<InvoiceFields> = {}, sha256: string = invoiceId) {
  yield* (yield* Invoices).complete(yield* claimOf(tenantId, invoiceId), someReading(fields), sha256)
})

const flagOf = Effect.fnUntraced(function*(invoiceId: InvoiceId) {
  const { invoice } = yield* rowOf(invoiceId)
  return { status: invoice["status"], needsReview: invoice["needsReview"], warnings: invoice["warnings"] }
})

const unflagged = { status: "processed", needsReview: false, warnings: [] }
const flagged = (other: InvoiceId, sentence = `Invoice ${other} has the same supplier and the same number: this may be the same invoice once more.`) => ({
  status: "processed",
  needsReview: true,
  warnings: [{ code: "possible-duplicate", field: "invoiceNumber", message: sentence }]
})

/** Reads a first invoice and a second of the same tenant. */
const two = Effect.fnUntraced(function*(first: Partial<InvoiceFields>, second: Partial<InvoiceFields>) {
  const { invoiceId, tenantId } = yield* newInvoice()
  yield* read(tenantId, invoiceId, first)
  const next = yield* anotherOf(tenantId)
  yield* read(tenantId, next, second)
  return { tenantId, first: invoiceId, second: next }
})

layer(ownTables, { excludeTestServices: true })("an invoice that may have come twice", (it) => {
  it.effect("is flagged with the other's id; the other one stays as it is", () =>
    Effect.gen(function*() {
      const { first, second } = yield* two({}, {})
      assert.deepStrictEqual(yield* flagOf(second), flagged(first))
      assert.deepStrictEqual(yield* flagOf(first), unflagged)
    }))

  for (const [name, first, second] of [
    ["the number's blanks and case", { invoiceNumber: "fa 12" }, { invoiceNumber: "FA12" }],
    ["the name's legal form and accents", { supplierName: "Maçonnerie Delorme SARL" }, { supplierName: "MACONNERIE DELORME" }],
    ["a misread letter of the name", { supplierName: "Toitures Martin" }, { supplierName: "Toitures Mart1n S.A.S." }],
    ["the name, where the company's number is the same", { supplierName: "Alpha", supplierSiren: "732829320" }, { supplierName: "Beta", supplierSiren: "732829320" }]
  ] as const) {
    it.effect(`is known whatever ${name}`, () =>
      Effect.gen(function*() {
        const invoices = yield* two(first, second)
        assert.deepStrictEqual(yield* flagOf(invoices.second), flagged(invoices.first))
      }))
  }

  for (const [name, first, second] of [
    ["another number", {}, { invoiceNumber: "FA-2026-0148" }],
    ["another supplier", {}, { supplierName: "Plomberie Durand" }],
    ["a credit note with the same number", {}, { documentType: "credit-note" }],
    ["no number", { invoiceNumber: null }, { invoiceNumber: null }],
    ["no supplier", { supplierName: null }, { supplierName: null }]
  ] as const) {
    it.effect(`is not one with ${name}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* flagOf((yield* two(first, second)).second), unflagged)
      }))
  }

  it.effect("is not one of another tenant", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* newInvoice(), yield* newInvoice()]
      yield* read(one.tenantId, one.invoiceId)
      yield* read(other.tenantId, other.invoiceId)
      assert.deepStrictEqual(yield* flagOf(other.invoiceId), unflagged)
    }))

  it.effect("is said to be the same file where it is", () =>
    Effect.gen(function*() {
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, {}, "same")
      const second = yield* anotherOf(tenantId)
      yield* read(tenantId, second, {}, "same")
      assert.deepStrictEqual(yield* flagOf(second), flagged(invoiceId, `The same file was read as invoice ${invoiceId} already.`))
    }))

  it.effect("is compared with what people have made of the other one", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId, { invoiceNumber: "FA-2O26-0147" })
      yield* sql`UPDATE invoices SET "invoiceNumber" = 'FA-2026-0147', status = 'paid', archived = true WHERE id = ${invoiceId}`
      const second = yield* anotherOf(tenantId)
      yield* read(tenantId, second)
      assert.deepStrictEqual(yield* flagOf(second), flagged(invoiceId))
    }))

  it.effect("is flagged on one of two that are written at the same moment", () =>
    Effect.gen(function*() {
      for (let round = 0; round < 12; round++) {
        const { invoiceId, tenantId } = yield* newInvoice()
        const second = yield* anotherOf(tenantId)
        yield* Effect.all([read(tenantId, invoiceId), read(tenantId, second)], { concurrency: "unbounded" })
        const flags = [yield* flagOf(invoiceId), yield* flagOf(second)].map(({ needsReview }) => needsReview)
        assert.deepStrictEqual(flags.toSorted(), [false, true])
      }
    }))

  it.effect("is no more flagged once it was read again after the other's number was set right", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { first, second, tenantId } = yield* two({}, {})
      yield* sql`UPDATE invoices SET "invoiceNumber" = 'FA-2026-0999' WHERE id = ${first}`
      yield* (yield* Invoices).requestReprocessing(tenantId, second)
      const answer = yield* (yield* Invoices).claim(tenantId, second, { generation: 2, jobId: "again", holder: "test", lease: Duration.seconds(30) })
      if (answer._tag !== "Claimed") return assert.fail(answer._tag)
      yield* (yield* Invoices).complete(answer.invoice.claim, someReading(), "other")
      assert.deepStrictEqual(yield* flagOf(second), unflagged)
    }))

  it.effect("is looked for by an index, however many the tenant has", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* read(tenantId, invoiceId)
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status, "invoiceNumber")
        SELECT 'many-' || n, ${tenantId}, 'files/many-' || n, 'processed', 'N ' || n FROM generate_series(1, 20000) AS n`
      yield* sql`ANALYZE invoices`
      const [text, values] = sameNumber(sql, { tenantId, invoiceId, epoch: 1n, generation: 1 }).compile()
      const plan = yield* sql.unsafe<{ readonly "QUERY PLAN": string }>(`EXPLAIN ${text}`, values)
      const lines = plan.map((row) => row["QUERY PLAN"]).join("\n")
      assert.include(lines, "invoices_of_number")
      assert.notInclude(lines, "Seq Scan on invoices")
    }))
})
