import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { InvoiceId, TenantId } from "../../../src/domain/ids.ts"
import { TenantId as makeTenantId } from "../../../src/domain/ids.ts"
import { type ClaimRequest, type InvoiceClaim, Invoices, type InvoicesError } from "../../../src/services/Invoices.ts"
import { type InvoiceOptions, newInvoice, ownTables, rowOf } from "../../support/invoiceTables.ts"
import { day, money, someReading } from "../../support/readings.ts"

const request = (change: Partial<ClaimRequest> = {}): ClaimRequest => ({
  generation: 1,
  jobId: "job-1",
  holder: "test",
  lease: Duration.seconds(30),
  ...change
})

const claimOf = Effect.fnUntraced(function*(tenantId: TenantId, invoiceId: InvoiceId, change: Partial<ClaimRequest> = {}) {
  const answer = yield* (yield* Invoices).claim(tenantId, invoiceId, request(change))
  return answer._tag === "Claimed" ? answer.invoice.claim : yield* Effect.die(`not claimed: ${answer._tag}`)
})

/** A new invoice with a claim on it. */
const claimed = Effect.fnUntraced(function*(options: InvoiceOptions = {}, change: Partial<ClaimRequest> = {}) {
  const { invoiceId, tenantId } = yield* newInvoice(options)
  return { tenantId, invoiceId, claim: yield* claimOf(tenantId, invoiceId, change) }
})

const note = { code: "ocr-unavailable", sentence: "The text recognition could not be reached." }
const next = DateTime.makeUnsafe("2026-07-01T12:00:00.123Z")

/** Every way in which a holder writes. */
const writes = (claim: InvoiceClaim): ReadonlyArray<readonly [string, Effect.Effect<void, InvoicesError, Invoices>]> => [
  ["complete", Invoices.use((invoices) => invoices.complete(claim, someReading(), "ab"))],
  ["fail", Invoices.use((invoices) => invoices.fail(claim, note))],
  ["noteRetry", Invoices.use((invoices) => invoices.noteRetry(claim, note, next))]
]

/** Each of these writes is refused with `ClaimLost`, and neither row changes by a byte. */
const assertFencedOff = Effect.fnUntraced(function*(
  invoiceId: InvoiceId,
  attempts: ReadonlyArray<readonly [string, Effect.Effect<void, InvoicesError, Invoices>]>
) {
  const before = yield* rowOf(invoiceId)
  for (const [name, write] of attempts) {
    const error = yield* Effect.flip(write)
    assert.strictEqual(error.reason._tag, "ClaimLost", name)
  }
  assert.deepStrictEqual(yield* rowOf(invoiceId), before)
})

