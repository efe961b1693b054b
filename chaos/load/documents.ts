import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import sharp from "sharp"

/** What kind of file: a photo needs recognition and extraction, a text needs extraction, an e-invoice neither. */
export type DocumentKind = "photo" | "text" | "e-invoice"

const sample = (name: string): Buffer => readFileSync(fileURLToPath(new URL(`../../samples/${name}`, import.meta.url)))

const mark = "chaos-invoice:"

/** The invoice that a text or the head of a picture names; "" where it names none. */
export const markIn = (text: string): string => new RegExp(`${mark}([a-z0-9-]+)`).exec(text)?.[1] ?? ""

/** As it stands in a picture's recognised words, so that the extraction's request names the invoice too. */
export const markOf = (invoiceId: string): string => `${mark}${invoiceId}`

/** Enough of a photo for the machinery: less to decode than the whole sample. */
const smallPhoto = await sharp(sample("facture-photo.jpg")).resize({ width: 480 }).jpeg({ quality: 60 }).toBuffer()

const files: Readonly<Record<DocumentKind, { readonly name: string; readonly bytes: Buffer }>> = {
  photo: { name: "photo.jpg", bytes: smallPhoto },
  text: { name: "texte.pdf", bytes: sample("facture-texte.pdf") },
  "e-invoice": { name: "xrechnung.xml", bytes: sample("facture-xrechnung.xml") }
}

export interface Document {
  readonly key: string
  readonly fileName: string
  readonly bytes: Buffer
}

/** The picture with the mark in a segment that decoders pass over, behind its first one: metadata would not get as far as the recognition. */
const marked = (jpeg: Buffer, invoiceId: string): Buffer => {
  const text = Buffer.from(`TT\0${markOf(invoiceId)}`)
  const firstEnd = 4 + jpeg.readUInt16BE(4)
  return Buffer.concat([jpeg.subarray(0, firstEnd), Buffer.from([0xff, 0xe0, 0, text.length + 2]), text, jpeg.subarray(firstEnd)])
}

/** A sample of this kind, stored under the invoice's own name; a photo carries it inside. */
export const documentFor = (kind: DocumentKind, invoiceId: string): Document => {
  const { bytes, name } = files[kind]
  return {
    key: `${invoiceId}/${name}`,
    fileName: name,
    bytes: kind === "photo" ? marked(bytes, invoiceId) : bytes
  }
}

/** One file for many invoices: what a crowd of waiting jobs is about. */
export const sharedDocument: Document = documentFor("e-invoice", "shared")
