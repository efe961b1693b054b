import { maxPages } from "../../src/domain/limits.ts"
import { slicesOf } from "../childprocess/pageSlices.ts"
import type { SendPart } from "../childprocess/serve.ts"
import { embeddedXmls } from "./embeddedXml.ts"
import { openPage, openPdf, type Pdf } from "./openPdf.ts"
import { pageWords } from "./pageWords.ts"
import { Refusal } from "./Refusal.ts"

/** Words of all pages together; a hundred full pages of text have fewer. */
const maxWords = 60_000

/** A PDF ends with %%EOF; mail gateways and printers append a little (ISO 32000-1, annex H.3, note 18: last 1024 bytes). */
const endIsMissing = (bytes: Uint8Array): boolean => !new TextDecoder("latin1").decode(bytes.subarray(-2048)).includes("%%EOF")

/** The first XML that reads as an invoice; else what was wrong with the first. */
const sendEInvoice = async (pdf: Pdf, sendPart: SendPart): Promise<void> => {
  const xmls = await embeddedXmls(pdf)
  if (xmls.length === 0) return
  // Loaded only where it is needed: effect and its schemas weigh more than the PDF engine.
  const { eInvoiceInChild } = await import("./eInvoiceInChild.ts")
  let problem: string | null = null
  for (const xml of xmls) {
    const result = eInvoiceInChild(xml)
    if (result._tag === "Success") return sendPart({ _tag: "EInvoice", fields: result.success })
    problem ??= result.failure.message
  }
  await sendPart({ _tag: "EInvoiceProblem", problem })
}

/** Sends what a PDF holds: the number of pages, the e-invoice, the text layer. Throws a `Refusal`. */
export const readPdf = async (bytes: Uint8Array, sendPart: SendPart): Promise<void> => {
  const isCut = endIsMissing(bytes)
  const pdf = await openPdf(bytes, { canvas: false })
  if (pdf.numPages > maxPages) {
    throw new Refusal({ _tag: "TooManyPages", pages: pdf.numPages, limit: maxPages }, `the PDF has ${pdf.numPages} pages`)
  }
  await sendPart({ _tag: "Opened", pageCount: pdf.numPages })
  await sendEInvoice(pdf, sendPart)
  let words = 0
  for (let number = 1; number <= pdf.numPages && words < maxWords; number++) {
    const page = await openPage(pdf, number)
    const content = await pageWords(page, number).catch(() => {
      throw new Refusal({ _tag: "Damaged" }, `page ${number} of the PDF cannot be read`)
    })
    words += content.words.length
    for (const slice of slicesOf(content)) await sendPart({ _tag: "Page", page: slice })
    page.cleanup()
  }
  // The engine mends a file whose end is missing as far as it goes; without any text there is no telling what is lost.
  if (isCut && words === 0) throw new Refusal({ _tag: "Damaged" }, "the PDF breaks off")
  await pdf.loadingTask.destroy()
}
