import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { partName, withMimeHeader } from "../../../src/mail/partName.ts"
import { planParts } from "../../../src/mail/planParts.ts"
import { safeName } from "../../../src/mail/safeName.ts"
import { storedText } from "../../../src/mail/text.ts"
import { bytesOf } from "../../support/mail/composeMail.ts"

const bytes = (text: string) => new TextEncoder().encode(text).length

describe("a name is made safe", () => {
  it.each([
    ["../../etc/passwd.pdf", "passwd.pdf"],
    ["..\\..\\facture.pdf", "facture.pdf"],
    ["C:\\a\\b.pdf", "b.pdf"],
    ["a\u0000b\u0001\u007F\u0085c.pdf", "abc.pdf"],
    ["facture\u202Efdp.exe", "facturefdp.exe"],
    ["e\u0301te\u0301.pdf", "été.pdf"],
    ["  facture.pdf ", "facture.pdf"],
    ["CON.pdf", "_CON.pdf"],
    ["nul", "_nul"],
    [".pdf", ".pdf"],
    ["Facture n° 12 : \"été\" <2026>.pdf", "Facture n° 12 : \"été\" <2026>.pdf"]
  ])("%j is %j", (name, safe) => {
    expect(safeName(name)).toBe(safe)
  })

  it.each(["", "..", ".", "/", "\\", "\u0000", "a/..", "   "])("%j is no name", (name) => {
    expect(safeName(name)).toBeNull()
  })

  it("keeps the extension of a long one, and whole characters", () => {
    const safe = safeName(`${"é€😀".repeat(500)}.pdf`) ?? ""
    expect(bytes(safe)).toBeLessThanOrEqual(255)
    expect(safe.endsWith(".pdf")).toBe(true)
    expect(safe.isWellFormed()).toBe(true)
  })

  it("whatever it was: no path, no control character, not too long, and safe already", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 600 }), (name) => {
      const safe = safeName(name)
      if (safe === null) return
      expect(safe).not.toMatch(/[/\\]|\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u)
      expect(safe).not.toMatch(/^\.*$/)
      expect(bytes(safe)).toBeLessThanOrEqual(255)
      expect(safe.isWellFormed()).toBe(true)
      expect(safeName(safe)).toBe(safe)
    }))
  })

  it("an ordinary name stays as it is", () => {
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-zÀ-ÖØ-öø-ÿ0-9][A-Za-zÀ-ÖØ-öø-ÿ0-9 ()'°&+,;=@_-]{0,60}$/), (name) => {
      fc.pre(!/^(con|prn|aux|nul|com\d|lpt\d)$/i.test(name.trim()))
      expect(safeName(`${name}.pdf`)).toBe(`${name.normalize("NFC")}.pdf`)
    }))
  })
})

describe("the name of a part", () => {
  it("is the disposition's, else the type's, else what looks like one", () => {
    expect(partName({ dispositionParameters: { filename: "a.pdf" }, parameters: { name: "b.pdf" } })).toBe("a.pdf")
    expect(partName({ dispositionParameters: { filename: "a\uFFFD.pdf" }, parameters: { name: "à.pdf" } })).toBe("à.pdf")
    expect(partName({ parameters: { name: "b.pdf" } })).toBe("b.pdf")
    expect(partName({ description: "Votre facture" })).toBeNull()
    expect(partName({ location: "https://cdn.example/x/scan.png?size=2" })).toBe("scan.png")
  })

  it("is taken from the part's own header where the server's account of it is damaged", () => {
    const [part] = planParts({ type: "application/pdf", encoding: "base64", size: 5_000, dispositionParameters: { filename: "Usersfacture\uFFFD.pdf" } }).wanted
    if (part === undefined) throw new Error("not wanted")
    const header = Buffer.from("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"C:\\Users\\factur\u00E9.pdf\"\r\n\r\n", "latin1")
    expect(withMimeHeader(part, header).name).toBe("facturé.pdf")
    expect(withMimeHeader(part, bytesOf("")).name).toBe("Usersfacture\uFFFD.pdf")
  })

  it("is not taken from a header of something else, and an encoding only where the server's account has none", () => {
    const [part] = planParts({ type: "application/pdf", encoding: "8bit", size: 5_000, dispositionParameters: { filename: "a.pdf" } }).wanted
    if (part === undefined) throw new Error("not wanted")
    expect(withMimeHeader(part, bytesOf("Content-Type: multipart/mixed; name=b.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"))).toEqual(part)
    expect(withMimeHeader(part, bytesOf("Content-Transfer-Encoding: base64;\r\n\r\n"))).toEqual({ ...part, encoding: "base64" })
    expect(withMimeHeader({ ...part, encoding: "base64" }, bytesOf("Content-Transfer-Encoding: 7bit\r\n\r\n")).encoding).toBe("base64")
  })
})

describe("text that is stored", () => {
  it("has no NUL and no half of a pair, and its length is bounded", () => {
    expect(storedText("a\u0000b\uD800c")).toBe("ab\uFFFDc")
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 100 }), fc.nat({ max: 50 }), (text, limit) => {
      const stored = storedText(text, limit)
      expect(stored.length).toBeLessThanOrEqual(limit)
      expect(stored.includes("\0")).toBe(false)
      expect(stored.isWellFormed()).toBe(true)
    }))
  })
})
