import { PDFDocument } from "@cantoo/pdf-lib"
import { pdfWithXml } from "../samples/facturX.ts"
import { plasterInvoice } from "../samples/invoices.ts"
import { pagePdf } from "../samples/page.ts"
import { utf8, cutAt, deflatedZeros } from "./bytes.ts"
import { catalog, rawPdf } from "./rawPdf.ts"

/** A whole invoice with a text layer: what the broken ones below are made of. */
export const textPdf = (): Uint8Array => pagePdf(plasterInvoice, "#24506e")

/** The first half of a PDF: no cross-reference table, no page tree. */
export const truncatedPdf = (): Uint8Array => cutAt(textPdf(), 0.5)

const encrypted = async (passwords: { readonly userPassword: string; readonly ownerPassword: string }) => {
  const document = await PDFDocument.load(textPdf(), { updateMetadata: false })
  document.encrypt({ ...passwords, permissions: { printing: "lowResolution", copying: false } })
  return document.save()
}

/** AES-256; cannot be opened without the password "secret". */
export const encryptedPdf = (): Promise<Uint8Array> => encrypted({ userPassword: "secret", ownerPassword: "owner" })

/** Encrypted, but with an empty user password: everyone can read it, copying and editing are "forbidden". */
export const ownerEncryptedPdf = (): Promise<Uint8Array> => encrypted({ userPassword: "", ownerPassword: "owner" })

/** A valid PDF whose page tree is empty. */
export const zeroPagePdf = (): Uint8Array => rawPdf([catalog, { dictionary: "/Type /Pages /Kids [] /Count 0" }])

/** `pages` pages (A4), each with the same short line of text. */
export const manyPagesPdf = (pages: number): Uint8Array => {
  const firstPage = 5
  const kids = Array.from({ length: pages }, (_, index) => `${firstPage + index} 0 R`).join(" ")
  return rawPdf([
    catalog,
    { dictionary: `/Type /Pages /Kids [${kids}] /Count ${pages} /MediaBox [0 0 595 842]` },
    { dictionary: "/Type /Font /Subtype /Type1 /BaseFont /Helvetica" },
    { dictionary: "", bytes: utf8("BT /F1 12 Tf 72 760 Td (Conditions generales de vente) Tj ET") },
    ...Array.from({ length: pages }, () => ({
      dictionary: "/Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >>"
    }))
  ])
}

/** A PDF that says it has one page, and whose page tree contains only itself. */
export const pdfLoop = (): Uint8Array => rawPdf([catalog, { dictionary: "/Type /Pages /Kids [2 0 R] /Count 1" }])

/** One page whose drawing instructions are 300 MiB of zeros when they are unpacked; about 300 kB. */
export const pdfBomb = (): Uint8Array =>
  rawPdf([
    catalog,
    { dictionary: "/Type /Pages /Kids [3 0 R] /Count 1" },
    { dictionary: "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R" },
    { dictionary: "/Filter /FlateDecode", bytes: deflatedZeros(300 * 1024 * 1024) }
  ])

/** One page with a black-and-white picture of 30,000 × 30,000 pixels; about 110 kB. */
export const pdfImageBomb = (): Uint8Array =>
  rawPdf([
    catalog,
    { dictionary: "/Type /Pages /Kids [3 0 R] /Count 1" },
    {
      dictionary: "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /Scan 5 0 R >> >>"
    },
    { dictionary: "", bytes: utf8("q 595 0 0 842 0 0 cm /Scan Do Q") },
    {
      dictionary:
        "/Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode",
      bytes: deflatedZeros(30_000 * 3750)
    }
  ])

/** A PDF with a good text layer and an attachment `factur-x.xml` that is not XML at all. */
export const pdfWithBrokenFacturX = (): Promise<Uint8Array> =>
  pdfWithXml(textPdf(), plasterInvoice, "This should have been the invoice.")
