import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { detectKind } from "../../../src/domain/DocumentKind.ts"
import * as Bad from "../../support/badFiles.ts"

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const utf16be = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf16le").swap16())
const bytes = (...values: ReadonlyArray<number | string>): Uint8Array =>
  new Uint8Array(values.flatMap((value) => typeof value === "number" ? [value] : Array.from(value, (character) => character.charCodeAt(0))))

describe("the kind of a file, by its first bytes", () => {
  it.each([["facture-texte.pdf", "pdf"], ["facture-facturx.pdf", "pdf"], ["facture-photo.jpg", "jpeg"], ["facture-abimee.pdf", "pdf"], ["facture-xrechnung.xml", "xml"]])(
    "the sample %s is %s",
    (file, kind) => {
      assert.strictEqual(detectKind(new Uint8Array(readFileSync(new URL(`../../../samples/${file}`, import.meta.url)))), kind)
    }
  )

  it.each([
    ["encryptedPdf", Bad.encryptedPdf, "pdf"],
    ["zeroPagePdf", Bad.zeroPagePdf, "pdf"],
    ["scannedPdf", Bad.scannedPdf, "pdf"],
    ["pdfBomb", Bad.pdfBomb, "pdf"],
    ["pdfWithBrokenFacturX", Bad.pdfWithBrokenFacturX, "pdf"],
    ["hugePngRgb", Bad.hugePngRgb, "png"],
    ["imageWithoutText", Bad.imageWithoutText, "jpeg"],
    ["blankPng", Bad.blankPng, "png"],
    ["xmlDeep", Bad.xmlDeep, "xml"],
    ["xmlWithExternalEntity", () => Bad.xmlWithExternalEntity("file:///etc/hostname"), "xml"],
    ["truncatedXml", Bad.truncatedXml, "xml"]
  ] as const)("the bad file %s is %s", async (_, make, kind) => {
    assert.strictEqual(detectKind(await make()), kind)
  })

  it.each<readonly [string, Uint8Array, string]>([
    ["a PDF header after a mail header", utf8(`Content-Type: application/pdf\r\n\r\n${"x".repeat(980)}%PDF-1.7\n`), "pdf"],
    ["a PDF header after binary rubbish", bytes(0, 255, 0xfe, "%PDF-1.4"), "pdf"],
    ["a PDF header that comes too late", utf8(`${"x".repeat(1020)}%PDF-1.7\n`), "text"],
    ["XML with a byte order mark", bytes(0xef, 0xbb, 0xbf, "<?xml version=\"1.0\"?><Invoice/>"), "xml"],
    ["XML after blank lines", utf8("\r\n\t <?xml version=\"1.0\"?><Invoice/>"), "xml"],
    ["XML in UTF-16, little-endian", new Uint8Array(Buffer.from("\uFEFF<Invoice/>", "utf16le")), "xml"],
    ["XML in UTF-16, big-endian", utf16be("\uFEFF<?xml version=\"1.0\" encoding=\"UTF-16\"?><Invoice/>"), "xml"],
    ["XML without a declaration", utf8("<rsm:CrossIndustryInvoice xmlns:rsm=\"urn\">"), "xml"],
    ["XML that begins with a comment", utf8("<!-- made by hand --><Invoice/>"), "xml"],
    ["a web page", utf8("<!DOCTYPE html><html lang=\"fr\">"), "html"],
    ["a web page without a doctype", utf8("<HTML><body>%</body></HTML>"), "html"],
    ["a WebP picture", bytes("RIFF", 0, 0, 0, 0, "WEBPVP8 "), "webp"],
    ["a sound file", bytes("RIFF", 0, 0, 0, 0, "WAVEfmt "), "unknown"],
    ["an AVIF picture", bytes(0, 0, 0, 0x1c, "ftypavif", 0, 0, 0, 0), "heic"],
    ["a film", bytes(0, 0, 0, 0x1c, "ftypisom", 0, 0, 0, 0), "unknown"],
    ["a Windows bitmap", bytes("BM", ...Array.from({ length: 30 }, () => 0)), "bmp"],
    ["a text that begins with BM", utf8("BMW Vertragshändler"), "text"],
    ["a text with a euro sign cut in the middle at the end of what is looked at", utf8(`${"x".repeat(1022)}€`), "text"],
    ["a less-than sign in a text", utf8("< 5 € par mois"), "text"],
    ["a JPEG's first two bytes alone", bytes(0xff, 0xd8), "unknown"],
    ["blanks", utf8("  \n\t "), "unknown"],
    ["one zero byte", bytes(0), "unknown"]
  ])("%s is %s", (_, file, kind) => {
    assert.strictEqual(detectKind(file), kind)
  })

  it.prop("is told for any bytes, and depends on the first 1024 alone", [Schema.Uint8Array], ([file]) => {
    const padded = new Uint8Array(3000)
    padded.set(file.subarray(0, 1024))
    const other = padded.slice()
    other.fill(0x41, 1024)
    assert.strictEqual(detectKind(padded), detectKind(other))
    assert.isString(detectKind(file))
  })
})
