import { Context, Data, type Duration, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Page } from "../domain/Page.ts"
import { Retry } from "../domain/Retry.ts"

/**
 * Finds the fields of an invoice in its words: OpenAI in production, rules offline. What comes back is a claim:
 * it is verified against the page and against itself afterwards (`src/reading`), whoever made it.
 */
export class InvoiceExtractor extends Context.Service<InvoiceExtractor, {
  readonly extract: (pages: ReadonlyArray<Page>) => Effect.Effect<InvoiceFields, ExtractorError>
}>()("tt-worker/services/InvoiceExtractor") {}

export type ExtractorReason = Data.TaggedEnum<{
  /** The model declined to answer. */
  Refused: {}
  /** The answer was cut, empty or off the schema, also when asked again. */
  Unusable: {}
  Denied: { readonly variable: string }
  RateLimited: { readonly after: Duration.Duration }
  Unavailable: {}
}>
export const ExtractorReason = Data.taggedEnum<ExtractorReason>()

/** `detail` says what happened, for operators, without any text of the document. */
export class ExtractorError
  extends Data.TaggedError("ExtractorError")<{ readonly reason: ExtractorReason; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `field extraction: ${this.detail}`
  }
  get code(): string {
    return ExtractorReason.$match(this.reason, {
      Refused: () => "extraction-refused",
      Unusable: () => "extraction-unusable",
      Denied: () => "extraction-denied",
      RateLimited: () => "extraction-rate-limited",
      Unavailable: () => "extraction-unavailable"
    })
  }
  get retry(): Retry {
    return ExtractorReason.$match(this.reason, {
      Refused: () => Retry.Permanent(),
      Unusable: () => Retry.Transient(),
      Denied: () => Retry.Permanent(),
      RateLimited: ({ after }) => Retry.RateLimited({ after }),
      Unavailable: () => Retry.Transient()
    })
  }
  get plainWords(): string {
    return ExtractorReason.$match(this.reason, {
      Refused: () => "The automatic reading declined this document. Please enter the invoice by hand.",
      Unusable: () => "The automatic reading gave no usable answer for this document. Please have it processed again, or enter it by hand.",
      Denied: () => "The automatic reading refused access. Your file is safe; please tell the support, then have the invoice processed again.",
      RateLimited: () => "The automatic reading is busy. The invoice will be tried again by itself.",
      Unavailable: () => "The automatic reading could not be reached. Your file is safe; please have the invoice processed again later."
    })
  }
}
