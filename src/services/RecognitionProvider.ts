import { Context, type Effect } from "effect"
import type { ProviderEngine } from "../domain/ProviderEngine.ts"
import type { Page } from "../domain/Page.ts"
import type { Document } from "./DocumentReader.ts"
import type { VisionError } from "./Vision.ts"

/** What one call recognised. */
export interface RecognisedPages {
  readonly pages: ReadonlyArray<Page>
  /** Pages of the whole document. */
  readonly pageCount: number
}

/**
 * A text recognition that takes money for each call. `Vision` (`src/paid/PaidVision.ts`) decides when it is asked,
 * keeps what it answers and counts what it costs.
 */
export class RecognitionProvider extends Context.Service<RecognitionProvider, {
  readonly engine: ProviderEngine
  /** Pages of a file that it reads in one call, at most. */
  readonly pagesPerCall: number
  /** One call: a picture, or these pages of a PDF; without numbers its first ones. */
  readonly recognise: (document: Document, pages: ReadonlyArray<number>) => Effect.Effect<RecognisedPages, VisionError>
}>()("tt-worker/services/RecognitionProvider") {}
