import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { attachmentsOf, attachmentsOfMail, judgeHead } from "../../../src/mail/attachmentsOf.ts"
import { mailLimits } from "../../../src/mail/limits.ts"
import { wantedParts } from "../../../src/mail/planParts.ts"
import { skipInWords } from "../../../src/mail/SkipReason.ts"
import type { WantedPart } from "../../../src/mail/WantedPart.ts"
import { bytesOf, joined, leaf, mail, multipart, serialised, textPart, uuencoded } from "../../support/mail/composeMail.ts"
import { cii, jpeg, pdf, png, ubl } from "../../support/mail/files.ts"
import { envelopedData, signedData } from "../../support/mail/signed.ts"
import { tnef } from "../../support/mail/tnefs.ts"
import { bombEntry, nestedZip, zip } from "../../support/mail/zips.ts"

const part = (name: string | null, more: Partial<WantedPart> = {}): WantedPart => {
  const [wanted] = wantedParts({ type: "application/octet-stream", encoding: "base64", size: 50_000 })
  if (wanted === undefined) throw new Error("not wanted")
  return { ...wanted, name, ...more }
}

/** "name" of what is imported, "name: reason" of what is not. */
const outcomes = (bytes: Uint8Array, name: string | null = "x", more: Partial<WantedPart> = {}) =>
  attachmentsOf(part(name, more), bytes).map((one) => (one._tag === "MailAttachment" ? one.name : `${one.name}: ${one.reason}`))

describe("a file is what its first bytes say", () => {
  it.each<readonly [string, Uint8Array, string]>([
    ["PDF", pdf(1), "application/pdf"],
    ["PDF behind 1,000 bytes", joined([new Uint8Array(1_000), pdf(1)]), "application/pdf"],
    ["JPEG", jpeg(1_000, 1_000, 20_000), "image/jpeg"],
    ["PNG", png(200, 200), "image/png"],
    ["CII", cii, "application/xml"],
    ["UBL", ubl, "application/xml"],
    ["CII in UTF-16", new Uint8Array(Buffer.from(`\uFEFF${Buffer.from(cii).toString("utf8").replace("UTF-8", "UTF-16")}`, "utf16le")), "application/xml"],
    ["CII behind a long comment", joined(["<?xml version=\"1.0\"?><!--", "x".repeat(30_000), "-->", Buffer.from(cii).toString("utf8").replace(/^<\?.*\?>/, "")]), "application/xml"]
  ])("%s", (_, bytes, mediaType) => {
    expect(attachmentsOf(part("facture"), bytes)).toEqual([{ _tag: "MailAttachment", bytes, mediaType, name: "facture", section: "1", within: [] }])
  })

  it.each<readonly [string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "empty"],
    ["text", bytesOf("Bonjour"), "text"],
    ["HTML", bytesOf("<!doctype html><p>Facture</p>"), "web-page"],
    ["other XML", bytesOf("<?xml version=\"1.0\"?><Invoice><Total>1</Total></Invoice>"), "xml-not-an-invoice"],
    ["XML with entities", bytesOf(`<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY a "aaaa">]>${Buffer.from(ubl).toString("utf8")}`), "xml-not-an-invoice"],
    ["an office document", zip([{ name: "[Content_Types].xml", bytes: bytesOf("<Types/>") }, { name: "word/media/image1.png", bytes: png(200, 200) }]), "kind-not-read"],
    ["an office document whose list stands last", zip([{ name: "a.png", bytes: png(200, 200) }, { name: "[Content_Types].xml", bytes: bytesOf("<Types/>") }]), "kind-not-read"],
    ["an iPhone's HEIC", joined([new Uint8Array([0, 0, 0, 24]), "ftypheic", new Uint8Array(100)]), "kind-not-read"],
    ["a tar with a PDF", joined(["facture.pdf", new Uint8Array(246), "ustar\u000000", new Uint8Array(247), pdf(1)]), "kind-not-read"],
    ["a PDF over 20 MiB", joined([pdf(1), new Uint8Array(mailLimits.file)]), "too-large"],
    ["a PDF behind 2 kB", joined([new Uint8Array(2_000), pdf(1)]), "kind-not-read"]
  ])("%s: %s", (_, bytes, reason) => {
    expect(outcomes(bytes)).toEqual([`x: ${reason}`])
  })

  it("a file of just 20 MiB is taken, and what has no name gets one", () => {
    expect(outcomes(joined([pdf(1), new Uint8Array(mailLimits.file - pdf(1).length)]), null)).toEqual(["attachment.pdf"])
    expect(outcomes(jpeg(1_000, 1_000, 20_000), null)).toEqual(["attachment.jpg"])
  })
})

