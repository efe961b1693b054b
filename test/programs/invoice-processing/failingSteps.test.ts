import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Logger } from "effect"
import { InvoiceProcessing, type InvoiceProcessingServices } from "../../../programs/invoice-processing/InvoiceProcessing.ts"
import type { Failure } from "../../../src/domain/Failure.ts"
import { DocumentError, DocumentReason } from "../../../src/services/DocumentReader.ts"
import { ExtractorError, ExtractorReason } from "../../../src/services/InvoiceExtractor.ts"
import { Invoices, InvoicesError, InvoicesReason } from "../../../src/services/Invoices.ts"
import { StorageError, StorageReason } from "../../../src/services/ObjectStorage.ts"
import type { ReceivedFiles } from "../../../src/services/ReceivedFiles.ts"
import { Tenants, TenantsError } from "../../../src/services/Tenants.ts"
import { VisionError, VisionReason } from "../../../src/services/Vision.ts"
import { runAttempt } from "../../support/untracedAttempt.ts"
import { InternalError } from "../../../src/supervisor/failures.ts"
import { invoiceAttempt, type OutsideWorld, outsideWorld } from "../../support/invoiceServices.ts"
import { newInvoice, ownTables, rowOf } from "../../support/invoiceTables.ts"

type World = Layer.Layer<InvoiceProcessingServices, never, Invoices | Tenants | ReceivedFiles>

interface Case {
  readonly step: string
  /** What the step does: fail like this, or break. */
  readonly failure: Failure
  readonly world: World
}

const breakage: Failure = new InternalError({ defect: "TypeError" })

/** The step with each of these failures, and with a defect. */
const cases = <E extends Failure>(step: string, world: (outcome: Effect.Effect<never, E>) => World, failures: ReadonlyArray<E>): ReadonlyArray<Case> => [
  ...failures.map((failure) => ({ step, failure, world: world(Effect.fail(failure)) })),
  { step, failure: breakage, world: world(Effect.die(new TypeError("x is not a function"))) }
]

const tables = Layer.effectContext(Effect.context<Invoices | Tenants | ReceivedFiles>())
const outside = (change: OutsideWorld): World => Layer.merge(outsideWorld(change), tables)
const withInvoices = (change: (real: Invoices["Service"]) => Partial<Invoices["Service"]>): World =>
  Layer.mergeAll(outsideWorld(), tables, Layer.effect(Invoices, Effect.map(Invoices, (real) => ({ ...real, ...change(real) }))))

const detail = "as the test says"
const after = Duration.seconds(90)

const working: ReadonlyArray<Case> = [
  ...cases("ObjectStorage", (outcome) => outside({ download: () => outcome }), [
    StorageReason.Unavailable(),
    StorageReason.RateLimited({ after }),
    StorageReason.NotFound(),
    StorageReason.Denied({ variable: "S3_SECRET_ACCESS_KEY" })
  ].map((reason) => new StorageError({ key: "k", reason, detail }))),
  ...cases("DocumentReader", (outcome) => outside({ read: () => outcome }), [
    DocumentReason.ReaderBroke(),
    DocumentReason.Damaged()
  ].map((reason) => new DocumentError({ reason, detail }))),
  ...cases("Vision", (outcome) => outside({ recognise: () => outcome }), [
    VisionReason.Unavailable(),
    VisionReason.RateLimited({ after }),
    VisionReason.Denied({ variable: "GOOGLE_APPLICATION_CREDENTIALS" })
  ].map((reason) => new VisionError({ reason, detail }))),
  ...cases("InvoiceExtractor", (outcome) => outside({ extract: () => outcome }), [
    ExtractorReason.Unavailable(),
    ExtractorReason.RateLimited({ after }),
    ExtractorReason.Unusable(),
    ExtractorReason.Refused()
  ].map((reason) => new ExtractorError({ reason, detail }))),
  ...cases("Invoices.complete", (outcome) => withInvoices(() => ({ complete: () => outcome })), [
    InvoicesReason.Unavailable(),
    InvoicesReason.Misfit()
  ].map((reason) => new InvoicesError({ invoiceId: "i", reason, detail })))
]

const opening: ReadonlyArray<Case> = [
  ...cases("Tenants", (outcome) => Layer.mergeAll(outsideWorld(), tables, Layer.succeed(Tenants, { features: () => outcome })), [
    new TenantsError({ tenantId: "t", reason: "unavailable", detail }),
    new TenantsError({ tenantId: "t", reason: "unreadable-features", detail })
  ])
]

const claiming = cases("Invoices.claim", (outcome) => withInvoices(() => ({ claim: () => outcome })), [
  InvoicesReason.Unavailable(),
  InvoicesReason.Misfit()
].map((reason) => new InvoicesError({ invoiceId: "i", reason, detail })))

