import { Context, type DateTime, Duration, Effect } from "effect"
import * as Digest from "effect/crypto/Digest"
import { type InvoiceProcessingJobData, QUEUE_NAMES } from "../../src/contract/index.ts"
import { InvoiceProcessingJob } from "../../src/contract/jobSchemas.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import { invoiceTimeLimit, maxFileBytes } from "../../src/domain/limits.ts"
import { attributes } from "../../src/observability/attributes.ts"
import { forInvoice } from "../../src/paid/InvoiceAtWork.ts"
import type { NoTextFound } from "../../src/pipeline/NoTextFound.ts"
import { readInvoice } from "../../src/pipeline/readInvoice.ts"
import type { DocumentError, DocumentReader } from "../../src/services/DocumentReader.ts"
import type { ExtractorError, InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import { type ClaimedInvoice, Invoices, type InvoicesError } from "../../src/services/Invoices.ts"
import { ObjectStorage, StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { Tenants, type TenantsError } from "../../src/services/Tenants.ts"
import type { NotAsked, Vision, VisionError } from "../../src/services/Vision.ts"
import { type FailureRecord, Opening, type Program } from "../../src/supervisor/Program.ts"
import { retryTransient } from "../../src/supervisor/retryTransient.ts"
import { InvoiceNotFound } from "./InvoiceNotFound.ts"
import { claimLease, keepClaim } from "./keepClaim.ts"

export type InvoiceProcessingFailure =
  | InvoiceNotFound
  | TenantsError
  | InvoicesError
  | StorageError
  | DocumentError
  | VisionError
  | NoTextFound
  | ExtractorError
  | NotAsked

export type InvoiceProcessingServices =
  | Tenants
  | Invoices
  | ObjectStorage
  | DocumentReader
  | Vision
  | InvoiceExtractor
  | Digest.Digest

/** Another job is at the invoice: looked at again at least this often, since it mostly ends long before its lease. */
const busyPause = Duration.seconds(5)

/** A job that keeps being put off is given up after a day. */
const maxAge = Duration.hours(24)

/** Names this process in `tt_worker.invoice_claims`, for people who look at the table. */
export const ClaimHolder = Context.Reference<string>("tt-worker/programs/ClaimHolder", { defaultValue: () => "tt-worker" })

const claim = Effect.fnUntraced(function*(data: InvoiceProcessingJobData, attempt: JobAttempt) {
  const invoices = yield* Invoices
  return yield* invoices.claim(TenantId.make(data.tenantId), InvoiceId.make(data.invoiceId), {
    generation: data.generation ?? 1,
    jobId: attempt.jobId,
    holder: yield* ClaimHolder,
    lease: claimLease
  })
})

const open = Effect.fn("InvoiceProcessing.open")(function*(data: InvoiceProcessingJobData, attempt: JobAttempt) {
  const tenantId = TenantId.make(data.tenantId)
  const invoiceId = InvoiceId.make(data.invoiceId)
  const tenants = yield* Tenants
  const features = yield* tenants.features(tenantId)
  if (features === null) return yield* new InvoiceNotFound({ tenantId, invoiceId })
  if (!features.invoices) {
    const invoices = yield* Invoices
    yield* invoices.setAside(tenantId, invoiceId, "feature-off")
    return Opening.skip("feature-off: invoices is switched off for this tenant")
  }

  const answer = yield* claim(data, attempt)
  switch (answer._tag) {
    case "Claimed":
      return Opening.held(answer.invoice)
    case "Skipped":
      return Opening.skip(answer.reason)
    case "Busy":
      return Opening.wait(Duration.min(busyPause, answer.retryAfter), "another job is at this invoice")
    case "NotFound":
      return yield* new InvoiceNotFound({ tenantId, invoiceId })
  }
})

const process = Effect.fn("InvoiceProcessing.work")(function*({ claim, fileKey }: ClaimedInvoice) {
  if (fileKey === null) {
    return yield* new StorageError({ key: "", reason: StorageReason.NotFound(), detail: "the invoice's row names no file" })
  }
  const storage = yield* ObjectStorage
  const bytes = yield* retryTransient(storage.download(fileKey, { maxBytes: maxFileBytes }))
  const digest = yield* Digest.Digest
  const sha256 = yield* digest.digestHex(Digest.sha256, bytes)
  const reading = yield* readInvoice(bytes).pipe(forInvoice({ claim, sha256 }))
  const invoices = yield* Invoices
  yield* retryTransient(invoices.complete(claim, reading, sha256))
  return { status: "processed", source: reading.source, confidence: reading.confidence, needsReview: reading.needsReview }
})

/** The first sentence says what happened; what the admin should do does not apply while the worker still tries. */
const retrySentence = (record: FailureRecord): string =>
  `${record.plainWords.split(/(?<=[.!?])\s/, 1)[0] ?? record.plainWords} It will be tried again by itself.`

/** `invoice-processing`: from an uploaded file to a row with its fields, or to `error` in plain words. */
export const InvoiceProcessing: Program<InvoiceProcessingJobData, ClaimedInvoice, InvoiceProcessingFailure, InvoiceProcessingServices> = {
  queue: QUEUE_NAMES.INVOICE_PROCESSING,
  schema: InvoiceProcessingJob,
  timeLimit: invoiceTimeLimit,
  maxAge,
  identify: (data: InvoiceProcessingJobData) => ({ [attributes.tenantId]: data.tenantId, [attributes.invoiceId]: data.invoiceId }),
  open,
  refuse: Effect.fn("InvoiceProcessing.refuse")(function*(data: InvoiceProcessingJobData, attempt: JobAttempt, failure: Failure) {
    if (failure instanceof InvoiceNotFound) return
    const answer = yield* claim(data, attempt)
    const invoices = yield* Invoices
    if (answer._tag === "Claimed") yield* invoices.fail(answer.invoice.claim, { code: failure.code, sentence: failure.plainWords })
  }),
  work: (held: ClaimedInvoice) => Effect.raceFirst(process(held), keepClaim(held.claim)),
  giveUp: Effect.fn("InvoiceProcessing.giveUp")(function*(held: ClaimedInvoice, record: FailureRecord) {
    const invoices = yield* Invoices
    yield* invoices.fail(held.claim, { code: record.code, sentence: record.plainWords })
  }),
  noteRetry: Effect.fn("InvoiceProcessing.noteRetry")(function*(held: ClaimedInvoice, record: FailureRecord, next: DateTime.Utc) {
    const invoices = yield* Invoices
    yield* invoices.noteRetry(held.claim, { code: record.code, sentence: retrySentence(record) }, next)
  }),
  release: Effect.fn("InvoiceProcessing.release")(function*(held: ClaimedInvoice) {
    const invoices = yield* Invoices
    yield* invoices.release(held.claim)
  })
}