describe("a ZIP", () => {
  it("gives its invoices, with their names made safe, and says why the rest is none", () => {
    const archive = zip([
      { name: "dossier/", bytes: new Uint8Array(0), isStored: true },
      { name: "dossier/Facture été.pdf", bytes: pdf(1) },
      { name: "../../../etc/a.pdf", bytes: pdf(2), isStored: true },
      { name: Buffer.from("re\u00E7u.pdf", "latin1"), bytes: pdf(3) },
      { name: "lisez-moi.txt", bytes: bytesOf("Bonjour") },
      { name: "__MACOSX/._Facture été.pdf", bytes: bytesOf("x") },
      { name: "vide.pdf", bytes: new Uint8Array(0), isStored: true }
    ])
    expect(outcomes(archive)).toEqual(["Facture été.pdf", "a.pdf", "reçu.pdf", "lisez-moi.txt: text", "vide.pdf: empty"])
    expect(attachmentsOf(part("x.zip"), archive)[0]).toMatchObject({ within: ["x.zip"], section: "1/1" })
  })

  it("with something in front of it is read all the same", () => {
    const shifted = joined([zip([{ name: "leurre.pdf", bytes: pdf(9) }]).subarray(0, 30), zip([{ name: "a.pdf", bytes: pdf(1) }])])
    expect(outcomes(shifted)).toEqual(["a.pdf"])
  })

  it("one bad entry does not keep the others from being taken", () => {
    expect(outcomes(zip([
      { name: "secret.pdf", bytes: pdf(1), isEncrypted: true },
      { name: "autre.pdf", bytes: pdf(2), method: 12 },
      { name: "abime.pdf", bytes: pdf(3), packed: Uint8Array.of(0xff, 0xff, 0xff, 0xff) },
      { name: "bon.pdf", bytes: pdf(4) }
    ]))).toEqual(["secret.pdf: encrypted", "autre.pdf: kind-not-read", "abime.pdf: damaged-container", "bon.pdf"])
  })

  it("that unpacks to too much is stopped, whatever it claims", () => {
    expect(outcomes(zip([bombEntry("a.pdf", 20_000_000)]))).toEqual(["a.pdf: suspicious-container"])
    expect(outcomes(zip([bombEntry("a.pdf", 20_000_000, 10)]))).toEqual(["a.pdf: suspicious-container"])
    expect(outcomes(zip([{ name: "a.pdf", bytes: pdf(1), claimedSize: 2 ** 31 }]))).toEqual(["a.pdf: too-large"])
    expect(outcomes(nestedZip(mailLimits.containers, "a.pdf", pdf(1)))).toEqual(["a.pdf"])
    expect(outcomes(nestedZip(mailLimits.containers + 1, "a.pdf", pdf(1)))).toEqual(["niveau-1.zip: too-deep"])
  })

  it("of many entries over the same bytes is stopped by what they come to", () => {
    const big = { name: "a.pdf", bytes: joined([pdf(1), new Uint8Array(10_000_000)]), isStored: true }
    const results = outcomes(zip([big, ...Array.from({ length: 19 }, () => ({ ...big, sameAs: 0 }))]))
    expect(results.filter((one) => one === "a.pdf")).toHaveLength(6)
    expect(results.filter((one) => one === "a.pdf: suspicious-container")).toHaveLength(14)
  })

  it("cut off is damaged", () => {
    expect(outcomes(zip([{ name: "a.pdf", bytes: pdf(1) }]).subarray(0, 500))).toEqual(["x: damaged-container"])
  })
})

describe("winmail.dat", () => {
  it("gives its attachments by their long names, and those of a mail in it", () => {
    const inside = tnef([{ name: "dedans.pdf", bytes: pdf(2) }])
    const outside = tnef([{ name: "Facture été.pdf", bytes: pdf(1) }, { name: "TR: facture", bytes: inside, isEmbeddedMail: true }, { name: "note.txt", bytes: bytesOf("a") }])
    expect(outcomes(outside, "winmail.dat")).toEqual(["Facture été.pdf", "dedans.pdf", "note.txt: text"])
  })

  it("cut off anywhere never fails, and gives no file that is not there", () => {
    const whole = tnef([{ name: "a.pdf", bytes: pdf(1) }, { name: "b.pdf", bytes: pdf(2) }])
    fc.assert(fc.property(fc.nat({ max: whole.length }), (cut) => {
      expect(outcomes(whole.subarray(0, cut)).length).toBeLessThanOrEqual(2)
    }))
  })
})

describe("signed and encrypted S/MIME", () => {
  const signedMail = serialised(multipart("mixed", [textPart("Bonjour"), leaf(pdf(1), { type: "application/pdf", name: "facture.pdf" })]))

  it.each(["der", "ber"] as const)("a signed mail gives its attachments (%s)", (form) => {
    expect(outcomes(signedData(signedMail, form), "smime.p7m", { declaredType: "application/pkcs7-mime" })).toEqual(["facture.pdf"])
  })

  it("a signed mail that is nothing but a file, not encoded, gives that file", () => {
    const content = serialised({ headers: ["Content-Type: application/pdf; name=\"facture.pdf\"", "Content-Transfer-Encoding: binary"], body: pdf(1) })
    const [found] = attachmentsOf(part("smime.p7m"), signedData(content))
    expect(found).toMatchObject({ name: "facture.pdf", bytes: pdf(1) })
  })

  it("a signed file gives the file, also in base64 or PEM", () => {
    expect(outcomes(signedData(pdf(1)), "facture.pdf.p7m")).toEqual(["facture.pdf"])
    const base64 = Buffer.from(signedData(pdf(1), "ber")).toString("base64")
    expect(outcomes(bytesOf(base64), "facture.pdf.p7m")).toEqual(["facture.pdf"])
    expect(outcomes(bytesOf(`-----BEGIN PKCS7-----\n${base64}\n-----END PKCS7-----\n`), "facture.pdf.p7m")).toEqual(["facture.pdf"])
  })

  it("what is encrypted, only a signature, or damaged, is said to be so", () => {
    expect(outcomes(envelopedData)).toEqual(["x: encrypted"])
    expect(outcomes(signedData(pdf(1)).subarray(0, 20))).toEqual(["x: damaged-container"])
  })
})

