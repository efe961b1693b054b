import { Duration, Effect, Layer } from "effect"
import * as Digest from "effect/crypto/Digest"
import type { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import type { Page } from "../../src/domain/Page.ts"
import { DocumentReader } from "../../src/services/DocumentReader.ts"
import { type ExtractorError, InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import { ObjectStorage } from "../../src/services/ObjectStorage.ts"
import { type NotAsked, Vision } from "../../src/services/Vision.ts"
import { someFields } from "./readings.ts"

/** Enough of a JPEG for its first bytes. */
export const jpegBytes = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)

const page: Page = {
  number: 1,
  width: 1000,
  height: 1400,
  words: ["Toitures", "Martin", "Facture", "FA-2026-0147", "1200,00"].map((text, index) => ({
    text,
    confidence: 0.95,
    box: { x0: 10, y0: 20 * index, x1: 200, y1: 20 * index + 15 }
  }))
}

const storage: ObjectStorage["Service"] = {
  presignGet: () => Effect.die("not asked for"),
  download: () => Effect.succeed(jpegBytes),
  put: () => Effect.die("not asked for"),
  receive: () => Effect.die("not asked for"),
  head: () => Effect.die("not asked for")
}
const reader: DocumentReader["Service"] = {
  read: () => Effect.succeed({ pageCount: 1, eInvoice: null, eInvoiceProblem: null, pages: [] })
}
const vision: Vision["Service"] = { recognise: () => Effect.succeed({ pages: [page], pageCount: 1, engine: "test" }) }

export interface OutsideWorld {
  readonly download?: ObjectStorage["Service"]["download"]
  readonly read?: DocumentReader["Service"]["read"]
  readonly recognise?: Vision["Service"]["recognise"]
  readonly extract?: () => Effect.Effect<InvoiceFields, ExtractorError | NotAsked>
}

/** A photographed invoice that goes well, except where a step is replaced. */
export const outsideWorld = (change: OutsideWorld = {}) =>
  Layer.mergeAll(
    Layer.succeed(ObjectStorage, { ...storage, ...(change.download === undefined ? {} : { download: change.download }) }),
    Layer.succeed(DocumentReader, { read: change.read ?? reader.read }),
    Layer.succeed(Vision, { recognise: change.recognise ?? vision.recognise }),
    Layer.succeed(InvoiceExtractor, { extract: () => Effect.map((change.extract ?? (() => Effect.succeed(someFields())))(), (fields) => ({ fields })) }),
    Digest.layerWebCrypto
  )

/** The first of five attempts of a job that was added just now. */
export const invoiceAttempt = (data: unknown, change: Partial<JobAttempt> = {}): JobAttempt => ({
  queue: "invoice-processing",
  jobId: "job-1",
  jobName: "process",
  data,
  number: 1,
  maxAttempts: 5,
  backoff: { type: "fixed", delay: Duration.seconds(10), jitter: 0 },
  addedAt: Date.now(),
  traceparent: null,
  previousTrace: null,
  condemned: null,
  ...change
})
