import { Duration, Effect, Result } from "effect"
import * as Base64 from "effect/encoding/Base64"
import type { Page } from "../../../src/domain/Page.ts"
import type { Problem, Seen } from "../../../src/services/Dependencies.ts"
import { ExtractionModel } from "../../../src/services/ExtractionModel.ts"
import { type ExtractorError, InvoiceExtractor } from "../../../src/services/InvoiceExtractor.ts"
import { RecognitionProvider } from "../../../src/services/RecognitionProvider.ts"
import { type NotAsked, Vision, type VisionError } from "../../../src/services/Vision.ts"

/** 64 white pixels squared, as PNG. */
const whitePicture = Result.getOrThrow(Base64.decode(
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR42u3MQREAAAwCIPuX1hD77SAA6VEEAoFAIBAIBAKBQCAQfA8Gpwvw4qrwDDIAAAAASUVORK5CYII="
))

const onePage: ReadonlyArray<Page> = [{ number: 1, width: 595, height: 842, words: [{ text: "Facture", confidence: 1, box: { x0: 50, y0: 50, x1: 120, y1: 64 } }] }]

/** What a failure means for the whole service; null where it is about the tiny document only. */
const problemOf = (region: string | null) => (error: VisionError | ExtractorError | NotAsked): Problem | null => {
  if (error._tag !== "VisionError" && error._tag !== "ExtractorError") return { what: error.message, fix: "nothing to mend: it is asked again by itself", serious: false }
  const { message, reason } = error
  switch (reason._tag) {
    case "Denied":
      return { what: message, fix: `look at ${reason.variable}: the key may be wrong, without the permission, or out of credit${region === "eu" ? "; or it is not for the European servers that PROVIDER_REGION=eu asks" : ""}`, serious: true }
    case "RateLimited":
      return { what: message, fix: "nothing to mend: jobs are put off until the provider lets them in; ask it for a greater quota if this stays", serious: false }
    case "Unavailable":
      return { what: message, fix: "see the provider's status page and the network's way there; jobs are put off meanwhile, none is lost", serious: true }
    default:
      return null
  }
}

const seen = <E extends VisionError | ExtractorError | NotAsked, R>(word: string, use: Effect.Effect<unknown, E, R>, region: string | null = null): Effect.Effect<Seen, never, R> =>
  Effect.timed(Effect.match(use, { onSuccess: () => null, onFailure: problemOf(region) })).pipe(
    Effect.map(([took, problem]) => ({
      version: null,
      millis: Duration.toMillis(took),
      works: problem === null ? [word, ...region === null ? [] : [`region ${region}`]] : [],
      problems: problem === null ? [] : [problem]
    }))
  )

const picture = { kind: "png", bytes: whitePicture } as const

/** Has an empty picture read where the region says: one page, as Google counts. */
export const lookAtRecognition: Effect.Effect<Seen, never, RecognitionProvider> = RecognitionProvider.use(({ engine, recognise }) => seen("read a picture", recognise(picture, []), engine.region))

/** Has a page of one word read where the region says: a request of the usual form. */
export const lookAtModel: Effect.Effect<Seen, never, ExtractionModel> = ExtractionModel.use(({ ask, engine }) => seen("read a page", ask({ pages: onePage, picture: null, repair: null }), engine.region))

/** The same where recognition and extraction need nobody. */
export const lookAtVision: Effect.Effect<Seen, never, Vision> = seen("read a picture", Vision.use(({ recognise }) => recognise(picture)))
export const lookAtExtractor: Effect.Effect<Seen, never, InvoiceExtractor> = seen(
  "read a page",
  InvoiceExtractor.use(({ extract }) => extract({ pages: onePage, source: "ocr", readBy: "tesseract", document: picture }))
)
