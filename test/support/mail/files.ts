import { deflateSync } from "node:zlib"
import { seededRandom } from "../samples/seededRandom.ts"
import { binary, bytesOf, joined } from "./composeMail.ts"

/** A small PDF, different for each number. Its bytes go through every value, so that no encoding can lose one unseen. */
export const pdf = (number: number, filling = 2_048): Uint8Array =>
  joined([
    "%PDF-1.7\n%",
    binary("\u00E2\u00E3\u00CF\u00D3"),
    `\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n% invoice ${number}\n`,
    Uint8Array.from({ length: filling }, (_, index) => (index * 7 + number) & 0xff),
    "\ntrailer\n<< /Root 1 0 R /Size 4 >>\n%%EOF\n"
  ])

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

export const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(data.length)
  const body = joined([type, data])
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(crc32(body))
  return joined([head, body, tail])
}

/** A grey PNG of noise: about `width × height` bytes; `plain`: of one grey, so very few bytes. */
export const png = (width: number, height: number, options: { readonly isPlain?: boolean; readonly seed?: number } = {}): Uint8Array => {
  const random = seededRandom(options.seed ?? width * 10_000 + height)
  const rows = new Uint8Array(height * (width + 1))
  if (options.isPlain !== true) for (let at = 0; at < rows.length; at++) if (at % (width + 1) !== 0) rows[at] = Math.floor(random() * 256)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  return joined([
    binary("\u0089PNG\r\n\u001A\n"),
    chunk("IHDR", header),
    chunk("IDAT", new Uint8Array(deflateSync(rows))),
    chunk("IEND", new Uint8Array(0))
  ])
}

/** The outside of a JPEG: what says how large the picture is, then noise. It is no picture to look at. */
export const jpeg = (width: number, height: number, length: number, seed = 1): Uint8Array => {
  const random = seededRandom(seed)
  const frame = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0])
  return joined([frame, Uint8Array.from({ length: length - frame.length - 2 }, () => Math.floor(random() * 255)), Uint8Array.of(0xff, 0xd9)])
}

export const cii = bytesOf(`<?xml version="1.0" encoding="UTF-8"?>
<!-- Factur-X -->
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
<rsm:ExchangedDocument><ram:ID>F-1</ram:ID></rsm:ExchangedDocument></rsm:CrossIndustryInvoice>
`)

export const ubl = bytesOf(`<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>F-2</cbc:ID></Invoice>
`)
