import { Duration, Effect, Layer } from "effect"
import type { Page } from "../../src/domain/Page.ts"
import type { Document } from "../../src/services/DocumentReader.ts"
import { type Recognition, Vision, VisionError, VisionReason } from "../../src/services/Vision.ts"
import type { ChildError } from "../childprocess/ChildError.ts"
import * as ChildPool from "../childprocess/ChildPool.ts"
import { entryBeside } from "../childprocess/entryBeside.ts"
import { joinSlices } from "../childprocess/pageSlices.ts"
import { AnswerPart } from "./answer.ts"

export interface TesseractOptions {
  /** Documents recognised at the same time, each in a child of its own that keeps one core busy. */
  readonly concurrency: number
}

const MiB = 1024 * 1024

/** A page takes 1 to 9 s on a free core; ten pages stop at one minute of work. */
const timeLimit = Duration.seconds(110)
/** A pass over a page takes 1 to 3 s. */
const passTimeLimit = Duration.seconds(45)

const pool = (options: TesseractOptions) =>
  ChildPool.make({
    name: "text recognition",
    entry: entryBeside(import.meta.url, "recognisingChild"),
    part: AnswerPart,
    size: options.concurrency,
    idleFor: Duration.seconds(30),
    requestsPerChild: 40,
    heapMegabytes: 192,
    softMemory: 260 * MiB,
    hardMemory: 330 * MiB
  })

const failure = (error: ChildError): VisionError => {
  const failed = (reason: VisionReason) => new VisionError({ reason, detail: error.message, cause: error })
  switch (error.reason._tag) {
    case "TimedOut":
      return failed(VisionReason.TooComplex({ limit: "time" }))
    case "OverMemory":
      return failed(VisionReason.TooComplex({ limit: "memory" }))
    case "Crashed":
      return failed(VisionReason.TooComplex({ limit: "a stable engine" }))
    case "NotStarted":
      return failed(VisionReason.Unavailable())
  }
}

/** The document once per pass: pages that needed fewer passes than others are in all of them. */
const passesOf = (parts: ReadonlyArray<AnswerPart>, pages: ReadonlyArray<Page>): ReadonlyArray<ReadonlyArray<Page>> => {
  const slices = parts.flatMap((part) => part._tag === "Pass" ? [part] : [])
  const count = slices.reduce((most, { pass }) => Math.max(most, pass), 0)
  return Array.from({ length: count }, (_, index) => {
    const seen = joinSlices(slices.flatMap(({ page, pass }) => pass === index + 1 ? [page] : []))
    return pages.map((page) => seen.find(({ number }) => number === page.number) ?? page)
  })
}

const recognitionOf = (parts: ReadonlyArray<AnswerPart>): Effect.Effect<Recognition, VisionError> => {
  const refused = parts.find((part) => part._tag === "Refused")
  if (refused !== undefined) {
    const { detail, reason } = refused
    return Effect.fail(new VisionError({ detail, reason: reason._tag === "EngineBroke" ? VisionReason.Unavailable() : reason }))
  }
  const pages = joinSlices(parts.flatMap((part) => part._tag === "Page" ? [part.page] : []))
  return Effect.succeed({
    pages,
    passes: passesOf(parts, pages),
    pageCount: parts.find((part) => part._tag === "Opened")?.pageCount ?? 0,
    engine: "tesseract"
  })
}

/** Tesseract (French and English) in child processes: nothing leaves the machine, nothing is downloaded. */
export const layer = (options: TesseractOptions): Layer.Layer<Vision> =>
  Layer.effect(
    Vision,
    Effect.gen(function*() {
      const children = yield* pool(options)

      const recognise = Effect.fn("Vision.recognise")(function*(document: Document) {
        if (document.kind === "xml") {
          return yield* new VisionError({ reason: VisionReason.BadImage(), detail: "an XML file has no pages to recognise" })
        }
        const parts = yield* children.ask({
          command: document.kind,
          bytes: document.bytes,
          timeLimit,
          silenceLimit: passTimeLimit
        }).pipe(Effect.mapError(failure))
        return yield* recognitionOf(parts)
      })

      return Vision.of({ recognise })
    })
  )
