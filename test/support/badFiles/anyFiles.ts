import { crc32 } from "node:zlib"
import { utf8, concat } from "./bytes.ts"
import { invoiceJpeg } from "./images.ts"
import { textPdf } from "./pdfs.ts"

/** An upload that never began. */
export const zeroBytes = (): Uint8Array => new Uint8Array()

/** Plain text, as someone gets by renaming a note to `facture.pdf`. */
export const textNamedPdf = (): Uint8Array =>
  utf8("Bonjour,\n\nvoici la facture FA-2026-0147 de 6 989,35 €.\n\nCordialement\n")

const tooLarge = 25_000_000

const padded = (bytes: Uint8Array): Uint8Array => concat(bytes, new Uint8Array(tooLarge - bytes.length))

/** A JPEG of 25 MB (the limit is 20 MiB) with nothing wrong but its size: zeros follow the picture. */
export const tooLargeJpeg = async (): Promise<Uint8Array> => padded(await invoiceJpeg())

/** A PDF of 25 MB: zeros follow the end of the file. */
export const tooLargePdf = (): Uint8Array => padded(textPdf())

const uint16s = (...values: ReadonlyArray<number>): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 2))
  values.forEach((value, index) => view.setUint16(index * 2, value, true))
  return new Uint8Array(view.buffer)
}

const uint32s = (...values: ReadonlyArray<number>): Uint8Array =>
  uint16s(...values.flatMap((value) => [value & 0xffff, value >>> 16]))

/** A ZIP archive (APPNOTE.TXT 6.3.10) whose files are stored as they are. */
export const zipFile = (files: Readonly<Record<string, string>>): Uint8Array => {
  const local: Array<Uint8Array> = []
  const central: Array<Uint8Array> = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const data = utf8(text)
    // Version 2.0, no flags, stored, 1 January 2026 at midnight.
    const common = concat(
      uint16s(20, 0, 0, 0, 0x5c21),
      uint32s(crc32(data), data.length, data.length),
      uint16s(utf8(name).length, 0)
    )
    const entry = concat(utf8("PK\u0003\u0004"), common, utf8(name), data)
    local.push(entry)
    central.push(concat(utf8("PK\u0001\u0002"), uint16s(20), common, uint16s(0, 0, 0), uint32s(0, offset), utf8(name)))
    offset += entry.length
  }
  const directory = concat(...central)
  const count = central.length
  const end = concat(utf8("PK\u0005\u0006"), uint16s(0, 0, count, count), uint32s(directory.length, offset), uint16s(0))
  return concat(...local, directory, end)
}

/** A Word document with one sentence. */
export const docxFile = (): Uint8Array =>
  zipFile({
    "[Content_Types].xml":
      "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>",
    "_rels/.rels":
      "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>",
    "word/document.xml":
      "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>Facture FA-2026-0147</w:t></w:r></w:p></w:body></w:document>"
  })
