import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { InvoiceNotFound } from "../../../programs/invoice-processing/InvoiceNotFound.ts"
import type { OtherKind } from "../../../src/domain/DocumentKind.ts"
import type { Failure } from "../../../src/domain/Failure.ts"
import { Retry } from "../../../src/domain/Retry.ts"
import { NoTextFound } from "../../../src/pipeline/NoTextFound.ts"
import { DocumentError, DocumentReason } from "../../../src/services/DocumentReader.ts"
import { EventsError } from "../../../src/services/Events.ts"
import { ExtractorError, ExtractorReason } from "../../../src/services/InvoiceExtractor.ts"
import { InvoicesError, InvoicesReason } from "../../../src/services/Invoices.ts"
import { StorageError, StorageReason } from "../../../src/services/ObjectStorage.ts"
import { PaidCallsError, PaidCallsReason } from "../../../src/services/PaidCalls.ts"
import { TenantsError } from "../../../src/services/Tenants.ts"
import { VisionError, VisionReason } from "../../../src/services/Vision.ts"
import { InternalError, JobDataInvalid, TimeLimitExceeded } from "../../../src/supervisor/failures.ts"

/** What operators may read and admins must not. */
const internals = { detail: "HTTP 418 from 10.0.0.7 after SELECT", cause: new Error("ECONNRESET") }
const after = Duration.seconds(17)
const later = Retry.RateLimited({ after })
const variable = "S3_SECRET_ACCESS_KEY"
const { Permanent, RateLimited, Transient } = Retry
const soon = (seconds: number) => RateLimited({ after: Duration.seconds(seconds) })

const storage = (reason: StorageReason) => new StorageError({ key: "tenants/t1/k9", reason, ...internals })
const document = (reason: DocumentReason) => new DocumentError({ reason, ...internals })
const vision = (reason: VisionReason) => new VisionError({ reason, ...internals })
const extractor = (reason: ExtractorReason) => new ExtractorError({ reason, ...internals })
const invoices = (reason: InvoicesReason) => new InvoicesError({ invoiceId: "inv-4711", reason, ...internals })

type Row = readonly [string, Failure, string, Retry]

/** One record per union: the compiler asks for a new reason's row. */
const storageRows: Record<StorageReason["_tag"], Row> = {
  NotFound: ["a missing file", storage(StorageReason.NotFound()), "file-missing", Permanent()],
  TooLarge: ["a file over the limit", storage(StorageReason.TooLarge({ limit: 20_971_520, size: null })), "file-too-large", Permanent()],
  Denied: ["storage that refuses", storage(StorageReason.Denied({ variable })), "storage-denied", Permanent()],
  RateLimited: ["busy storage", storage(StorageReason.RateLimited({ after })), "storage-rate-limited", later],
  Unavailable: ["absent storage", storage(StorageReason.Unavailable()), "storage-unavailable", Transient()]
}
const documentRows: Record<DocumentReason["_tag"], Row> = {
  Empty: ["an empty file", document(DocumentReason.Empty()), "file-empty", Permanent()],
  NotSupported: ["a file of another kind", document(DocumentReason.NotSupported({ kind: "heic" })), "file-type-not-supported", Permanent()],
  Damaged: ["a damaged file", document(DocumentReason.Damaged()), "file-damaged", Permanent()],
  Encrypted: ["an encrypted file", document(DocumentReason.Encrypted()), "file-encrypted", Permanent()],
  NoPages: ["a PDF without pages", document(DocumentReason.NoPages()), "file-without-pages", Permanent()],
  TooManyPages: ["a PDF of 500 pages", document(DocumentReason.TooManyPages({ pages: 500, limit: 100 })), "too-many-pages", Permanent()],
  TooManyPixels: ["a huge picture", document(DocumentReason.TooManyPixels({ width: 30_000, height: 30_000 })), "image-too-large", Permanent()],
  NotAnInvoiceXml: ["another XML", document(DocumentReason.NotAnInvoiceXml()), "xml-not-an-invoice", Permanent()],
  TooComplex: ["a bomb", document(DocumentReason.TooComplex({ limit: "time" })), "file-too-complex", Permanent()],
  TooLarge: ["a large file", document(DocumentReason.TooLarge({ bytes: 25_000_000, limit: 20_971_520 })), "file-too-large", Permanent()],
  ReaderBroke: ["a reader that broke", document(DocumentReason.ReaderBroke()), "reader-unavailable", Transient()]
}
const visionRows: Record<VisionReason["_tag"], Row> = {
  BadImage: ["a picture that the engine refuses", vision(VisionReason.BadImage()), "file-damaged", Permanent()],
  TooManyPixels: ["a picture too large to recognise", vision(VisionReason.TooManyPixels({ width: 1, height: 2 })), "image-too-large", Permanent()],
  TooComplex: ["a picture that takes too long", vision(VisionReason.TooComplex({ limit: "memory" })), "file-too-complex", Permanent()],
  Denied: ["recognition that refuses", vision(VisionReason.Denied({ variable })), "ocr-denied", Permanent()],
  RateLimited: ["busy recognition", vision(VisionReason.RateLimited({ after })), "ocr-rate-limited", later],
  Unavailable: ["absent recognition", vision(VisionReason.Unavailable()), "ocr-unavailable", Transient()]
}
const extractorRows: Record<ExtractorReason["_tag"], Row> = {
  Refused: ["a model that declines", extractor(ExtractorReason.Refused()), "extraction-refused", Permanent()],
  Truncated: ["an answer that was cut", extractor(ExtractorReason.Truncated()), "extraction-truncated", Permanent()],
  Unusable: ["an unusable answer", extractor(ExtractorReason.Unusable()), "extraction-unusable", Permanent()],
  Denied: ["extraction that refuses", extractor(ExtractorReason.Denied({ variable })), "extraction-denied", Permanent()],
  RateLimited: ["busy extraction", extractor(ExtractorReason.RateLimited({ after })), "extraction-rate-limited", later],
  Unavailable: ["absent extraction", extractor(ExtractorReason.Unavailable()), "extraction-unavailable", Transient()]
}
const invoicesRows: Record<InvoicesReason["_tag"], Row> = {
  ClaimLost: ["a claim that was taken over", invoices(InvoicesReason.ClaimLost()), "claim-lost", soon(1)],
  Unavailable: ["an absent database", invoices(InvoicesReason.Unavailable()), "database-unavailable", soon(5)],
  Misfit: ["a table that misfits", invoices(InvoicesReason.Misfit()), "database-misfit", Permanent()]
}
const tenantsRows: Record<TenantsError["reason"], Row> = {
  "unavailable": ["absent tenants", new TenantsError({ tenantId: "t-4711", reason: "unavailable", ...internals }), "database-unavailable", soon(5)],
  "unreadable-features": ["features that misfit", new TenantsError({ tenantId: "t-4711", reason: "unreadable-features", ...internals }), "features-unreadable", Permanent()]
}
const events = (reason: EventsError["reason"]) => new EventsError({ event: "invoice.processed", reason, ...internals })
const eventsRows: Record<EventsError["reason"], Row> = {
  refused: ["an event that cannot be sent", events("refused"), "event-refused", Permanent()],
  unavailable: ["absent deliveries", events("unavailable"), "database-unavailable", soon(5)],
  misfit: ["deliveries that misfit", events("misfit"), "database-misfit", Permanent()]
}

