import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readHeaderBlock } from "../../../src/mail/headers.ts"
import { addressesIn, judgeMail, type MailSettings } from "../../../src/mail/judgeMail.ts"
import { binary, bytesOf } from "../../support/mail/composeMail.ts"
import { judgedMails } from "../../support/mail/judgedMails.ts"

const everybody: MailSettings = { allowedSenders: [], maxMailBytes: null }
const header = (...lines: ReadonlyArray<string>) => readHeaderBlock(bytesOf(`${lines.join("\r\n")}\r\n\r\n`))

describe("automatic mail is left out, a billing system's is not", () => {
  for (const { headers, skip, title } of judgedMails) {
    it(`${title}: ${skip ?? "looked into"}`, () => {
      const verdict = judgeMail(header(...headers), 1_000, everybody)
      expect(verdict._tag === "Skip" ? verdict.reason : null).toBe(skip)
    })
  }

  it("says why in a sentence", () => {
    expect(judgeMail(header("Precedence: auto_reply"), 1, everybody)).toMatchObject({ plainWords: "This is an automatic reply, such as a notice of absence." })
  })
})

describe("only allowed senders get in, where there is a list", () => {
  const settings: MailSettings = { allowedSenders: ["Compta@Fournisseur.example", "@groupe.example"], maxMailBytes: null }
  const isKept = (from: string) => judgeMail(header(`From: ${from}`), 1, settings)._tag === "Keep"

  it.each([
    "compta@fournisseur.example", "Compta <COMPTA@fournisseur.EXAMPLE>", "\"a, b <evil@x.example>\" <compta@fournisseur.example>",
    "a@groupe.example", "a@sous.groupe.example", "=?utf-8?Q?Jos=C3=A9?= <a@groupe.example>", "compta@fournisseur.example (le service)"
  ])("lets in %s", (from) => {
    expect(isKept(from)).toBe(true)
  })

  it.each([
    "autre@fournisseur.example", "\"compta@fournisseur.example\" <evil@x.example>", "compta@fournisseur.example <evil@x.example>",
    "compta@fournisseur.example, evil@x.example", "a@faux-groupe.example", "a@groupe.example.evil.example", "evil@x.example (a@groupe.example)", "", "nobody"
  ])("keeps out %s", (from) => {
    expect(isKept(from)).toBe(false)
  })

  it("keeps out a mail without a sender", () => {
    expect(judgeMail(header("Subject: x"), 1, settings)).toMatchObject({ reason: "sender-not-allowed" })
  })
})

describe("a tenant's limit of size", () => {
  it("takes a mail of exactly that size, and none larger", () => {
    const settings: MailSettings = { allowedSenders: [], maxMailBytes: 1024 }
    expect(judgeMail(header("From: a@b.example"), 1024, settings)).toEqual({ _tag: "Keep" })
    expect(judgeMail(header("From: a@b.example"), 1025, settings)).toMatchObject({ reason: "mail-too-large", plainWords: "The mail is larger than 1 KiB." })
  })
})

describe("whatever a header holds", () => {
  it("gives a verdict, and only addresses as addresses", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      const verdict = judgeMail(readHeaderBlock(bytes), bytes.length, { allowedSenders: ["a.example"], maxMailBytes: 1_000 })
      expect(["Keep", "Skip"]).toContain(verdict._tag)
    }))
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 500 }), (from) => {
      for (const address of addressesIn(from)) expect(address).toMatch(/^[^\s@<>]+@[^\s@<>]+$/)
    }))
  })

  it("reads raw bytes of old mailers", () => {
    expect(readHeaderBlock(binary("From: Soci\u00E9t\u00E9 <a@b.example>\r\n\r\n")).fields.get("from")).toEqual([" Soci\u00E9t\u00E9 <a@b.example>"])
  })
})
