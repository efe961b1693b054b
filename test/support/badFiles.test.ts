import { createInflate } from "node:zlib"
import sharp from "sharp"
import { getDocumentProxy } from "unpdf"
import { describe, expect, it } from "vitest"
import { detectKind } from "../../src/domain/DocumentKind.ts"
import * as Bad from "./badFiles.ts"

/** A copy, since the parser takes the array's memory away. */
const open = (bytes: Uint8Array) => getDocumentProxy(bytes.slice(), { verbosity: 0 })

const size = async (bytes: Uint8Array) => {
  const { height, width } = await sharp(bytes, { limitInputPixels: false }).metadata()
  return `${width} × ${height}`
}

/** Counts what a zlib stream unpacks to, without keeping it. */
const unpackedLength = async (bytes: Uint8Array): Promise<number> => {
  const inflate = createInflate()
  inflate.end(bytes)
  let length = 0
  for await (const chunk of inflate) length += chunk.length
  return length
}

const between = (bytes: Uint8Array, from: string, to: string): Uint8Array => {
  const buffer = Buffer.from(bytes)
  const start = buffer.indexOf(from) + from.length
  return new Uint8Array(buffer.subarray(start, buffer.indexOf(to, start)))
}

describe("kinds by their first bytes", () => {
  it.each([
    ["zeroBytes", Bad.zeroBytes, "unknown"],
    ["textNamedPdf", Bad.textNamedPdf, "text"],
    ["tooLargeJpeg", Bad.tooLargeJpeg, "jpeg"],
    ["tooLargePdf", Bad.tooLargePdf, "pdf"],
    ["truncatedPdf", Bad.truncatedPdf, "pdf"],
    ["truncatedJpeg", Bad.truncatedJpeg, "jpeg"],
    ["garbageJpeg", Bad.garbageJpeg, "jpeg"],
    ["hugePng", Bad.hugePng, "png"],
    ["heicFile", Bad.heicFile, "heic"],
    ["tiffFile II", () => Bad.tiffFile("II"), "tiff"],
    ["tiffFile MM", () => Bad.tiffFile("MM"), "tiff"],
    ["webpFile", Bad.webpFile, "webp"],
    ["gifFile", Bad.gifFile, "gif"],
    ["docxFile", Bad.docxFile, "zip"],
    ["xmlUtf16", Bad.xmlUtf16, "xml"],
    ["xmlLatin1", Bad.xmlLatin1, "xml"],
    ["xmlOtherRoot", Bad.xmlOtherRoot, "xml"],
    ["xmlWithEntities", Bad.xmlWithEntities, "xml"]
  ] as const)("%s", async (_, make, kind) => {
    expect(detectKind(await make())).toBe(kind)
  })

  it("the too large ones have 25 MB and are whole otherwise", async () => {
    const jpeg = await Bad.tooLargeJpeg()
    expect([jpeg.length, Bad.tooLargePdf().length]).toEqual([25_000_000, 25_000_000])
    expect(await size(jpeg)).toBe("1240 × 1755")
  })
})

describe("PDFs", () => {
  it("the whole one has one page, the cut one cannot be opened", async () => {
    expect((await open(Bad.textPdf())).numPages).toBe(1)
    await expect(open(Bad.truncatedPdf())).rejects.toMatchObject({ name: "InvalidPDFException" })
  })

  it("the encrypted one asks for its password, the owner's restrictions do not", async () => {
    const encrypted = await Bad.encryptedPdf()
    await expect(open(encrypted)).rejects.toMatchObject({ name: "PasswordException" })
    expect((await getDocumentProxy(encrypted.slice(), { password: "secret" })).numPages).toBe(1)
    const readable = await open(await Bad.ownerEncryptedPdf())
    expect((await readable.getMetadata()).info).toMatchObject({ EncryptFilterName: "Standard" })
  })

  it.each([
    ["zeroPagePdf", Bad.zeroPagePdf, 0],
    ["manyPagesPdf", () => Bad.manyPagesPdf(500), 500],
    ["scannedPdf", Bad.scannedPdf, 1],
    ["scannedPdfPages", () => Bad.scannedPdfPages(12), 12],
    ["pdfLoop", Bad.pdfLoop, 1],
    ["pdfBomb", Bad.pdfBomb, 1],
    ["pdfImageBomb", Bad.pdfImageBomb, 1]
  ] as const)("%s has that many pages", async (_, make, pages) => {
    expect((await open(await make())).numPages).toBe(pages)
  })

  it("a page tree that contains itself has no first page", async () => {
    await expect((await open(Bad.pdfLoop())).getPage(1)).rejects.toThrow("circular reference")
  })

  it("the last of 500 pages has its text", async () => {
    const page = await (await open(Bad.manyPagesPdf(500))).getPage(500)
    expect((await page.getTextContent()).items).toMatchObject([{ str: "Conditions generales de vente" }])
  })

  it("a scan has a picture and no text", async () => {
    const page = await (await open(await Bad.scannedPdf())).getPage(1)
    expect((await page.getTextContent()).items).toEqual([])
    expect((await page.getOperatorList()).argsArray).toContainEqual([expect.stringContaining("img_"), 1240, 1755])
  })

  it("the huge page is 200,000 points wide", async () => {
    expect((await (await open(await Bad.pdfHugePage())).getPage(1)).view).toEqual([0, 0, 200_000, 200_000])
  })

  it("the bombs are small and unpack to what they say", async () => {
    const [text, picture] = [Bad.pdfBomb(), Bad.pdfImageBomb()]
    expect(text.length).toBeLessThan(350_000)
    expect(picture.length).toBeLessThan(150_000)
    expect(await unpackedLength(between(text, "stream\n", "\nendstream"))).toBe(300 * 1024 * 1024)
  })

  it("the broken Factur-X carries an attachment that is no XML", async () => {
    const document = await open(await Bad.pdfWithBrokenFacturX())
    const content = await document.getAttachmentContent("factur-x.xml")
    expect(new TextDecoder().decode(content ?? undefined)).toBe("This should have been the invoice.")
  })
})

