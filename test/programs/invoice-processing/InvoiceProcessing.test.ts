import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { InvoiceProcessing } from "../../../programs/invoice-processing/InvoiceProcessing.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { StorageError, StorageReason } from "../../../src/services/ObjectStorage.ts"
import type { JobAttempt } from "../../../src/services/JobQueue.ts"
import { runAttempt } from "../../support/untracedAttempt.ts"
import { invoiceAttempt, jpegBytes, type OutsideWorld, outsideWorld } from "../../support/invoiceServices.ts"
import { newInvoice, ownTables, rowOf } from "../../support/invoiceTables.ts"
import { someFields } from "../../support/readings.ts"

const run = (data: unknown, world: OutsideWorld = {}, change: Partial<JobAttempt> = {}) =>
  runAttempt(InvoiceProcessing)(invoiceAttempt(data, change)).pipe(Effect.provide(outsideWorld(world)))

const skipped = (reason: string) => Verdict.Complete({ summary: { skipped: true, reason } })

/** A download that says when it has begun and goes on when it is told. */
const gate = Effect.gen(function*() {
  const [began, open] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const download = () => Deferred.succeed(began, undefined).pipe(Effect.andThen(Deferred.await(open)), Effect.as(jpegBytes))
  return { began: Deferred.await(began), open: Deferred.succeed(open, undefined), download }
})

