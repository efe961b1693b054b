import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeBase64, decodeQuotedPrintable, decodeTransfer, uuencodedFiles } from "../../../src/mail/transferEncoding.ts"
import { base64Lines, binary, bytesOf, quotedPrintable, uuencoded } from "../../support/mail/composeMail.ts"

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1")
const files = fc.uint8Array({ maxLength: 500 })

describe("base64", () => {
  it("gives back any file, in lines or in one", () => {
    fc.assert(fc.property(files, fc.boolean(), (file, isInLines) => {
      const encoded = isInLines ? base64Lines(file) : Buffer.from(file).toString("base64")
      expect(Buffer.from(decodeBase64(bytesOf(encoded)))).toEqual(Buffer.from(file))
    }))
  })

  it("cut off anywhere, gives the whole bytes that are there", () => {
    fc.assert(fc.property(files, fc.nat({ max: 700 }), (file, cut) => {
      const encoded = base64Lines(file).slice(0, cut)
      const decoded = decodeBase64(bytesOf(encoded))
      expect(Buffer.from(decoded)).toEqual(Buffer.from(file).subarray(0, decoded.length))
      expect(decoded.length).toBeGreaterThanOrEqual(Math.min(file.length, Math.floor(encoded.replaceAll(/[\r\n=]/g, "").length * 6 / 8)))
    }))
  })

  it.each([
    ["rubbish between", "Zm#Fj*dH\u0000Vy-ZQ==", "facture"],
    ["chunks padded one by one", "Zg==\r\nYQ==\r\nY3Q=\r\nure0", "fact\u00BA\u00B7\u00B4"],
    ["a footer behind the padding", "ZmFjdA==\r\n_______________\r\nListe Compta mailing list\r\n", "fact"],
    ["no padding", "ZmFjdA", "fact"],
    ["nothing but padding", "====", ""]
  ])("with %s", (_, encoded, decoded) => {
    expect(text(decodeBase64(binary(encoded)))).toBe(decoded)
  })
})

describe("quoted-printable", () => {
  it("gives back any file", () => {
    fc.assert(fc.property(files, (file) => {
      expect(Buffer.from(decodeQuotedPrintable(bytesOf(quotedPrintable(file))))).toEqual(Buffer.from(file))
    }))
  })

  it.each([
    ["=E9t=e9", "\u00E9t\u00E9"],
    ["a=\r\nb=\nc=  \r\nd", "abcd"],
    ["a \t\r\nb", "a\r\nb"],
    ["a=XYb=", "a=XYb"],
    ["100 % = 1", "100 % = 1"],
    ["=20 \r\n", " \r\n"]
  ])("%j", (encoded, decoded) => {
    expect(text(decodeQuotedPrintable(binary(encoded)))).toBe(decoded)
  })
})

describe("uuencode", () => {
  it("gives back any file, wherever it stands in a text", () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (file) => {
      const found = uuencodedFiles(bytesOf(`Bonjour\r\n${uuencoded(file, "une facture.pdf")}\r\nÀ bientôt`), 10)
      expect(found.map(({ bytes, name }) => [name, Buffer.from(bytes)])).toEqual([["une facture.pdf", Buffer.from(file)]])
    }))
  })

  it("finds several, and takes one that is cut off as far as it goes", () => {
    const encoded = uuencoded(binary("a".repeat(100)), "a.pdf")
    expect(uuencodedFiles(bytesOf(encoded + encoded), 10)).toHaveLength(2)
    expect(uuencodedFiles(bytesOf(encoded + encoded), 1)).toHaveLength(1)
    expect(uuencodedFiles(bytesOf(encoded.slice(0, encoded.indexOf("\r\n") + 64)), 10)[0]?.bytes).toHaveLength(45)
    expect(uuencodedFiles(bytesOf("begin 644 the day\r\nwith a smile\r\n"), 10)).toEqual([])
  })
})

it("an encoding that nobody knows is none, and none can fail", () => {
  fc.assert(fc.property(fc.constantFrom("base64", "quoted-printable", "x-uuencode", "8bit", "Base64 ", "nonsense", ""), files, (encoding, file) => {
    const decoded = decodeTransfer(encoding, file)
    expect(decoded.length).toBeLessThanOrEqual(file.length)
    expect(decoded === file || !["nonsense", "8bit", ""].includes(encoding)).toBe(true)
  }))
})
