import * as fc from "fast-check"
import libmime from "libmime"
import { describe, expect, it } from "vitest"
import { decodeField, decodeWords, parseStructuredField, readHeaderBlock } from "../../../src/mail/headers.ts"
import { binary, bytesOf } from "../../support/mail/composeMail.ts"

const latin = (text: string) => Buffer.from(text, "utf8").toString("latin1")

describe("encoded words", () => {
  it.each([
    ["=?UTF-8?B?w6k=?= =?UTF-8?B?w6g=?=", "éè"],
    ["=?UTF-8?B?w?= =?UTF-8?B?6k=?=", "é"],
    ["=?utf-8?Q?Fact=C3?= =?utf-8?Q?=A9?=", "Facté"],
    ["=?UTF-8?Q?a_b?= et =?ISO-8859-1?Q?=E9?=", "a b et é"],
    ["=?utf-8?Q?=E9t=E9?=", "été"],
    ["=?us-ascii?Q?=C3=A9?=", "é"],
    ["=?unknown-8bit?Q?=E9?=", "é"],
    ["=?iso-8859-1?Q?12_=80?=", "12 €"],
    ["=?ISO-8859-15?Q?=A4?=", "€"],
    ["=?utf-8*fr?Q?=C3=A9?=", "é"],
    ["=?nonsense?Q?=C3=A9?=", "é"],
    ["=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"],
    ["=?gb2312?B?1tDOxA==?=", "中文"],
    ["=?UTF-8?Q?Facture n=C2=B0 12?=", "Facture n° 12"],
    ["=?utf-8?B?w6k", "=?utf-8?B?w6k"],
    ["2 =? 3 ?= 5", "2 =? 3 ?= 5"]
  ])("%s is %s", (encoded, text) => {
    expect(decodeWords(encoded)).toBe(text)
  })

  it("gives back any text that was encoded", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }), fc.constantFrom("Q" as const, "B" as const), (text, encoding) => {
      expect(decodeWords(libmime.encodeWord(text, encoding, 60))).toBe(text)
    }))
  })
})

describe("parameters", () => {
  const name = (field: string) => parseStructuredField(field).parameters["filename"]
  it.each([
    ["attachment; filename*=UTF-8''Facture%20%C3%A9t%C3%A9.pdf", "Facture été.pdf"],
    ["attachment; filename*0*=UTF-8''F%C3; filename*1*=%A9; filename*2=\" b.pdf\"", "Fé b.pdf"],
    ["attachment; filename*1=\"ure.pdf\"; filename*0=\"Fact\"", "Facture.pdf"],
    ["attachment; filename*=iso-8859-1'fr'%E9.pdf; filename=\"e.pdf\"", "é.pdf"],
    ["attachment; filename*=utf-8''%E9t%E9.pdf", "été.pdf"],
    ["attachment; filename=\"UTF-8''%C3%A9.pdf\"", "é.pdf"],
    ["attachment; filename=\"=?UTF-8?Q?=C3=A9.pdf?=\"", "é.pdf"],
    ["attachment; filename=a b c.pdf", "a b c.pdf"],
    ["attachment; filename=\"a;b\\\"c.pdf\"", "a;b\"c.pdf"],
    ["attachment; filename=\"C:\\tmp\\a.pdf\"", "C:\\tmp\\a.pdf"],
    ["attachment; filename=\"open.pdf", "open.pdf"],
    ["attachment; FILENAME=x.pdf", "x.pdf"],
    ["attachment filename=\"x y.pdf\"; size=3", "x y.pdf"],
    [latin("attachment; filename=\"été.pdf\""), "été.pdf"],
    ["attachment; filename=\"\u00E9t\u00E9 \u0080.pdf\"", "été €.pdf"]
  ])("%s", (field, expected) => {
    expect(name(field)).toBe(expected)
  })

  it("has the value in lower case, also where nothing else is right", () => {
    expect(parseStructuredField("Application/PDF").value).toBe("application/pdf")
    expect(parseStructuredField(" ; name=x").value).toBe("")
  })
})

describe("a header block", () => {
  it("ends at the blank line, or at the first line that can be no header", () => {
    expect(readHeaderBlock(bytesOf("Subject: a\r\n b\r\n\r\nbody")).bodyStart).toBe(18)
    expect(readHeaderBlock(bytesOf("Content-Type: application/pdf\nJVBERi0x")).bodyStart).toBe(30)
    expect(decodeField(readHeaderBlock(bytesOf("Subject: a\r\n b\r\n\r\nbody")).fields.get("subject")?.[0] ?? "")).toBe("a b")
  })

  it("passes over a mailbox file's From line, and over fields that nobody asks for", () => {
    const { fields } = readHeaderBlock(bytesOf("From a@b Mon Feb 2\nX-Other: x\n continued\nSubject: y\n\n"))
    expect([...fields]).toEqual([["subject", [" y"]]])
  })

  it("keeps no more of a field than there is room for", () => {
    const { bodyStart, fields } = readHeaderBlock(bytesOf(`Subject: ${"x".repeat(1_000_000)}\n${"Subject: y\n".repeat(1_000)}\nbody`))
    expect(fields.get("subject")?.length).toBe(10)
    expect(fields.get("subject")?.[0]?.length).toBeLessThan(70_000)
    expect(bodyStart).toBe(1_000_010 + 11_000 + 1)
  })

  it("never fails, and stays within the bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const { bodyStart, fields } = readHeaderBlock(bytes)
      expect(bodyStart).toBeLessThanOrEqual(bytes.length)
      for (const values of fields.values()) for (const value of values) {
        decodeField(value)
        parseStructuredField(value)
      }
    }))
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(typeof decodeField(binary(text).reduce((all, byte) => all + String.fromCharCode(byte), ""))).toBe("string")
      parseStructuredField(`a/b; name*0*=${text}; ${text}`)
    }))
  })
})