layer(Layer.merge(ownTables, Logger.layer([])), { excludeTestServices: true })("invoice-processing", (it) => {
  it.effect("has the effect of one when the same job is delivered twice", () =>
    Effect.gen(function*() {
      const data = yield* newInvoice()
      assert.strictEqual((yield* run(data))._tag, "Complete")
      const before = yield* rowOf(data.invoiceId)
      assert.deepStrictEqual(yield* run(data, { extract: () => Effect.succeed(someFields({ supplierName: "Other" })) }), skipped("already-processed"))
      assert.deepStrictEqual(yield* rowOf(data.invoiceId), before)
    }))

  it.effect("refuses a file that is not the one that was received first, in plain words, and keeps what was recorded", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const data = yield* newInvoice()
      yield* run(data)
      const records = sql`SELECT sha256, bytes::int FROM tt_worker.received_files WHERE "tenantId" = ${data.tenantId}`
      const before = yield* records
      assert.deepInclude(before[0], { bytes: jpegBytes.length })
      const again = (generation: number, download: OutsideWorld["download"]) => run({ ...data, generation }, download === undefined ? {} : { download })
      yield* sql`SELECT tt_worker.request_invoice_reprocessing(${data.tenantId}, ${data.invoiceId})`
      const verdict = yield* again(2, () => Effect.succeed(Uint8Array.of(...jpegBytes, 9)))
      if (verdict._tag !== "Fail") return assert.fail(verdict._tag)
      assert.match(verdict.reason, /^file-changed: .*received with 7 bytes/)
      assert.deepInclude((yield* rowOf(data.invoiceId)).invoice, { status: "error", errorCode: "file-changed" })
      assert.deepStrictEqual(yield* records, before)
      assert.strictEqual((yield* again(2, undefined))._tag, "Complete", "the original put back is read")
    }))

  it.effect("runs once when two jobs come for one invoice at the same time: the other is put off, then has nothing to do", () =>
    Effect.gen(function*() {
      const data = yield* newInvoice()
      const { began, download, open } = yield* gate
      const first = yield* Effect.forkChild(run(data, { download }, { jobId: "first" }))
      yield* began
      const second = yield* run(data, {}, { jobId: "second" })
      assert.strictEqual(second._tag, "Postpone")
      yield* open
      assert.strictEqual((yield* Fiber.join(first))._tag, "Complete")
      assert.deepStrictEqual(yield* run(data, {}, { jobId: "second" }), skipped("already-processed"))
    }))

  it.effect("reads a processed invoice again for a new generation only", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const data = yield* newInvoice()
      yield* run(data)
      const [row] = yield* sql<{ readonly generation: number }>`SELECT tt_worker.request_invoice_reprocessing(${data.tenantId}, ${data.invoiceId}) AS generation`
      const again = { ...data, generation: row?.generation ?? 0 }
      yield* run(again, { extract: () => Effect.succeed(someFields({ supplierName: "Second" })) })
      assert.deepInclude((yield* rowOf(data.invoiceId)).invoice, { status: "processed", supplierName: "Second" })
      assert.deepStrictEqual(yield* run(again), skipped("already-processed"))
    }))

  it.effect("finishes an invoice that a dead process left in processing", () =>
    Effect.gen(function*() {
      const data = yield* newInvoice({ status: "processing" })
      assert.strictEqual((yield* run(data))._tag, "Complete")
      assert.strictEqual((yield* rowOf(data.invoiceId)).invoice["status"], "processed")
    }))

  it.effect("tells the admin when the row names no file", () =>
    Effect.gen(function*() {
      const data = yield* newInvoice({ fileKey: "" })
      assert.strictEqual((yield* run(data))._tag, "Fail")
      assert.deepInclude((yield* rowOf(data.invoiceId)).invoice, { status: "error", errorCode: "file-missing" })
    }))

  it.effect("skips the work of a tenant that has invoices switched off, and leaves the row nouveau", () =>
    Effect.gen(function*() {
      for (const features of [{}, { invoices: false }]) {
        const data = yield* newInvoice({ features })
        const before = yield* rowOf(data.invoiceId)
        const verdict = yield* run(data)
        assert.strictEqual(verdict._tag, "Complete")
        assert.match(JSON.stringify(verdict), /feature-off: invoices/)
        const after = yield* rowOf(data.invoiceId)
        assert.deepStrictEqual(after.invoice, before.invoice)
        assert.deepInclude(after.claim, { skippedReason: "feature-off", epoch: 0, jobId: null, holder: null })
      }
    }))

  it.effect("puts back to nouveau what it was trying again when invoices are switched off, unless a job is at it", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const data = yield* newInvoice()
      const unavailable = new StorageError({ key: "k", reason: StorageReason.Unavailable(), detail: "not reached" })
      assert.strictEqual((yield* run(data, { download: () => Effect.fail(unavailable) }))._tag, "Retry")
      const { began, download, open } = yield* gate
      const running = yield* Effect.forkChild(run(data, { download }, { jobId: "first" }))
      yield* began
      yield* sql`UPDATE tenants SET features = '{}' WHERE id = ${data.tenantId}`
      const off = run(data, {}, { jobId: "second" })
      assert.strictEqual((yield* off)._tag, "Complete")
      assert.strictEqual((yield* rowOf(data.invoiceId)).invoice["status"], "processing", "a job is at it")
      yield* Fiber.interrupt(running)
      yield* open
      assert.strictEqual((yield* off)._tag, "Complete")
      assert.deepInclude((yield* rowOf(data.invoiceId)).invoice, { status: "nouveau", errorCode: null, errorMessage: null })
    }))

  it.effect("fails for good when tenant or invoice do not exist, and touches no other tenant's row", () =>
    Effect.gen(function*() {
      const mine = yield* newInvoice()
      const theirs = yield* newInvoice()
      const before = [yield* rowOf(mine.invoiceId), yield* rowOf(theirs.invoiceId)]
      for (const data of [
        { ...mine, tenantId: "nobody" },
        { ...mine, invoiceId: "nothing" },
        { tenantId: mine.tenantId, invoiceId: theirs.invoiceId }
      ]) {
        const verdict = yield* run(data)
        assert.strictEqual(verdict._tag, "Fail")
        assert.match(JSON.stringify(verdict), /invoice-not-found/)
      }
      assert.deepStrictEqual([yield* rowOf(mine.invoiceId), yield* rowOf(theirs.invoiceId)], before)
    }))

  for (const data of [null, "text", {}, { invoiceId: 7, tenantId: "t" }, { invoiceId: "", tenantId: "t" }, { invoiceId: "i" }, { invoiceId: "i", tenantId: "t", generation: 0 }]) {
    it.effect(`fails for good on job data such as ${JSON.stringify(data)}`, () =>
      Effect.gen(function*() {
        const verdict = yield* run(data)
        assert.strictEqual(verdict._tag, "Fail")
        assert.match(JSON.stringify(verdict), /job-data-invalid/)
      }))
  }

  for (const [name, change] of [["approved", { status: "approved", archived: false }], ["archived", { status: "processing", archived: true }]] as const) {
    it.effect(`does not touch what is ${name} in the middle of the work`, () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const data = yield* newInvoice()
        const { began, download, open } = yield* gate
        const running = yield* Effect.forkChild(run(data, { download }))
        yield* began
        yield* sql`UPDATE invoices SET ${sql.update(change)} WHERE id = ${data.invoiceId}`
        const before = (yield* rowOf(data.invoiceId)).invoice
        yield* open
        assert.strictEqual((yield* Fiber.join(running))._tag, "Postpone")
        const again = yield* run(data)
        assert.strictEqual(again._tag, "Complete")
        assert.match(JSON.stringify(again), /belongs-to-people|archived/)
        assert.deepStrictEqual((yield* rowOf(data.invoiceId)).invoice, before)
      }))
  }

  it.effect("reads the file as it is when it runs, and remembers which bytes it read", () =>
    Effect.gen(function*() {
      const data = yield* newInvoice()
      let bytes = new Uint8Array()
      const download = () => bytes.length === 0
        ? Effect.fail(new StorageError({ key: "k", reason: StorageReason.NotFound(), detail: "no such file" }))
        : Effect.succeed(bytes)
      assert.strictEqual((yield* run(data, { download }))._tag, "Fail")
      assert.deepInclude((yield* rowOf(data.invoiceId)).invoice, { status: "error", errorCode: "file-missing" })
      bytes = jpegBytes
      assert.strictEqual((yield* run(data, { download }, { jobId: "job-2" }))._tag, "Complete")
      const { claim, invoice } = yield* rowOf(data.invoiceId)
      assert.deepInclude(invoice, { status: "processed", errorCode: null, errorMessage: null })
      const sha256 = Buffer.from(yield* Effect.promise(() => crypto.subtle.digest("SHA-256", jpegBytes))).toString("hex")
      assert.strictEqual(claim?.["sha256"], sha256)
    }))

  it.effect("lets go of the invoice when it is interrupted, so that another replica takes it at once", () =>
    Effect.gen(function*() {
      const data = yield* newInvoice()
      const { began, download } = yield* gate
      const running = yield* Effect.forkChild(run(data, { download }, { jobId: "first" }))
      yield* began
      yield* Fiber.interrupt(running)
      assert.deepInclude(yield* rowOf(data.invoiceId).pipe(Effect.map(({ claim }) => claim)), { holder: null, leaseUntil: null })
      assert.strictEqual((yield* run(data, {}, { jobId: "second" }))._tag, "Complete")
    }))

  it.effect("keeps nothing of the invoice in what the queue stores", () =>
    Effect.gen(function*() {
      const verdict = yield* run(yield* newInvoice())
      if (verdict._tag !== "Complete") return assert.fail(verdict._tag)
      assert.hasAllKeys(verdict.summary, ["status", "source", "confidence", "needsReview"])
      assert.notMatch(JSON.stringify(verdict), /Toitures|1200|FA-2026/)
    }))
})
