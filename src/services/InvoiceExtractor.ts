import { Context, Data, type Duration, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Page } from "../domain/Page.ts"
import type { ReadingSource, Warning } from "../domain/Reading.ts"
import { Retry } from "../domain/Retry.ts"
import type { Document } from "./DocumentReader.ts"
import type { NotAsked } from "./Vision.ts"

export interface ExtractionQuestion {
  readonly pages: ReadonlyArray<Page>
  /** The same pages as several passes of recognition saw them, for an extractor that compares. */
  readonly passes?: ReadonlyArray<ReadonlyArray<Page>>
  readonly source: ReadingSource
  /** Who read the pages: "pdf", or the engine that recognised them. */
  readonly readBy: string
  /** The file, for an extractor that looks at it. */
  readonly document: Document
}

export interface Extraction {
  readonly fields: InvoiceFields
  /** The pages on which the fields are to be looked up, where it is one pass of recognition rather than all together. */
  readonly pages?: ReadonlyArray<Page>
  /** What a person should know, such as that another extractor stood in. */
  readonly notes?: ReadonlyArray<Warning>
}

/**
 * Finds the fields of an invoice in its words: OpenAI in production, rules offline. What comes back is a claim:
 * it is verified against the page and against itself afterwards (`src/reading`), whoever made it.
 */
export class InvoiceExtractor extends Context.Service<InvoiceExtractor, {
  readonly extract: (question: ExtractionQuestion) => Effect.Effect<Extraction, ExtractorError | NotAsked>
}>()("tt-worker/services/InvoiceExtractor") {}

export type ExtractorReason = Data.TaggedEnum<{
  /** The model declined to answer. */
  Refused: {}
  /** The answer was cut at its greatest length: a document with more than any invoice, or a model in a loop. */
  Truncated: {}
  /** The answer was empty or off the schema, also when asked again. */
  Unusable: {}
  Denied: { readonly variable: string }
  RateLimited: { readonly after: Duration.Duration }
  Unavailable: {}
}>
export const ExtractorReason = Data.taggedEnum<ExtractorReason>()

/**
 * `detail` says what happened, for operators, without any text of the document. `mayHaveRun`: the model may have
 * answered all the same, and this very document may be why it failed (a time limit, a fault inside the provider).
 */
export class ExtractorError
  extends Data.TaggedError("ExtractorError")<{ readonly reason: ExtractorReason; readonly detail: string; readonly mayHaveRun?: boolean; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `field extraction: ${this.detail}`
  }
  get code(): string {
    return ExtractorReason.$match(this.reason, {
      Refused: () => "extraction-refused",
      Truncated: () => "extraction-truncated",
      Unusable: () => "extraction-unusable",
      Denied: () => "extraction-denied",
      RateLimited: () => "extraction-rate-limited",
      Unavailable: () => "extraction-unavailable"
    })
  }
  get retry(): Retry {
    return ExtractorReason.$match(this.reason, {
      Refused: () => Retry.Permanent(),
      Truncated: () => Retry.Permanent(),
      // Whatever was answered was paid for, and the same question mostly gets the same answer.
      Unusable: () => Retry.Permanent(),
      Denied: () => Retry.Permanent(),
      RateLimited: ({ after }) => Retry.RateLimited({ after }),
      Unavailable: () => Retry.Transient()
    })
  }
  get plainWords(): string {
    return ExtractorReason.$match(this.reason, {
      Refused: () => "The automatic reading declined this document. Please enter the invoice by hand.",
      Truncated: () => "The automatic reading could not finish this document. Please upload only the invoice itself, or enter it by hand.",
      Unusable: () => "The automatic reading gave no usable answer for this document. Please have it processed again, or enter it by hand.",
      Denied: () => "The automatic reading refused access. Your file is safe; please tell the support, then have the invoice processed again.",
      RateLimited: () => "The automatic reading is busy. The invoice will be tried again by itself.",
      Unavailable: () => "The automatic reading could not be reached. Your file is safe; please have the invoice processed again later."
    })
  }
}
