import { Effect } from "effect"
import type { CalendarDate } from "../../src/domain/CalendarDate.ts"
import { detectKind, type DocumentKind } from "../../src/domain/DocumentKind.ts"
import type { Reading, Warning } from "../../src/domain/Reading.ts"
import { contradictsItself } from "../../src/reading/checks.ts"
import { textLayerMakesSense } from "../../src/reading/textLayer.ts"
import { verify } from "../../src/reading/verify.ts"
import { DocumentReader } from "../../src/services/DocumentReader.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import { Vision } from "../../src/services/Vision.ts"

const kinds: ReadonlySet<string> = new Set<DocumentKind>(["jpeg", "png", "pdf", "xml"])
const isRead = (kind: string): kind is DocumentKind => kinds.has(kind)

const setAside: Warning = { code: "e-invoice-set-aside", field: null, message: "The e-invoice inside contradicts itself; the page was read instead." }

/** One file through the pipeline: e-invoice, else text layer, else recognition; then rules, then verification. */
export const readFile = Effect.fn("bench.readFile")(function*(bytes: Uint8Array, today: CalendarDate) {
  const kind = detectKind(bytes)
  if (!isRead(kind)) return yield* Effect.die(`cannot read a file that is ${kind}`)
  const document = { kind, bytes }
  const reader = yield* DocumentReader
  const vision = yield* Vision
  const extractor = yield* InvoiceExtractor
  const content = yield* reader.read(document)
  const isSound = content.eInvoice !== null && !contradictsItself(content.eInvoice)
  if (content.eInvoice !== null && (isSound || kind === "xml")) {
    return verify({ source: "e-invoice", fields: content.eInvoice, pages: content.pages, today })
  }
  const hasLayer = textLayerMakesSense(content.pages)
  const pages = hasLayer ? content.pages : (yield* vision.recognise(document)).pages
  const fields = yield* extractor.extract(pages)
  const reading: Reading = verify({
    source: hasLayer ? "pdf-text" : "ocr",
    fields,
    pages,
    today,
    extraWarnings: content.eInvoice === null ? [] : [setAside]
  })
  return reading
})