describe("pictures", () => {
  it.each([
    ["hugePng", Bad.hugePng, "30000 × 30000"],
    ["hugePngInFewBytes", Bad.hugePngInFewBytes, "30000 × 30000"],
    ["hugePngRgb", Bad.hugePngRgb, "30000 × 30000"],
    ["imageWithoutText", Bad.imageWithoutText, "1200 × 1600"],
    ["blankPng", Bad.blankPng, "1240 × 1754"],
    ["tiffFile II", () => Bad.tiffFile("II"), "8 × 8"],
    ["tiffFile MM", () => Bad.tiffFile("MM"), "8 × 8"]
  ] as const)("%s says how large it is", async (_, make, expected) => {
    expect(await size(await make())).toBe(expected)
  })

  it("the huge ones are small files", () => {
    expect(Bad.hugePng().length).toBeLessThan(130_000)
    expect(Bad.hugePngInFewBytes().length).toBeLessThan(4_000)
    expect(Bad.hugePngRgb().length).toBeLessThan(3_000_000)
  })

  it("the huge one is whole: all its rows are there", async () => {
    const png = Bad.hugePng()
    const imageData = png.subarray(png.length - 12 - 4 - new DataView(png.buffer).getUint32(33), -16)
    expect(await unpackedLength(imageData)).toBe(30_000 * (1 + 30_000 / 8))
  })

  it.each([
    ["truncatedJpeg", Bad.truncatedJpeg, "premature end"],
    ["garbageJpeg", Bad.garbageJpeg, "corrupt header"],
    ["hugePngInFewBytes", Bad.hugePngInFewBytes, "exceeds pixel limit"]
  ] as const)("%s cannot be decoded", async (_, make, why) => {
    await expect(sharp(await make()).raw().toBuffer()).rejects.toThrow(why)
  })
})

describe("XML", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

  it("unfolds to 10^9 words in under 20 kB", () => {
    expect(Bad.xmlWithEntities().length).toBeLessThan(20_000)
    expect(text(Bad.xmlWithEntities())).toMatch(/<!DOCTYPE[^]*<!ENTITY lol9 "(&lol8;){10}">[^]*<ram:Name>&lol9;<\/ram:Name>/)
  })

  it("asks for something outside", () => {
    expect(text(Bad.xmlWithExternalEntity("file:///etc/hostname")))
      .toMatch(/<!ENTITY outside SYSTEM "file:\/\/\/etc\/hostname">[^]*<ram:Name>&outside;<\/ram:Name>/)
  })

  it("is 10,000 deep", () => {
    expect(text(Bad.xmlDeep())).toMatch(/(<ram:a>){10000}(<\/ram:a>){10000}/)
  })

  it("says the same in UTF-16 and in ISO 8859-1", () => {
    expect(new TextDecoder("utf-16le").decode(Bad.xmlUtf16()).replace("UTF-16", "UTF-8")).toBe(Bad.ciiText())
    expect(new TextDecoder("latin1").decode(Bad.xmlLatin1()).replace("ISO-8859-1", "UTF-8")).toBe(Bad.ciiText())
  })

  it("is cut after the lines and before the totals", () => {
    expect(text(Bad.truncatedXml())).toContain("IncludedSupplyChainTradeLineItem")
    expect(text(Bad.truncatedXml())).not.toContain("GrandTotalAmount")
  })
})