const setByPeople = Effect.fnUntraced(function*(invoiceId: InvoiceId, column: string, value: string | boolean | null) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE invoices SET ${sql(column)} = ${value} WHERE id = ${invoiceId}`
})

layer(ownTables, { excludeTestServices: true })("the invoices table", (it) => {
  it.effect("lets one job take an invoice, and says to others for how long it is busy", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const { invoiceId, tenantId } = yield* newInvoice()
      const answer = yield* invoices.claim(tenantId, invoiceId, request())
      assert.strictEqual(answer._tag, "Claimed")
      assert.strictEqual((yield* rowOf(invoiceId)).invoice["status"], "processing")
      const other = yield* invoices.claim(tenantId, invoiceId, request({ jobId: "job-2" }))
      if (other._tag !== "Busy") return assert.fail(other._tag)
      assert.isTrue(Duration.between(other.retryAfter, { minimum: Duration.seconds(25), maximum: Duration.seconds(30) }))
    }))

  it.effect("gives an invoice to exactly one of many jobs that ask at the same moment", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      for (let round = 0; round < 10; round++) {
        const { invoiceId, tenantId } = yield* newInvoice()
        const answers = yield* Effect.forEach(
          Array.from({ length: 6 }, (_, index) => `job-${index}`),
          (jobId) => invoices.claim(tenantId, invoiceId, request({ jobId })),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(answers.map(({ _tag }) => _tag).sort(), ["Busy", "Busy", "Busy", "Busy", "Busy", "Claimed"])
      }
    }))

  it.effect("lets the same job take its invoice again, and any job once the lease is over or let go", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const first = yield* claimed()
      const again = yield* claimOf(first.tenantId, first.invoiceId)
      assert.isTrue(again.epoch > first.claim.epoch)
      yield* invoices.release(again)
      const other = yield* claimOf(first.tenantId, first.invoiceId, { jobId: "job-2", lease: Duration.millis(50) })
      yield* Effect.sleep("80 millis")
      assert.isTrue((yield* claimOf(first.tenantId, first.invoiceId, { jobId: "job-3" })).epoch > other.epoch)
    }))

  it.effect("renews a lease", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const { claim, invoiceId, tenantId } = yield* claimed({}, { lease: Duration.millis(300) })
      yield* invoices.renew(claim, Duration.seconds(30))
      yield* Effect.sleep("400 millis")
      assert.strictEqual((yield* invoices.claim(tenantId, invoiceId, request({ jobId: "job-2" })))._tag, "Busy")
    }))

  it.effect("refuses every write of a holder that was taken over, and changes nothing", () =>
    Effect.gen(function*() {
      const { claim, invoiceId, tenantId } = yield* claimed()
      yield* claimOf(tenantId, invoiceId)
      const renew = Invoices.use((invoices) => invoices.renew(claim, Duration.minutes(1)))
      yield* assertFencedOff(invoiceId, [...writes(claim), ["renew", renew]])
      const before = yield* rowOf(invoiceId)
      yield* (yield* Invoices).release(claim)
      assert.deepStrictEqual(yield* rowOf(invoiceId), before, "letting go of what is not held does nothing")
    }))

  it.effect("refuses every further write once the holder has written its last word", () =>
    Effect.gen(function*() {
      for (const index of [0, 1, 2]) {
        const { claim, invoiceId } = yield* claimed()
        yield* writes(claim)[index]?.[1] ?? Effect.die("no write")
        yield* assertFencedOff(invoiceId, writes(claim))
      }
    }))

  it.effect("knows no invoice of another tenant", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const { invoiceId } = yield* newInvoice()
      const stranger = makeTenantId.make("stranger")
      const before = yield* rowOf(invoiceId)
      assert.strictEqual((yield* invoices.claim(stranger, invoiceId, request()))._tag, "NotFound")
      assert.strictEqual((yield* invoices.requestReprocessing(stranger, invoiceId))._tag, "NotFound")
      assert.deepStrictEqual(yield* rowOf(invoiceId), before)
      const { claim } = yield* claimed()
      yield* assertFencedOff(claim.invoiceId, writes({ ...claim, tenantId: stranger }))
    }))

  for (const [options, reason] of [
    [{ status: "approved" }, "belongs-to-people"],
    [{ status: "paid" }, "belongs-to-people"],
    [{ status: "disputed" }, "belongs-to-people"],
    [{ status: "processed" }, "already-processed"],
    [{ status: "nouveau", archived: true }, "archived"],
    [{ status: "processed", archived: true }, "archived"]
  ] as const) {
    it.effect(`leaves an invoice alone that is ${JSON.stringify(options)}`, () =>
      Effect.gen(function*() {
        const { invoiceId, tenantId } = yield* newInvoice(options)
        const before = yield* rowOf(invoiceId)
        const answer = yield* (yield* Invoices).claim(tenantId, invoiceId, request())
        assert.deepInclude(answer, { _tag: "Skipped", reason })
        assert.deepStrictEqual(yield* rowOf(invoiceId), before)
      }))
  }

  for (const [column, value] of [["status", "approved"], ["status", "paid"], ["status", "processed"], ["archived", true]] as const) {
    it.effect(`writes nothing when a person sets ${column} to ${value} while it is being read`, () =>
      Effect.gen(function*() {
        const { claim, invoiceId } = yield* claimed()
        yield* setByPeople(invoiceId, column, value)
        yield* assertFencedOff(invoiceId, writes(claim))
      }))
  }

  it.effect("takes an invoice in error again", () =>
    Effect.gen(function*() {
      const { claim, invoiceId, tenantId } = yield* claimed()
      yield* (yield* Invoices).fail(claim, note)
      yield* (yield* Invoices).complete(yield* claimOf(tenantId, invoiceId, { jobId: "job-2" }), someReading(), "ab")
      assert.deepInclude((yield* rowOf(invoiceId)).invoice, { status: "processed", errorCode: null, errorMessage: null })
    }))

  it.effect("writes an error with its code and its sentence", () =>
    Effect.gen(function*() {
      const { claim, invoiceId } = yield* claimed()
      yield* (yield* Invoices).fail(claim, note)
      const { claim: record, invoice } = yield* rowOf(invoiceId)
      assert.deepInclude(invoice, { status: "error", errorCode: note.code, errorMessage: note.sentence })
      assert.deepInclude(record, { holder: null, leaseUntil: null, lastErrorCode: note.code, nextAttemptAt: null })
    }))

  it.effect("stays in processing with the last error and the time of the next try, free for any job", () =>
    Effect.gen(function*() {
      const { claim, invoiceId, tenantId } = yield* claimed()
      yield* (yield* Invoices).noteRetry(claim, note, next)
      const { claim: record, invoice } = yield* rowOf(invoiceId)
      assert.deepInclude(invoice, { status: "processing", errorCode: note.code, errorMessage: note.sentence })
      assert.deepInclude(record, { lastErrorCode: note.code, lastErrorMessage: note.sentence, nextAttemptAt: "2026-07-01T12:00:00.123+00:00" })
      yield* claimOf(tenantId, invoiceId, { jobId: "job-2" })
    }))

  it.effect("keeps amounts to the cent at their largest, dates as they are and the rest of the reading", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { claim, invoiceId } = yield* claimed()
      const reading = someReading({
        amountHT: money("-999999999999.99"),
        amountTVA: money("0.07"),
        amountTTC: money("123456789012.30"),
        invoiceDate: day("2026-03-29"),
        dueDate: day("2028-02-29")
      })
      yield* (yield* Invoices).complete(claim, reading, "ab12")
      const [row] = yield* sql`SELECT "amountHT"::text, "amountTVA"::text, "amountTTC"::text, "invoiceDate"::text, "dueDate"::text FROM invoices WHERE id = ${invoiceId}`
      assert.deepStrictEqual({ ...row }, {
        amountHT: "-999999999999.99",
        amountTVA: "0.07",
        amountTTC: "123456789012.30",
        invoiceDate: "2026-03-29",
        dueDate: "2028-02-29"
      })
      const { claim: record, invoice } = yield* rowOf(invoiceId)
      assert.deepInclude(invoice, { status: "processed", readingSource: "pdf-text", needsReview: false, iban: reading.fields.iban })
      assert.deepInclude(record, { sha256: "ab12", processedGeneration: 1, holder: null })
    }))

  it.effect("completes as a whole or not at all", () =>
    Effect.gen(function*() {
      const { claim, invoiceId } = yield* claimed()
      const before = yield* rowOf(invoiceId)
      const error = yield* Effect.flip((yield* Invoices).complete(claim, someReading({ amountTTC: money("1000000000000.00") }), "ab"))
      assert.strictEqual(error.reason._tag, "Misfit")
      assert.deepStrictEqual(yield* rowOf(invoiceId), before)
    }))
})
