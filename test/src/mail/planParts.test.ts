import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { mailLimits } from "../../../src/mail/limits.ts"
import type { MailStructure } from "../../../src/mail/MailStructure.ts"
import { planParts, wantedParts } from "../../../src/mail/planParts.ts"

const leaf = (type: string, more: Partial<MailStructure> = {}): MailStructure => ({ type, encoding: "base64", size: 50_000, ...more })
const named = (type: string, filename: string, more: Partial<MailStructure> = {}) =>
  leaf(type, { disposition: "attachment", dispositionParameters: { filename }, ...more })
const multipart = (subtype: string, ...childNodes: ReadonlyArray<MailStructure>): MailStructure => ({ type: `multipart/${subtype}`, childNodes })
const text = leaf("text/plain", { encoding: "8bit", size: 200, parameters: { charset: "utf-8" } })
const html = leaf("text/html", { encoding: "quoted-printable", size: 3_000 })
const pdf = named("application/pdf", "facture.pdf")

const sections = (structure: MailStructure) => wantedParts(structure).map(({ section }) => section)

describe("sections are numbered as IMAP does", () => {
  it.each<readonly [string, MailStructure, ReadonlyArray<string>]>([
    ["a mail that is one part", pdf, ["1"]],
    ["a part of a multipart", multipart("mixed", text, pdf), ["2"]],
    ["a part of a multipart in a multipart", multipart("mixed", multipart("alternative", text, multipart("related", html, pdf))), ["1.2.2"]],
    ["a part of a forwarded multipart", multipart("mixed", text, { type: "message/rfc822", encoding: "7bit", childNodes: [multipart("mixed", text, pdf)] }), ["2.2"]],
    ["the only part of a forward", multipart("mixed", text, { type: "message/rfc822", encoding: "7bit", childNodes: [{ ...pdf, part: "2" } as MailStructure] }), ["2.1"]],
    ["a mail that is a forward", { type: "message/rfc822", encoding: "7bit", childNodes: [multipart("mixed", pdf)] }, ["1.1"]],
    ["a forward in a forward", multipart("mixed", { type: "message/rfc822", encoding: "7bit", childNodes: [{ type: "message/rfc822", encoding: "7bit", childNodes: [pdf] }] }), ["1.1.1"]],
    ["a forward that the server did not take apart", multipart("mixed", text, { type: "message/rfc822", encoding: "base64", size: 5_000, childNodes: [leaf("text/plain", { size: 0, encoding: "7bit" })] }), ["2"]],
    ["a mail that the server could not take apart", multipart("mixed", leaf("text/plain", { size: 0, encoding: "7bit" })), ["TEXT"]],
    ["a forward that the server could not take apart", multipart("mixed", text, { type: "message/rfc822", encoding: "7bit", childNodes: [{ type: "multipart/mixed" }] }), ["2.TEXT"]]
  ])("%s", (_, structure, expected) => {
    expect(sections(structure)).toEqual(expected)
  })
})

