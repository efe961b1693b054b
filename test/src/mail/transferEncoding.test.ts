import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeBase64 } from "../../../src/mail/base64.ts"
import { decodeQuotedPrintable } from "../../../src/mail/quotedPrintable.ts"
import { decodeTransfer, transferDecoder } from "../../../src/mail/transferEncoding.ts"
import { uuencodedFiles } from "../../../src/mail/uuencode.ts"
import { base64Lines, binary, bytesOf, joined, quotedPrintable, uuencoded } from "../../support/mail/composeMail.ts"

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

describe("piece by piece", () => {
  const encodings = fc.constantFrom<readonly [string, (file: Uint8Array) => Uint8Array]>(
    ["base64", (file) => bytesOf(base64Lines(file))],
    ["base64", (file) => bytesOf(Buffer.from(file).toString("base64"))],
    ["base64", (file) => bytesOf(`${base64Lines(file)}\r\n______\r\nListe Compta\r\nZm9v\r\n`)],
    ["base64", (file) => joined(Array.from({ length: 5 }, (_, n) => `${Buffer.from(file.subarray(n * 50, n * 50 + 50)).toString("base64")}\r\n`))],
    ["quoted-printable", (file) => bytesOf(quotedPrintable(file))],
    ["quoted-printable", (file) => joined([file, "=\r\n a \t\r\n=C3=\n=A9 =Z=", file])],
    ["8bit", (file) => file]
  )

  it("comes to the same as all at once, wherever it is cut", () => {
    fc.assert(fc.property(encodings, files, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), ([encoding, encode], file, lengths) => {
      const encoded = encode(file)
      const decoder = transferDecoder(encoding, encoded)
      const pieces: Array<Uint8Array> = []
      for (let from = 0, n = 0; from < encoded.length; n++) {
        const to = from + (lengths[n % lengths.length] ?? 1)
        pieces.push(decoder.push(encoded.subarray(from, to)).slice())
        from = to
      }
      pieces.push(decoder.end())
      expect(Buffer.from(joined(pieces))).toEqual(Buffer.from(decodeTransfer(encoding, encoded)))
    }), { numRuns: 500 })
  })
})

it.each(["base64;", "BASE64 (scanner)", "\"base64\"", " base-64", "7bit", ""])("a file in base64 that says %j of itself is decoded", (encoding) => {
  const file = binary("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3")
  expect(text(decodeTransfer(encoding, bytesOf(base64Lines(file))))).toBe(text(file))
})

it("a PDF in quoted-printable is decoded although it begins like one that is not, and one that is not stays as it is", () => {
  const file = binary("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3 100=20%")
  expect(text(decodeTransfer("quoted-printable", bytesOf(quotedPrintable(file))))).toBe(text(file))
  expect(text(decodeTransfer("quoted-printable", file))).toBe(text(file))
})

it("an encoding that nobody knows is none, and none can fail", () => {
  fc.assert(fc.property(fc.constantFrom("base64", "quoted-printable", "x-uuencode", "8bit", "Base64 ", "nonsense", ""), files, (encoding, file) => {
    const decoded = decodeTransfer(encoding, file)
    expect(decoded.length).toBeLessThanOrEqual(file.length)
    expect(decoded === file || !["nonsense", "8bit", ""].includes(encoding)).toBe(true)
  }))
})
