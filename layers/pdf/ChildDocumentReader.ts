import { Duration, Effect, Layer } from "effect"
import { maxFileBytes } from "../../src/domain/limits.ts"
import { type Document, type DocumentContent, DocumentError, DocumentReader, DocumentReason } from "../../src/services/DocumentReader.ts"
import type { ChildError } from "../childprocess/ChildError.ts"
import * as ChildPool from "../childprocess/ChildPool.ts"
import { entryBeside } from "../childprocess/entryBeside.ts"
import { joinSlices } from "../childprocess/pageSlices.ts"
import { AnswerPart } from "./answer.ts"

export interface ReaderOptions {
  /** Files read at the same time, each in a child of its own. */
  readonly concurrency: number
}

const MiB = 1024 * 1024

/** A hundred pages of dense text take 3 s on a slow core. */
const timeLimit = Duration.seconds(20)

const pool = (options: ReaderOptions) =>
  ChildPool.make({
    name: "document reader",
    entry: entryBeside(import.meta.url, "readingChild"),
    part: AnswerPart,
    size: options.concurrency,
    idleFor: Duration.seconds(60),
    requestsPerChild: 50,
    heapMegabytes: 192,
    softMemory: 150 * MiB,
    hardMemory: 160 * MiB
  })

const failure = (error: ChildError): DocumentError => {
  const failed = (reason: DocumentReason) => new DocumentError({ reason, detail: error.message, cause: error })
  switch (error.reason._tag) {
    case "TimedOut":
      return failed(DocumentReason.TooComplex({ limit: "time" }))
    case "OverMemory":
      return failed(DocumentReason.TooComplex({ limit: "memory" }))
    case "Crashed":
      return failed(DocumentReason.TooComplex({ limit: "a stable reader" }))
    case "NotStarted":
      return failed(DocumentReason.ReaderBroke())
  }
}

const contentOf = (parts: ReadonlyArray<AnswerPart>): Effect.Effect<DocumentContent, DocumentError> => {
  let content: DocumentContent = { pageCount: 0, eInvoice: null, eInvoiceProblem: null, pages: [] }
  for (const part of parts) {
    switch (part._tag) {
      case "Refused":
        return Effect.fail(new DocumentError({ reason: part.reason, detail: part.detail }))
      case "Opened":
        content = { ...content, pageCount: part.pageCount }
        break
      case "EInvoice":
        content = { ...content, eInvoice: part.fields }
        break
      case "EInvoiceProblem":
        content = { ...content, eInvoiceProblem: part.problem }
        break
      case "Page":
        break
    }
  }
  return Effect.succeed({ ...content, pages: joinSlices(parts.flatMap((part) => part._tag === "Page" ? [part.page] : [])) })
}

/** Opens files in child processes: PDF by pdf.js (unpdf), pictures by libvips (sharp), XML by our own reading. */
export const layer = (options: ReaderOptions): Layer.Layer<DocumentReader> =>
  Layer.effect(
    DocumentReader,
    Effect.gen(function*() {
      const children = yield* pool(options)

      const read = Effect.fn("DocumentReader.read")(function*(document: Document) {
        const size = document.bytes.byteLength
        if (size === 0) return yield* new DocumentError({ reason: DocumentReason.Empty(), detail: "the file has 0 bytes" })
        if (size > maxFileBytes) {
          return yield* new DocumentError({
            reason: DocumentReason.TooLarge({ bytes: size, limit: maxFileBytes }),
            detail: `the file has ${size} bytes`
          })
        }
        const parts = yield* children.ask({ command: document.kind, bytes: document.bytes, timeLimit, silenceLimit: timeLimit }).pipe(
          Effect.mapError(failure)
        )
        return yield* contentOf(parts)
      })

      return DocumentReader.of({ read })
    })
  )
