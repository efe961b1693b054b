import { Context, Data, type Effect } from "effect"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Page } from "../domain/Page.ts"
import type { ProviderEngine, ProviderUsage } from "../domain/ProviderEngine.ts"
import type { Document } from "./DocumentReader.ts"
import type { ExtractorError } from "./InvoiceExtractor.ts"

/** What a model is asked: the words of the pages, a page to look at for a model that sees, and what was wrong last time. */
export interface ModelQuestion {
  readonly pages: ReadonlyArray<Page>
  /** A JPEG or PNG; null where there is none. */
  readonly picture: Document | null
  /** The one repair turn: the answer before (null: it had no form), and what failed, in words for the model. */
  readonly repair: { readonly fields: InvoiceFields | null; readonly problems: ReadonlyArray<string> } | null
}

/** An answer that was paid for, of whatever use it is. `detail` is for operators, without any text of the document. */
export type ModelOutcome = Data.TaggedEnum<{
  Answered: { readonly fields: InvoiceFields }
  /** The model, or the provider's filter, declined. */
  Refused: { readonly detail: string }
  /** Cut at its greatest length. */
  Truncated: { readonly detail: string }
  /** Empty, no JSON or off the schema; `problem` names the places for the model. */
  OffSchema: { readonly detail: string; readonly problem: string }
}>
export const ModelOutcome = Data.taggedEnum<ModelOutcome>()

export interface ModelAnswer {
  readonly outcome: ModelOutcome
  readonly usage: ProviderUsage
}

/**
 * A language model that takes money for each answer. `InvoiceExtractor` (`src/paid/PaidExtractor.ts`) decides when it
 * is asked, keeps what it answers and counts what it costs. Fails only where nothing was answered.
 */
export class ExtractionModel extends Context.Service<ExtractionModel, {
  readonly engine: ProviderEngine
  /** More than one answer can use: what is reserved before the call. */
  readonly mostUsed: (question: ModelQuestion) => ProviderUsage
  /** One call. */
  readonly ask: (question: ModelQuestion) => Effect.Effect<ModelAnswer, ExtractorError>
}>()("tt-worker/services/ExtractionModel") {}
