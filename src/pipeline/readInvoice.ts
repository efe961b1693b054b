import { Effect } from "effect"
import { today } from "../domain/CalendarDate.ts"
import { detectKind, type DocumentKind, type OtherKind } from "../domain/DocumentKind.ts"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import { maxFileBytes } from "../domain/limits.ts"
import type { Page } from "../domain/Page.ts"
import type { Reading, ReadingSource, Warning } from "../domain/Reading.ts"
import { attributes } from "../observability/attributes.ts"
import { hasText } from "../reading/blankPages.ts"
import { contradictsItself } from "../reading/checks.ts"
import { textLayerMakesSense } from "../reading/textLayer.ts"
import { inTurns } from "../reading/turns.ts"
import { verification } from "../reading/verify.ts"
import { type Document, type DocumentContent, DocumentError, DocumentReader, DocumentReason } from "../services/DocumentReader.ts"
import { type ExtractionQuestion, InvoiceExtractor } from "../services/InvoiceExtractor.ts"
import { Vision } from "../services/Vision.ts"
import { retryTransient } from "../supervisor/retryTransient.ts"
import { NoTextFound } from "./NoTextFound.ts"

const isReadable = (kind: DocumentKind | OtherKind): kind is DocumentKind =>
  kind === "pdf" || kind === "jpeg" || kind === "png" || kind === "xml"

/** What the file is, by its first bytes; refused with the reason when it cannot be read. */
const identify = (bytes: Uint8Array): Effect.Effect<Document, DocumentError> => {
  if (bytes.length === 0) return Effect.fail(new DocumentError({ reason: DocumentReason.Empty(), detail: "the file has 0 bytes" }))
  if (bytes.length > maxFileBytes) {
    return Effect.fail(new DocumentError({
      reason: DocumentReason.TooLarge({ bytes: bytes.length, limit: maxFileBytes }),
      detail: `the file has ${bytes.length} bytes, more than ${maxFileBytes}`
    }))
  }
  const kind = detectKind(bytes)
  return isReadable(kind)
    ? Effect.succeed({ kind, bytes })
    : Effect.fail(new DocumentError({ reason: DocumentReason.NotSupported({ kind }), detail: `files of kind ${kind} are not read` }))
}

interface Found {
  readonly source: ReadingSource
  readonly fields: InvoiceFields
  readonly pages: ReadonlyArray<Page>
  readonly warnings: ReadonlyArray<Warning>
}

const extractFrom = Effect.fnUntraced(function*(question: ExtractionQuestion, warnings: ReadonlyArray<Warning>) {
  const extractor = yield* InvoiceExtractor
  const { fields, notes = [], pages = question.pages } = yield* retryTransient(extractor.extract(question))
  return { source: question.source, fields, pages, warnings: [...warnings, ...notes] } satisfies Found
})

const recognise = Effect.fnUntraced(function*(document: Document, warnings: ReadonlyArray<Warning>) {
  const vision = yield* Vision
  const { engine, notes = [], pageCount, pages, passes = [] } = yield* retryTransient(vision.recognise(document))
  if (!hasText(pages)) return yield* new NoTextFound({ pages: pageCount })
  const partly: ReadonlyArray<Warning> = pages.length < pageCount
    ? [{ code: "pages-not-read", field: null, message: `Only ${pages.length} of the ${pageCount} pages were read: the first ones and the last.` }]
    : []
  return yield* extractFrom({ source: "ocr", pages, passes, readBy: engine, document }, [...warnings, ...notes, ...partly])
})

/** What keeps an electronic invoice inside the file from being used; null where there is none or it is sound. */
const eInvoiceProblem = (content: DocumentContent): Warning | null => {
  if (content.eInvoice !== null) {
    return { code: "e-invoice-set-aside", field: null, message: "The electronic invoice inside the file contradicts itself; the page was read instead." }
  }
  return content.eInvoiceProblem === null
    ? null
    : { code: "e-invoice-unusable", field: null, message: "The electronic invoice inside the file could not be used; the page was read instead." }
}

/** The exact source first, then the printed text, then recognised characters. */
const find = Effect.fnUntraced(function*(document: Document, content: DocumentContent) {
  const { eInvoice, pages } = content
  // An XML file has no page to read instead: its contradictions are the verification's to tell.
  if (eInvoice !== null && (document.kind === "xml" || !contradictsItself(eInvoice))) {
    return { source: "e-invoice", fields: eInvoice, pages, warnings: [] } satisfies Found
  }
  const problem = eInvoiceProblem(content)
  const warnings = problem === null ? [] : [problem]
  return textLayerMakesSense(pages)
    ? yield* extractFrom({ source: "pdf-text", pages, readBy: "pdf", document }, warnings)
    : yield* recognise(document, warnings)
})

/**
 * From the bytes of a file to a verified reading: identify, open, find the fields in the best source there is, verify
 * them against the page and themselves. Touches neither queue nor database.
 */
export const readInvoice = Effect.fn("Pipeline.readInvoice")(function*(bytes: Uint8Array) {
  const document = yield* identify(bytes)
  const reader = yield* DocumentReader
  const content = yield* retryTransient(reader.read(document))
  yield* Effect.annotateCurrentSpan({
    [attributes.documentKind]: document.kind,
    [attributes.documentBytes]: bytes.length,
    [attributes.documentPages]: content.pageCount
  })
  const { fields, pages, source, warnings } = yield* find(document, content)
  const claim = { source, fields, pages, today: yield* today, extraWarnings: warnings }
  const reading: Reading = yield* inTurns(() => verification(claim))
  yield* Effect.annotateCurrentSpan({
    [attributes.readingSource]: reading.source,
    [attributes.readingConfidence]: reading.confidence
  })
  return reading
})
