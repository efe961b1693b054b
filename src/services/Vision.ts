import { Context, Data, type Duration, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { Page } from "../domain/Page.ts"
import type { Warning } from "../domain/Reading.ts"
import { Retry } from "../domain/Retry.ts"
import type { BreakerOpen } from "./Breaker.ts"
import type { Document } from "./DocumentReader.ts"
import type { LimitReached } from "./Limits.ts"
import type { PaidCallsError } from "./PaidCalls.ts"

/** Why a paid provider was not asked now: the job is put off. */
export type NotAsked = LimitReached | BreakerOpen | PaidCallsError

export interface Recognition {
  readonly pages: ReadonlyArray<Page>
  /** The whole document as each of several passes saw it, where one alone was in doubt; `pages` is what they agree on. */
  readonly passes?: ReadonlyArray<ReadonlyArray<Page>>
  /** Pages of the document, those that were not recognised included. */
  readonly pageCount: number
  /** Which engine read it, for the record: "tesseract" or "google-vision". */
  readonly engine: string
  /** What a person should know, such as that another engine stood in. */
  readonly notes?: ReadonlyArray<Warning>
}

/**
 * Recognises the characters of a picture or of a PDF's pages: Google Cloud Vision in production, Tesseract
 * offline. Of long documents the first pages and the last are recognised (`src/domain/limits.ts`).
 */
export class Vision extends Context.Service<Vision, {
  readonly recognise: (document: Document) => Effect.Effect<Recognition, VisionError | NotAsked>
}>()("tt-worker/services/Vision") {}

export type VisionReason = Data.TaggedEnum<{
  /** The engine looked at the picture and refused it. */
  BadImage: {}
  TooManyPixels: { readonly width: number; readonly height: number }
  /** Time or memory ran out on this very document. */
  TooComplex: { readonly limit: string }
  Denied: { readonly variable: string }
  RateLimited: { readonly after: Duration.Duration }
  Unavailable: {}
}>
export const VisionReason = Data.taggedEnum<VisionReason>()

/**
 * `detail` says what happened, for operators, without any text of the document. `mayHaveRun`: the call may have been
 * carried out all the same, and this very document may be why it failed (a time limit, a fault inside the engine).
 */
export class VisionError
  extends Data.TaggedError("VisionError")<{ readonly reason: VisionReason; readonly detail: string; readonly mayHaveRun?: boolean; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `text recognition: ${this.detail}`
  }
  get code(): string {
    return VisionReason.$match(this.reason, {
      BadImage: () => "file-damaged",
      TooManyPixels: () => "image-too-large",
      TooComplex: () => "file-too-complex",
      Denied: () => "ocr-denied",
      RateLimited: () => "ocr-rate-limited",
      Unavailable: () => "ocr-unavailable"
    })
  }
  get retry(): Retry {
    return VisionReason.$match(this.reason, {
      BadImage: () => Retry.Permanent(),
      TooManyPixels: () => Retry.Permanent(),
      TooComplex: () => Retry.Permanent(),
      Denied: () => Retry.Permanent(),
      RateLimited: ({ after }) => Retry.RateLimited({ after }),
      Unavailable: () => Retry.Transient()
    })
  }
  get plainWords(): string {
    return VisionReason.$match(this.reason, {
      BadImage: () => "The picture is damaged or incomplete and cannot be read. Please upload the invoice again.",
      TooManyPixels: ({ height, width }) =>
        `The picture is too large to read (${width} × ${height} pixels). Please upload a smaller one.`,
      TooComplex: () => "The file takes too long to read. Please upload a simpler scan or a photo of the invoice.",
      Denied: () => "The text recognition refused access. Your file is safe; please tell the support, then have the invoice processed again.",
      RateLimited: () => "The text recognition is busy. The invoice will be tried again by itself.",
      Unavailable: () => "The text recognition could not be reached. Your file is safe; please have the invoice processed again later."
    })
  }
}
