import type { SkipReason } from "../../../src/mail/SkipReason.ts"
import { base64Lines, binary, bytesOf, forwarded, joined, leaf, mail, multipart, type Part, serialised, textPart, uuencoded } from "./composeMail.ts"
import { cii, jpeg, pdf, png, ubl } from "./files.ts"
import { signedData } from "./signed.ts"
import { tnef } from "./tnefs.ts"
import { bombEntry, nestedZip, zip } from "./zips.ts"

/** A mail that goes wrong, or looks as if it would, with what must come of it. */
export interface HardMail {
  readonly title: string
  /** Piece by piece: one of them is not to be held in memory. */
  readonly pieces: () => Iterable<Uint8Array>
  readonly isHuge?: boolean
  /** What becomes an invoice, in the mail's order. */
  readonly imports: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array }>
  /** Reasons that must be given for what does not, among others. */
  readonly skips?: ReadonlyArray<SkipReason>
}

const hard = (title: string, whole: Uint8Array, imports: HardMail["imports"], skips: ReadonlyArray<SkipReason> = []): HardMail =>
  ({ title, pieces: () => [whole], imports, skips })

const file = (name: string, bytes: Uint8Array) => ({ name, bytes })
const invoice = (number: number, name = `facture-${number}.pdf`): Part => leaf(pdf(number), { type: "application/pdf", name })
const greeting = textPart("Bonjour, veuillez trouver votre facture ci-jointe.\r\n")
const mixed = (...parts: ReadonlyArray<Part>): Part => multipart("mixed", [greeting, ...parts])

/** `levels` multiparts around a part. */
const nested = (levels: number, part: Part): Part => (levels === 0 ? part : multipart("mixed", [nested(levels - 1, part)]))
const forwardedTimes = (levels: number, part: Part): Uint8Array =>
  mail(levels === 0 ? mixed(part) : mixed(forwarded(forwardedTimes(levels - 1, part))), { subject: `TR: niveau ${levels}` })

const html = (body: string): Part => textPart(`<html><body>${body}</body></html>`, "text/html; charset=utf-8")