const paid = (reason: PaidCallsReason) => new PaidCallsError({ reason, ...internals })
const paidRows: Record<PaidCallsReason["_tag"], Row> = {
  Busy: ["a file that another job reads", paid(PaidCallsReason.Busy({ after })), "same-file-at-work", later],
  MonthlyLimit: ["a budget that is used up", paid(PaidCallsReason.MonthlyLimit({ until: Duration.days(9) })), "monthly-limit", RateLimited({ after: Duration.hours(2) })],
  Unavailable: ["an absent book", paid(PaidCallsReason.Unavailable()), "database-unavailable", soon(5)],
  Misfit: ["a book that misfits", paid(PaidCallsReason.Misfit()), "database-misfit", Permanent()]
}
const otherRows: ReadonlyArray<Row> = [
  ["a picture without text", new NoTextFound({ pages: 2 }), "no-text-found", Permanent()],
  ["job data of the wrong shape", new JobDataInvalid({ queue: "email-sync", problems: "tenantId: missing key" }), "job-data-invalid", Permanent()],
  ["an attempt over its time", new TimeLimitExceeded({ limit: Duration.minutes(3) }), "time-limit", Transient()],
  ["a fault of our own", new InternalError({ defect: "TypeError" }), "internal-error", Transient()],
  ["a missing row", new InvoiceNotFound({ tenantId: "t-4711", invoiceId: "inv-4711" }), "invoice-not-found", Permanent()]
]
const rows = [storageRows, documentRows, visionRows, extractorRows, paidRows, invoicesRows, tenantsRows, eventsRows].flatMap((each) => Object.values(each)).concat(otherRows)

describe("what went wrong", () => {
  it.each(rows)("%s has its code and says whether trying again helps", (_, failure, code, retry) => {
    assert.strictEqual(failure.code, code)
    assert.match(failure.code, /^[a-z]+(-[a-z]+)*$/)
    assert.deepStrictEqual(failure.retry, retry)
  })

  it.each(rows)("%s is told in sentences without internals", (_, { plainWords }) => {
    assert.match(plainWords, /^[A-Z].{20,}\.$/)
    assert.notMatch(plainWords, /4711|k9|tenants\/|HTTP|418|10\.0|ECONN|SELECT|_|Error|undefined|null|NaN|\[object/)
    assert.notMatch(plainWords, /\b(S3|SQL|PostgreSQL|Redis|OpenAI|Google|Vision|Tesseract|BullMQ|queue|tenant|row|API|JSON)\b/i)
  })

  it.each(rows)("%s has a message for operators, and no cause in it", (_, { message }) => {
    assert.isAbove(message.length, 15)
    assert.notMatch(message, /ECONN|undefined|\[object/)
  })

  it.each(rows.filter(([, { code, retry }]) => retry._tag === "Permanent" && code !== "invoice-not-found"))("%s says what to do about it", (_, { plainWords }) => {
    assert.match(plainWords, /[Pp]lease /)
  })

  const kinds: ReadonlyArray<readonly [OtherKind, string]> = [
    ["heic", "HEIC"],
    ["tiff", "TIFF"],
    ["webp", "WebP"],
    ["gif", "GIF"],
    ["bmp", "BMP"],
    ["zip", "Office"],
    ["html", "web page"],
    ["text", "plain text"],
    ["unknown", "unknown kind"]
  ]
  it.each(kinds)("a file of kind %s is called %s", (kind, word) => {
    assert.include(document(DocumentReason.NotSupported({ kind })).plainWords, word)
  })

  it("a file over the limit is told with both sizes", () => {
    const tooLarge = "The file is too large (23.9 MiB): at most 20 MiB can be read. Please upload a smaller scan or photo."
    assert.strictEqual(documentRows.TooLarge[1].plainWords, tooLarge)
    assert.strictEqual(storage(StorageReason.TooLarge({ limit: 20_971_520, size: 25_000_000 })).plainWords, tooLarge)
    assert.include(storageRows.TooLarge[1].plainWords, "The file is too large: at most 20 MiB")
  })
})