describe("text", () => {
  it("with a uuencoded file gives that file, and is not named itself", () => {
    const text = `Bonjour,\r\n${uuencoded(pdf(1), "facture.pdf")}\r\n`
    expect(outcomes(bytesOf(text), null, { role: "text", declaredType: "text/plain" })).toEqual(["facture.pdf"])
    expect(outcomes(bytesOf("Bonjour\r\n".repeat(500)), null, { role: "text", declaredType: "text/plain" })).toEqual([])
    expect(outcomes(bytesOf("Le format %PDF-1.4 est lu.\r\n".repeat(200)), null, { role: "text", declaredType: "text/plain" })).toEqual([])
  })
})

describe("a mail as a file", () => {
  const saved = mail(multipart("mixed", [textPart("a"), leaf(pdf(1), { type: "application/pdf", name: "facture.pdf" })]), { subject: "TR: facture" })

  it("is taken apart, also without a name", () => {
    expect(outcomes(saved, "courrier.eml")).toEqual(["facture.pdf"])
    expect(outcomes(saved, null)).toEqual(["facture.pdf"])
    expect(attachmentsOf(part("courrier.eml"), saved)[0]).toMatchObject({ within: ["TR: facture"], section: "1/2" })
  })

  it("that was saved as text is a text", () => {
    expect(outcomes(saved, "courrier.txt")).toEqual(["courrier.txt: text"])
    expect(outcomes(saved, "courrier", { declaredType: "text/plain" })).toEqual(["courrier: text"])
  })
})

describe("a part is judged by its beginning", () => {
  it("as by all of it", () => {
    const head = (bytes: Uint8Array, name = "x") => judgeHead(part(name), bytes.subarray(0, mailLimits.head), bytes.length)
    expect(head(joined([pdf(1), new Uint8Array(100_000)]))).toEqual({ _tag: "File", mediaType: "application/pdf", name: "x" })
    expect(head(zip([{ name: "a.pdf", bytes: pdf(1) }]))).toMatchObject({ _tag: "Container" })
    expect(head(new Uint8Array(100_000).fill(0x5a))).toMatchObject({ _tag: "SkippedPart", reason: "text" })
    expect(judgeHead(part("x"), pdf(1).subarray(0, 100), mailLimits.file + 1)).toMatchObject({ reason: "too-large" })
  })
})

describe("whatever the bytes are", () => {
  const heads = fc.constantFrom("", "PK\u0003\u0004", "\u0078\u009f\u003e\u0022\u0000\u0000", "\u0030\u0080\u0006\u0009\u002a\u0086\u0048\u0086\u00f7\u000d\u0001\u0007\u0002\u00a0\u0080", "Content-Type: multipart/mixed; boundary=a\n\n--a\n", "begin 644 a\n", "<Invoice ", "%PDF-", "\u00ff\u00d8\u00ff")
  const bytes = fc.tuple(heads, fc.uint8Array({ maxLength: 1_000 })).map(([head, rest]) => joined([Buffer.from(head, "latin1"), rest]))

  it("there is an answer, and every reason has its sentence", () => {
    fc.assert(fc.property(bytes, fc.constantFrom("file", "container", "text", "page"), fc.constantFrom("a.pdf", "a.eml", "a.p7m", null), (content, role, name) => {
      for (const one of attachmentsOf(part(name, { role }), content)) {
        expect(one._tag === "SkippedPart" ? skipInWords(one.reason) : "Imported.").toMatch(/^[A-Z].*\.$/)
        expect(one._tag === "MailAttachment" ? one.bytes.length : 0).toBeLessThanOrEqual(mailLimits.file)
      }
    }), { numRuns: 500 })
  })

  it("and of whole mails too, cut off anywhere", () => {
    const whole = mail(multipart("mixed", [textPart("a"), leaf(pdf(1), { type: "application/pdf", name: "a.pdf" }), leaf(zip([{ name: "b.pdf", bytes: pdf(2) }]), { type: "application/zip", name: "b.zip" })]))
    fc.assert(fc.property(fc.nat({ max: whole.length }), (cut) => {
      expect(attachmentsOfMail(whole.subarray(0, cut)).length).toBeLessThanOrEqual(2)
    }))
    fc.assert(fc.property(bytes, (content) => {
      expect(Array.isArray(attachmentsOfMail(content))).toBe(true)
    }))
  })
})