const run = Effect.fnUntraced(function*(world: World, change: Parameters<typeof invoiceAttempt>[1]) {
  const data = yield* newInvoice()
  const before = yield* rowOf(data.invoiceId)
  const verdict = yield* runAttempt(InvoiceProcessing)(invoiceAttempt(data, change)).pipe(Effect.provide(world))
  return { verdict, before, ...(yield* rowOf(data.invoiceId)) }
})

const lastAttempt = { number: 5, maxAttempts: 5 }
const tooOld = { addedAt: Date.now() - 25 * 3_600_000 }
const firstSentence = (failure: Failure): string => failure.plainWords.split(/(?<=[.!?])\s/, 1)[0] ?? ""

/** Said for good: the job fails, and the admin sees why in the row. */
const assertGivenUp = ({ claim, invoice, verdict }: Effect.Success<ReturnType<typeof run>>, failure: Failure) => {
  assert.strictEqual(verdict._tag, "Fail")
  assert.deepInclude(invoice, { status: "error", errorCode: failure.code, errorMessage: failure.plainWords })
  assert.deepInclude(claim, { holder: null, nextAttemptAt: null, lastErrorCode: failure.code })
}

layer(Layer.merge(ownTables, Logger.layer([])), { excludeTestServices: true })("a step that fails", (it) => {
  it.effect("is the only thing that keeps an invoice from being processed", () =>
    Effect.gen(function*() {
      const { invoice, verdict } = yield* run(outside({}), {})
      assert.strictEqual(verdict._tag, "Complete")
      assert.deepInclude(invoice, { status: "processed", supplierName: "Toitures Martin", amountTTC: 1200, readingSource: "ocr" })
    }))

  for (const { failure, step, world } of [...working, ...opening]) {
    const isOpening = step === "Tenants"
    if (failure.retry._tag === "Permanent") {
      it.effect(`${step}, ${failure.code}: ends in error at once`, () =>
        Effect.gen(function*() {
          assertGivenUp(yield* run(world, {}), failure)
        }))
      continue
    }
    const [kind, verdictTag] = failure.retry._tag === "Transient" ? ["an attempt", "Retry"] as const : ["no attempt", "Postpone"] as const
    it.effect(`${step}, ${failure.code}: is tried again, using up ${kind}`, () =>
      Effect.gen(function*() {
        const { before, claim, invoice, verdict } = yield* run(world, {})
        assert.strictEqual(verdict._tag, verdictTag)
        if (isOpening) return assert.deepStrictEqual({ claim, invoice }, { claim: before.claim, invoice: before.invoice })
        assert.deepInclude(invoice, { status: "processing", errorCode: failure.code, supplierName: null })
        assert.strictEqual(invoice["errorMessage"], `${firstSentence(failure)} It will be tried again by itself.`)
        assert.deepInclude(claim, { holder: null, leaseUntil: null, lastErrorCode: failure.code })
        const wait = Date.parse(String(claim?.["nextAttemptAt"])) - Date.now()
        const asked = failure.retry._tag === "RateLimited" ? Duration.toMillis(failure.retry.after) : 10_000
        assert.isTrue(wait > asked - 4000 && wait <= asked, `${wait} ms`)
      }))
    const [end, change] = failure.retry._tag === "Transient" ? ["on the last attempt", lastAttempt] as const : ["when the job is a day old", tooOld] as const
    it.effect(`${step}, ${failure.code}: ends in error ${end}`, () =>
      Effect.gen(function*() {
        assertGivenUp(yield* run(world, change), failure)
      }))
  }

  for (const { failure, world } of claiming) {
    it.effect(`Invoices.claim, ${failure.code}: comes again until the row can be written, and leaves it as it is`, () =>
      Effect.gen(function*() {
        const { before, claim, invoice, verdict } = yield* run(world, lastAttempt)
        assert.strictEqual(verdict._tag, "Postpone")
        assert.deepStrictEqual({ claim, invoice }, { claim: before.claim, invoice: before.invoice })
        assert.strictEqual((yield* run(world, { ...lastAttempt, ...tooOld })).verdict._tag, "Fail", "but not for ever")
      }))
  }

  it.effect("Invoices.complete and Invoices.fail: the last word is tried again", () =>
    Effect.gen(function*() {
      const misfit = Effect.fail(new InvoicesError({ invoiceId: "i", reason: InvoicesReason.Misfit(), detail }))
      const { invoice, verdict } = yield* run(withInvoices(() => ({ complete: () => misfit, fail: () => misfit })), {})
      assert.strictEqual(invoice["status"], "processing")
      assert.strictEqual(verdict._tag, "Postpone", "a row in processing has a job that comes back")
    }))
})