function* twoHundredMegabytes(): Generator<Uint8Array> {
  const boundary = "=_large"
  yield serialised({ headers: ["From: a@fournisseur.example", "To: factures@client.example", "Subject: Video et facture", "Message-ID: <large@fournisseur.example>", "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="${boundary}"`], body: new Uint8Array(0) })
  yield bytesOf(`--${boundary}\r\nContent-Type: video/mp4\r\nContent-Disposition: attachment; filename="chantier.mp4"\r\nContent-Transfer-Encoding: base64\r\n\r\n`)
  // 57 bytes a line; the first of them are of no file that is known.
  const lines = bytesOf(base64Lines(new Uint8Array(57 * 10_000).fill(0x5a)))
  for (let sent = 0; sent < 200 * 1024 * 1024; sent += lines.length + 2) {
    yield lines
    yield bytesOf("\r\n")
  }
  yield joined([`--${boundary}\r\n`, serialised(invoice(200)), `\r\n--${boundary}--\r\n`])
}

/** Counted with the root and the text, the last one is the 10,000th part. */
const manyParts = (): Uint8Array =>
  mail(mixed(...Array.from({ length: 9_998 }, (_, index) => (index % 3_332 === 3_331 ? invoice(index) : textPart(`note ${index}`, `text/plain; name="note-${index}.txt"`)))))

const photo = jpeg(3_024, 4_032, 90_000)
const logo = png(160, 50, { seed: 1 })
const banner = png(900, 200, { seed: 2 })

/** Every hard mail, made anew: tests may change what they get. */
export const hardMails = (): ReadonlyArray<HardMail> => [
  hard("10,000 parts, three of them invoices", manyParts(), [3_331, 6_663, 9_995].map((n) => file(`facture-${n}.pdf`, pdf(n))), ["text"]),
  hard("2,000 invoices in one mail", mail(mixed(...Array.from({ length: 2_000 }, (_, index) => invoice(index)))), Array.from({ length: 1_000 }, (_, index) => file(`facture-${index}.pdf`, pdf(index))), ["too-many-parts"]),
  hard("50 levels of multiparts", mail(nested(50, invoice(50))), [file("facture-50.pdf", pdf(50))]),
  hard("30 forwards within each other", forwardedTimes(30, invoice(30)), [file("facture-30.pdf", pdf(30))]),
  hard("300 levels of multiparts", mail(nested(300, invoice(300))), [file("facture-300.pdf", pdf(300))]),
  hard("2,000 levels of multiparts", mail(nested(2_000, invoice(2_000))), [], ["too-deep"]),
  hard("a header of 1 MB in one field", mail(mixed(invoice(1)), { headers: [`X-Long: ${"x".repeat(1_000_000)}`] }), [file("facture-1.pdf", pdf(1))]),
  hard("a header of 1 MB in 20,000 fields", mail(mixed(invoice(1)), { headers: Array.from({ length: 20_000 }, (_, n) => `X-Field-${n}: ${"y".repeat(40)}`) }), [file("facture-1.pdf", pdf(1))]),
  hard("a subject of 1 MB of encoded words", mail(mixed(invoice(2)), { subject: "=?utf-8?Q?=C3=A9?=\r\n ".repeat(50_000) }), [file("facture-2.pdf", pdf(2))]),
  hard("paths in names", mail(mixed(invoice(3, "../../../etc/passwd.pdf"), invoice(4, "..\\..\\windows\\facture.pdf"), invoice(5, "C:\\Users\\compta\\avoir.pdf"), invoice(6, "..")
  )), [file("passwd.pdf", pdf(3)), file("facture.pdf", pdf(4)), file("avoir.pdf", pdf(5)), file("attachment.pdf", pdf(6))]),
  hard("a multipart that does not name its boundary", mail(multipart("mixed", [greeting, invoice(7)], { declared: null })), [file("facture-7.pdf", pdf(7))]),
  hard("a multipart with another boundary than it names", mail(multipart("mixed", [greeting, invoice(71)], { declared: "=_autre" })), [file("facture-71.pdf", pdf(71))]),
  hard("a forward with another boundary than it names", mail(mixed(forwarded(mail(multipart("mixed", [greeting, invoice(72)], { declared: "=_autre" }))))), [file("facture-72.pdf", pdf(72))]),
  hard("a file that is not encoded as it says", mail(mixed({ headers: ["Content-Type: application/pdf; name=\"brut.pdf\"", "Content-Transfer-Encoding: base64"], body: bytesOf("%PDF-1.4\r\n% brut\r\n%%EOF") })), [file("brut.pdf", bytesOf("%PDF-1.4\r\n% brut\r\n%%EOF"))]),
  hard("uuencode as a transfer encoding", mail(mixed({ headers: ["Content-Type: application/pdf", "Content-Transfer-Encoding: x-uuencode"], body: bytesOf(uuencoded(pdf(73), "facture-73.pdf")) })), [file("facture-73.pdf", pdf(73))]),
  hard("a multipart without its end", mail(multipart("mixed", [greeting, invoice(8)], { isClosed: false })), [file("facture-8.pdf", pdf(8))]),
  hard("base64 that is cut off", mail(mixed({ headers: ["Content-Type: application/pdf; name=\"coupee.pdf\"", "Content-Transfer-Encoding: base64"], body: bytesOf(base64Lines(pdf(9).subarray(0, 1_500)).slice(0, -3)) })), [file("coupee.pdf", pdf(9).subarray(0, 1_497))]),
  hard("types that are not true", mail(mixed(
    leaf(pdf(10), { type: "text/plain", name: "scan.pdf" }),
    leaf(pdf(11, 8_000), { type: "image/jpeg", name: "IMG_0001.JPG" }),
    leaf(photo, { type: "application/octet-stream", name: "sans-extension" }),
    leaf(pdf(12), { name: "sans-type.pdf" }),
    leaf(bytesOf("pas un pdf"), { type: "application/pdf", name: "faux.pdf" })
  )), [file("scan.pdf", pdf(10)), file("IMG_0001.JPG", pdf(11, 8_000)), file("sans-extension", photo), file("sans-type.pdf", pdf(12))], ["text"]),
  hard("a PDF behind rubbish", mail(mixed(leaf(joined(["HTTP/1.1 200 OK\r\n\r\n", pdf(13)]), { type: "application/pdf", name: "devant.pdf" }))), [file("devant.pdf", joined(["HTTP/1.1 200 OK\r\n\r\n", pdf(13)]))]),
  hard("a ZIP bomb", mail(mixed(leaf(zip([bombEntry("bombe.pdf", 30_000_000)]), { type: "application/zip", name: "facture.zip" }), invoice(14))), [file("facture-14.pdf", pdf(14))], ["suspicious-container"]),
  hard("a ZIP bomb that claims to be small", mail(mixed(leaf(zip([bombEntry("bombe.pdf", 30_000_000, 1_000)]), { type: "application/zip", name: "facture.zip" }))), [], ["suspicious-container"]),
  hard("ZIPs within ZIPs without end", mail(mixed(leaf(nestedZip(40, "facture.pdf", pdf(15)), { type: "application/zip", name: "poupee.zip" }))), [], ["too-deep"]),
  { title: "a mail of 200 MB with an invoice at its end", isHuge: true, pieces: twoHundredMegabytes, imports: [file("facture-200.pdf", pdf(200))], skips: ["too-large"] },
  hard("NULs and control characters", mail(mixed(leaf(pdf(16), { type: "application/pdf", name: "fac\u0000tu\u0001re\u202Efdp.pdf" })), { headers: ["X-Null: a\u0000b"], subject: "Fac\u0000ture" }), [file("facturefdp.pdf", pdf(16))]),
  hard("raw 8-bit headers in Windows-1252", mail(mixed(leaf(pdf(17), { type: "application/pdf", headers: [binary("Content-Disposition: attachment; filename=\"Facture \u00E9t\u00E9 \u0096 n\u00B01.pdf\"")] })), { headers: [binary("X-Sujet: \u00E9t\u00E9")] }), [file("Facture été – n°1.pdf", pdf(17))]),
  hard("raw 8-bit headers in UTF-8", mail(mixed(leaf(pdf(18), { type: "application/pdf", headers: ["Content-Disposition: attachment; filename=\"Facture été.pdf\""] })), { subject: "Reçu" }), [file("Facture été.pdf", pdf(18))]),
  hard("names in the old and the new way, and in a wrong charset", mail(mixed(
    leaf(pdf(19), { type: "application/pdf", headers: ["Content-Disposition: attachment;\r\n filename*0*=UTF-8''Facture%20n%C2%B0%C3;\r\n filename*1*=%A9;\r\n filename*2=\".pdf\""] }),
    leaf(pdf(20), { type: "application/pdf", headers: ["Content-Disposition: attachment;\r\n filename=\"=?UTF-8?B?RmFjdHVyZSDDqXTD?=\r\n =?UTF-8?B?qS5wZGY=?=\""] }),
    leaf(pdf(21), { type: "application/pdf", name: "=?utf-8?Q?re=E7u.pdf?=" }),
    leaf(pdf(22), { type: "application/pdf; name=\"=?iso-8859-15?Q?total_12=A4.pdf?=\"" })
  )), [file("Facture n°é.pdf", pdf(19)), file("Facture été.pdf", pdf(20)), file("reçu.pdf", pdf(21)), file("total 12€.pdf", pdf(22))]),
  hard("no Message-ID", mail(mixed(invoice(23)), { messageId: null }), [file("facture-23.pdf", pdf(23))]),
  hard("one Message-ID, the first mail", mail(mixed(invoice(24)), { messageId: "<the.same@fournisseur.example>" }), [file("facture-24.pdf", pdf(24))]),
  hard("one Message-ID, another mail", mail(mixed(invoice(25)), { messageId: "<the.same@fournisseur.example>" }), [file("facture-25.pdf", pdf(25))]),
  hard("a forward, and one in base64", mail(mixed(forwarded(mail(mixed(invoice(26)))), forwarded(mail(mixed(invoice(27))), "base64"))), [file("facture-26.pdf", pdf(26)), file("facture-27.pdf", pdf(27))]),
  hard("a forward whose only part is the invoice", mail(mixed(forwarded(mail(invoice(28))))), [file("facture-28.pdf", pdf(28))]),
  hard("a mail that is nothing but an invoice", mail(invoice(29)), [file("facture-29.pdf", pdf(29))]),
  hard("Outlook's winmail.dat", mail(mixed(leaf(tnef([{ name: "Facture été.pdf", bytes: pdf(31) }, { name: "image001.png", bytes: logo, contentId: "image001.png@01DB" }]), { type: "application/ms-tnef", name: "winmail.dat" }))), [file("Facture été.pdf", pdf(31))], ["picture-in-text"]),
  hard("signed only, opaque", mail(leaf(signedData(serialised(mixed(invoice(32))), "ber"), { type: "application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"", name: "smime.p7m" })), [file("facture-32.pdf", pdf(32))]),
  hard("signed only, with the signature beside", mail(multipart("signed", [mixed(invoice(33)), leaf(signedData(new Uint8Array(0)), { type: "application/pkcs7-signature", name: "smime.p7s" })])), [file("facture-33.pdf", pdf(33))], ["signature"]),
  hard("a signed file", mail(mixed(leaf(signedData(pdf(34)), { type: "application/octet-stream", name: "facture.pdf.p7m" }))), [file("facture.pdf", pdf(34))]),
  hard("uuencode in the text", mail(textPart(`Bonjour,\r\n\r\n${uuencoded(pdf(35), "facture 35.pdf")}\r\nCordialement\r\n`, "text/plain; charset=us-ascii")), [file("facture 35.pdf", pdf(35))]),
  hard("e-invoices, and an XML that is none", mail(mixed(leaf(cii, { type: "text/xml", name: "factur-x.xml" }), leaf(ubl, { type: "application/xml", name: "ubl.xml" }), leaf(bytesOf("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><Invoice>&a;</Invoice>"), { type: "text/xml", name: "autre.xml" }))), [file("factur-x.xml", cii), file("ubl.xml", ubl)], ["xml-not-an-invoice"]),
  hard("logo and banner in the text, a photo put into it by a phone", mail(multipart("related", [html("<img src=\"cid:logo@x\"><img src=3D\"cid:banner@x\"><img src='cid:photo%40x'>"), leaf(logo, { type: "image/png", name: "image001.png", disposition: "inline", headers: ["Content-ID: <logo@x>"] }), leaf(banner, { type: "image/png", name: "banner.png", disposition: "inline", headers: ["Content-ID: <banner@x>"] }), leaf(photo, { type: "image/jpeg", name: "IMG_4211.jpeg", disposition: "inline", headers: ["Content-ID: <photo@x>"] })])), [file("IMG_4211.jpeg", photo)], ["picture-in-text"]),
  hard("a photo between two texts, as phones send it", mail(mixed(leaf(photo, { type: "image/jpeg", name: "image0.jpeg", disposition: "inline" }), textPart("Envoyé de mon iPhone"))), [file("image0.jpeg", photo)]),
  hard("calendar, contact card, text, web page, empty file", mail(mixed(
    leaf(bytesOf("BEGIN:VCALENDAR"), { type: "text/calendar; method=REQUEST", name: "invite.ics" }),
    leaf(bytesOf("BEGIN:VCARD"), { type: "text/vcard", name: "carte.vcf" }),
    leaf(bytesOf("<html></html>"), { type: "text/html", name: "page.html" }),
    leaf(new Uint8Array(0), { type: "application/pdf", name: "vide.pdf" })
  )), [], ["calendar", "contact-card", "web-page", "empty"]),
  hard("no header at all", bytesOf("\r\nBonjour"), []),
  hard("no bytes at all", new Uint8Array(0), [])
]
