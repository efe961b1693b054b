import { createHash } from "node:crypto"
import { embedFacturX, PDFDocument, PDFHexString } from "@cantoo/pdf-lib"
import { cii } from "./cii.ts"
import type { Invoice } from "./Invoice.ts"
import { pagePdf } from "./page.ts"

/**
 * A page with any XML attached as `factur-x.xml` and the metadata of Factur-X 1.0 (PDF/A-3, `fx:` properties).
 * Dates are the invoice's own and the file id is the XML's hash, so that the bytes are the same every time.
 */
export const pdfWithXml = async (page: Uint8Array, invoice: Invoice, xml: string): Promise<Uint8Array> => {
  const day = new Date(`${invoice.date}T08:00:00Z`)
  const document = await PDFDocument.load(page, { updateMetadata: false })
  document.setCreationDate(day)
  document.setModificationDate(day)
  await embedFacturX(document, new TextEncoder().encode(xml), {
    conformanceLevel: "EN 16931",
    description: `Facture ${invoice.number}`,
    creationDate: day,
    modificationDate: day
  })
  const id = PDFHexString.of(createHash("md5").update(xml).digest("hex"))
  document.context.trailerInfo.ID = document.context.obj([id, id])
  return document.save()
}

/** A Factur-X invoice: what people read and what programs read in one PDF. */
export const facturXPdf = (invoice: Invoice, accent: string): Promise<Uint8Array> =>
  pdfWithXml(pagePdf(invoice, accent), invoice, cii(invoice))