describe("what is fetched", () => {
  const only = (part: MailStructure) => {
    const { bySize, skipped, wanted } = planParts(multipart("mixed", text, part))
    return wanted[0] === undefined ? [...skipped, ...bySize.map((one) => one.skipped)].map(({ reason }) => reason).join() : wanted[0].isDoubtful ? "head" : wanted[0].role
  }

  it.each<readonly [string, MailStructure, string]>([
    ["a PDF", pdf, "file"],
    ["a PDF without a name, inline", leaf("application/pdf", { disposition: "inline" }), "file"],
    ["a PDF by its name only", named("text/plain", "facture.PDF", { encoding: "7bit" }), "file"],
    ["a file of no said kind", named("application/octet-stream", "document"), "file"],
    ["a picture", named("image/jpeg", "photo.jpg"), "file"],
    ["XML", named("text/xml", "facture.xml"), "file"],
    ["a ZIP", named("application/x-zip-compressed", "factures.zip"), "container"],
    ["a ZIP by its name only", named("application/octet-stream", "factures.zip"), "container"],
    ["winmail.dat", named("application/octet-stream", "winmail.dat"), "container"],
    ["signed-only S/MIME", leaf("application/pkcs7-mime", { parameters: { "smime-type": "signed-data" } }), "container"],
    ["encrypted S/MIME", leaf("application/pkcs7-mime", { parameters: { "smime-type": "enveloped-data" } }), "encrypted"],
    ["a long text that was not encoded", leaf("text/plain", { encoding: "7bit", size: 5_000 }), "text"],
    ["a part without any type, in base64", leaf("text/plain", { parameters: { charset: "us-ascii" } }), "head"],
    ["a spreadsheet", named("application/vnd.ms-excel", "prix.xls"), "head"],
    ["a video", named("video/mp4", "chantier.mp4"), "head"],
    ["a text in base64", named("text/plain", "notes.txt"), "head"],
    ["a text", named("text/plain", "notes.txt", { encoding: "8bit" }), "text"],
    ["a web page", named("text/html", "page.htm", { encoding: "8bit" }), "web-page"],
    ["a calendar", named("text/calendar", "invite.ics"), "calendar"],
    ["a calendar without a name", leaf("text/calendar"), "calendar"],
    ["a contact card", named("text/x-vcard", "moi.vcf"), "contact-card"],
    ["a signature", named("application/pkcs7-signature", "smime.p7s"), "signature"],
    ["a bounce's report", leaf("message/delivery-status"), "mail-report"],
    ["a piece of a mail", leaf("message/partial"), "partial-mail"],
    ["a file elsewhere", leaf("message/external-body"), "external-file"],
    ["an empty file", named("application/pdf", "vide.pdf", { size: 0 }), "empty"],
    ["a small picture", named("image/png", "pixel.png", { size: 900 }), "picture-too-small"],
    ["a file of just 20 MiB", named("application/pdf", "a.pdf", { size: Math.ceil(mailLimits.file / 57) * 78 }), "file"],
    ["a file far over 20 MiB", named("application/pdf", "a.pdf", { size: 40_000_000 }), "too-large"],
    ["a ZIP over 40 MiB", named("application/zip", "a.zip", { size: 90_000_000 }), "too-large"]
  ])("%s: %s", (_, part, expected) => {
    expect(only(part)).toBe(expected)
  })

  it("the text is neither fetched nor named as left out", () => {
    const base64 = leaf("text/plain", { parameters: { charset: "utf-8" } })
    expect(planParts(multipart("alternative", text, base64, html))).toEqual({ wanted: [], skipped: [], bySize: [], pages: [] })
  })

  it("the text is fetched only where it may show a picture", () => {
    const picture = leaf("image/png", { id: "<a@b>", disposition: "inline" })
    expect(planParts(multipart("mixed", html, pdf)).pages).toEqual([])
    expect(planParts(multipart("related", html, picture)).pages.map(({ section }) => section)).toEqual(["1"])
    expect(planParts(multipart("related", multipart("alternative", text, html), picture)).pages.map(({ section }) => section)).toEqual(["1.2", "1.1"])
  })

  it("in a mail without any text, nothing shows a picture", () => {
    const [only] = wantedParts(leaf("image/png", { id: "<a@b>", disposition: "inline" }))
    expect(only?.contentId).toBeNull()
  })

  it("says in which forwards a part lies", () => {
    const forward: MailStructure = { type: "message/rfc822", encoding: "7bit", envelope: { subject: "TR: fac\u0000ture" }, childNodes: [multipart("mixed", text, pdf)] }
    expect(wantedParts(multipart("mixed", text, forward))[0]?.within).toEqual(["TR: facture"])
  })
})

describe("however a structure looks", () => {
  const { tree } = fc.letrec<{ tree: MailStructure }>((tie) => ({
    tree: fc.record({
      type: fc.oneof(fc.constantFrom("multipart/mixed", "multipart/related", "message/rfc822", "text/plain", "image/png", "application/pdf"), fc.string()),
      encoding: fc.constantFrom(undefined, "base64", "7bit"),
      size: fc.constantFrom(undefined, 0, -1, 5_000, 1e12),
      id: fc.option(fc.string(), { nil: undefined }),
      dispositionParameters: fc.dictionary(fc.constantFrom("filename", "name"), fc.string({ unit: "binary" })),
      childNodes: fc.oneof({ depthSize: "small" }, fc.constant(undefined), fc.array(tie("tree"), { maxLength: 4 }))
    })
  }))

  it("the plan names each section once", () => {
    fc.assert(fc.property(tree, (structure) => {
      const { skipped, wanted } = planParts(structure)
      const all = [...wanted, ...skipped].map(({ section }) => section)
      expect(new Set(all).size).toBe(all.length)
    }))
  })

  it("10,000 levels and 100,000 parts are no trouble", () => {
    let deep: MailStructure = pdf
    for (let level = 0; level < 10_000; level++) deep = multipart("mixed", deep)
    expect(wantedParts(deep)).toMatchObject([{ role: "container", declaredType: "multipart/mixed" }])
    const wide = planParts(multipart("mixed", ...Array.from({ length: 100_000 }, () => pdf)))
    expect(wide.wanted).toHaveLength(mailLimits.files)
    expect(wide.skipped.map(({ reason }) => reason)).toEqual(["too-many-parts"])
  })
})
