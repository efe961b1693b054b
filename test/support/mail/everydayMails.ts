import { base64Lines, binary, bytesOf, forwarded, joined, leaf, mail, multipart, type Part, quotedPrintable, serialised, textPart, uuencoded } from "./composeMail.ts"
import { cii, jpeg, pdf, png, ubl } from "./files.ts"
import type { HardMail } from "./hardMails.ts"
import { envelopedData, signedData } from "./signed.ts"
import { tnef } from "./tnefs.ts"
import { nestedZip, zip } from "./zips.ts"

const whole = (title: string, bytes: Uint8Array, imports: HardMail["imports"], skips: HardMail["skips"] = []): HardMail => ({ title, pieces: () => [bytes], imports, skips })
const file = (name: string, bytes: Uint8Array) => ({ name, bytes })
const raw = (headers: ReadonlyArray<string | Uint8Array>, body: string | Uint8Array): Part => ({ headers, body: typeof body === "string" ? bytesOf(body) : body })
const greeting = textPart("Bonjour, veuillez trouver votre facture ci-jointe.\r\n")
const html = (body: string): Part => textPart(`<html><body>${body}</body></html>`, "text/html; charset=utf-8")
const mixed = (...parts: ReadonlyArray<Part>): Part => multipart("mixed", [greeting, ...parts])
const named = (number: number, ...headers: ReadonlyArray<string | Uint8Array>): Part => raw([...headers, "Content-Transfer-Encoding: base64"], base64Lines(pdf(number)))
const base64Pdf = (number: number) => Buffer.from(pdf(number)).toString("base64")
const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

const photo = jpeg(3_024, 4_032, 60_000, 5)
const logo = png(160, 50, { seed: 7 })

const programs: ReadonlyArray<HardMail> = [
  whole("Apple Mail: the PDF shown between two pieces of HTML, in the alternative", mail(multipart("alternative", [
    greeting,
    multipart("mixed", [
      html("Voici&nbsp;:"),
      leaf(pdf(101), { type: "application/pdf; x-unix-mode=0644; name=\"Facture avril.pdf\"", headers: ["Content-Disposition: inline; filename*=utf-8''Facture%20avril.pdf"] }),
      html("Cordialement")
    ])
  ])), [file("Facture avril.pdf", pdf(101))]),
  whole("Apple Mail: a photo in the text, and a small logo", mail(multipart("alternative", [greeting, multipart("related", [
    html("<img apple-inline=\"yes\" src=\"cid:A1@apple\"><img src=\"cid:L@apple\">"),
    leaf(photo, { type: "image/jpeg; name=IMG_0042.jpeg; x-apple-part-url=\"A1\"", name: "IMG_0042.jpeg", disposition: "inline", headers: ["Content-Id: <A1@apple>"] }),
    leaf(logo, { type: "image/png; name=logo.png", name: "logo.png", disposition: "inline", headers: ["Content-Id: <L@apple>"] })
  ])])), [file("IMG_0042.jpeg", photo)], ["picture-in-text"]),
  whole("Outlook: the PDF beside the pictures of a multipart/related", mail(multipart("related", [
    multipart("alternative", [greeting, html("<img src=\"cid:image001.png@01DB\">")]),
    leaf(logo, { type: "image/png; name=\"image001.png\"", name: "image001.png", disposition: "inline", headers: ["Content-ID: <image001.png@01DB>"] }),
    leaf(pdf(102), { type: "application/pdf; name=\"F102.pdf\"", name: "F102.pdf", disposition: "inline", headers: ["Content-ID: <pdf@01DB>"] })
  ])), [file("F102.pdf", pdf(102))], ["picture-in-text"]),
  whole("a multipart/related whose root is the PDF", mail(multipart("related; type=\"application/pdf\"; start=\"<root@x>\"", [leaf(pdf(103), { type: "application/pdf", headers: ["Content-ID: <root@x>"] })])), [file("attachment.pdf", pdf(103))]),
  whole("Outlook: winmail.dat as a file of no kind, in a forward", mail(mixed(forwarded(mail(mixed(leaf(tnef([{ name: "Relevé.pdf", bytes: pdf(104) }, { name: "Fwd", bytes: tnef([{ name: "dedans.pdf", bytes: pdf(105) }]), isEmbeddedMail: true }]), { type: "application/octet-stream", name: "winmail.dat" })))))), [file("Relevé.pdf", pdf(104)), file("dedans.pdf", pdf(105))]),
  whole("Thunderbird: forwarded as attachment, with the subject as its name", mail(mixed(raw(["Content-Type: message/rfc822; charset=UTF-8; name=\"Votre facture.eml\"", "Content-Disposition: attachment; filename=\"Votre facture.eml\"", "Content-Transfer-Encoding: 7bit"], mail(mixed(named(106, "Content-Type: application/pdf; name=\"f106.pdf\"")))))), [file("f106.pdf", pdf(106))]),
  whole("a web mail: the forward as a file of no kind, in base64", mail(mixed(leaf(mail(mixed(named(107, "Content-Type: application/pdf; name=\"f107.pdf\""))), { type: "application/octet-stream", name: "message.eml" }))), [file("f107.pdf", pdf(107))]),
  whole("a forward in quoted-printable", mail(mixed(raw(["Content-Type: message/rfc822", "Content-Transfer-Encoding: quoted-printable"], quotedPrintable(mail(mixed(named(108, "Content-Type: application/pdf; name=\"f108.pdf\""))))))), [file("f108.pdf", pdf(108))]),
  whole("a digest, whose parts are mails without saying so", mail(multipart("digest", [raw([], mail(mixed(named(109, "Content-Type: application/pdf; name=\"f109.pdf\"")))), raw([], mail(mixed(named(110, "Content-Type: application/pdf; name=\"f110.pdf\""))))])), [file("f109.pdf", pdf(109)), file("f110.pdf", pdf(110))]),
  whole("an invitation with an invoice beside it", mail(multipart("mixed", [
    multipart("alternative", [greeting, html("Réunion"), raw(["Content-Type: text/calendar; charset=utf-8; method=REQUEST"], `BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:${base64Pdf(111)}\r\nEND:VCALENDAR\r\n`)]),
    raw(["Content-Type: application/ics; name=\"invite.ics\"", "Content-Disposition: attachment; filename=\"invite.ics\""], "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    named(112, "Content-Type: application/pdf; name=\"f112.pdf\"", "Content-Disposition: attachment")
  ])), [file("f112.pdf", pdf(112))], ["calendar"]),
  whole("a billing system: the PDF as an alternative of the text", mail(multipart("alternative", [greeting, named(113, "Content-Type: application/pdf; name=\"f113.pdf\"")])), [file("f113.pdf", pdf(113))]),
  whole("text that flows, with a file behind it", mail(multipart("mixed", [textPart("Bonjour, \r\nvoici \r\nla facture.\r\n", "text/plain; charset=utf-8; format=flowed; delsp=yes"), named(114, "Content-Type: application/x-pdf", "Content-Disposition: attachment; filename=f114.pdf")])), [file("f114.pdf", pdf(114))]),
  whole("AppleDouble: the file beside its Macintosh half", mail(mixed(multipart("appledouble", [leaf(joined([Uint8Array.of(0, 5, 22, 7), new Uint8Array(200)]), { type: "application/applefile; name=\"f115.pdf\"", name: "f115.pdf" }), named(115, "Content-Type: application/pdf; name=\"f115.pdf\"", "Content-Disposition: inline; filename=\"f115.pdf\"")]))), [file("f115.pdf", pdf(115))], ["kind-not-read"]),
  whole("line ends of Unix", bytesOf(asText(mail(mixed(named(116, "Content-Type: application/pdf; name=\"f116.pdf\"")))).replaceAll("\r\n", "\n")), [file("f116.pdf", pdf(116))]),
  whole("a PDF and two XMLs of one invoice, quoted-printable and as text", mail(mixed(
    raw(["Content-Type: text/xml; charset=utf-8; name=factur-x.xml", "Content-Transfer-Encoding: quoted-printable"], quotedPrintable(cii)),
    leaf(joined([Uint8Array.of(0xef, 0xbb, 0xbf), ubl]), { type: "text/plain; charset=utf-8", name: "ubl.xml" }),
    leaf(bytesOf("<?xml version=\"1.0\"?><p:FatturaElettronica xmlns:p=\"http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2\"/>"), { type: "application/xml", name: "IT01_1.xml" })
  )), [file("factur-x.xml", cii), file("ubl.xml", joined([Uint8Array.of(0xef, 0xbb, 0xbf), ubl]))], ["xml-not-an-invoice"])
]

const encodings: ReadonlyArray<HardMail> = [
  whole("base64 on one line of many kilobytes", mail(mixed(raw(["Content-Type: application/pdf; name=l1.pdf", "Content-Transfer-Encoding: base64"], base64Pdf(120)))), [file("l1.pdf", pdf(120))]),
  whole("base64 with rubbish and blank lines in it", mail(mixed(raw(["Content-Type: application/pdf; name=l2.pdf", "Content-Transfer-Encoding: base64"], `\r\n\r\n${base64Lines(pdf(121)).replaceAll("\r\n", " !*\r\n\t\r\n")}`))), [file("l2.pdf", pdf(121))]),
  whole("base64 in lines of four", mail(mixed(raw(["Content-Type: application/pdf; name=l3.pdf", "Content-Transfer-Encoding: base64"], base64Pdf(122).replaceAll(/.{4}/g, "$&\r\n")))), [file("l3.pdf", pdf(122))]),
  whole("base64 with a footer of a mailing list behind it", mail(mixed(raw(["Content-Type: application/pdf; name=l4.pdf", "Content-Transfer-Encoding: base64"], `${base64Lines(pdf(124, 2_047))}\r\n____________________\r\nListe de diffusion\r\n`))), [file("l4.pdf", pdf(124, 2_047))]),
  whole("an encoding written with a comment, a semicolon, in capitals", mail(mixed(
    raw(["Content-Type: application/pdf; name=e1.pdf", "Content-Transfer-Encoding: BASE64"], base64Lines(pdf(125))),
    raw(["Content-Type: application/pdf; name=e2.pdf", "Content-Transfer-Encoding: base64;"], base64Lines(pdf(126))),
    raw(["Content-Type: application/pdf; name=e3.pdf", "Content-Transfer-Encoding: base64 (from the scanner)"], base64Lines(pdf(127))),
    raw(["Content-Type: application/pdf; name=e4.pdf", "Content-Transfer-Encoding: \"base64\""], base64Lines(pdf(128)))
  )), [125, 126, 127, 128].map((n, at) => file(`e${at + 1}.pdf`, pdf(n)))),
  whole("base64 that nobody announced", mail(mixed(
    raw(["Content-Type: application/pdf; name=u1.pdf"], base64Lines(pdf(129))),
    raw(["Content-Type: application/pdf; name=u2.pdf", "Content-Transfer-Encoding: 8bit"], base64Lines(pdf(130)))
  )), [file("u1.pdf", pdf(129)), file("u2.pdf", pdf(130))]),
  whole("a PDF in quoted-printable", mail(mixed(raw(["Content-Type: application/pdf; name=q.pdf", "Content-Transfer-Encoding: quoted-printable"], quotedPrintable(pdf(131))))), [file("q.pdf", pdf(131))]),
  whole("a multipart that says base64 of itself", mail({ ...mixed(named(132, "Content-Type: application/pdf; name=m.pdf")), headers: [...mixed().headers.slice(1), "Content-Transfer-Encoding: base64", "Content-Type: multipart/mixed; boundary=zz"], body: joined(["--zz\r\n", serialised(named(132, "Content-Type: application/pdf; name=m.pdf")), "\r\n--zz--\r\n"]) }), [file("m.pdf", pdf(132))]),
  whole("uuencode in a text of Latin-1, two files", mail(textPart(`Bonjour\r\n\r\n${uuencoded(pdf(133), "un.pdf")}\r\nEt\r\n\r\n${uuencoded(pdf(134), "deux.pdf")}`, "text/plain; charset=iso-8859-1")), [file("un.pdf", pdf(133)), file("deux.pdf", pdf(134))]),
  whole("no MIME at all and uuencode", joined(["From: a@b.example\r\nSubject: scan\r\n\r\n", uuencoded(pdf(135), "scan.pdf")]), [file("scan.pdf", pdf(135))]),
  whole("boundaries with blanks, signs and a common beginning", mail(multipart("mixed", [multipart("mixed", [greeting, named(136, "Content-Type: application/pdf; name=b1.pdf")], { boundary: "a b:c/d=e?'()+_,-.x" }), named(137, "Content-Type: application/pdf; name=b2.pdf")], { boundary: "a b:c/d=e?'()+_,-." })), [file("b1.pdf", pdf(136)), file("b2.pdf", pdf(137))]),
  whole("types that programs make up", mail(mixed(
    ...["pdf", "application/x-pdf;;", "text/pdf", "image/pdf", "application/force-download", "application/unknown", "x-unknown/x-unknown", "application/vnd.adobe.pdf; x"].map((type, at) => named(140 + at, `Content-Type: ${type}`, `Content-Disposition: attachment; filename="t${at}.pdf"`))
  )), Array.from({ length: 8 }, (_, at) => file(`t${at}.pdf`, pdf(140 + at)))),
  whole("files without a suffix, a name or a type", mail(mixed(
    named(150, "Content-Type: application/octet-stream; name=facture"),
    named(151, "Content-Type: application/octet-stream"),
    named(152, "Content-Disposition: attachment"),
    named(153, "Content-Type: application/octet-stream; name=\"\"", "Content-Disposition: attachment; filename=\"\"")
  )), [file("facture", pdf(150)), file("attachment.pdf", pdf(151)), file("attachment.pdf", pdf(152)), file("attachment.pdf", pdf(153))])
]

const names: ReadonlyArray<HardMail> = [
  whole("names: RFC 2231 in pieces, in Latin-1, without a charset, in quotes", mail(mixed(
    named(160, "Content-Type: application/pdf", "Content-Disposition: attachment; filename*0*=iso-8859-1'fr'Re%E7u%20;\r\n filename*1=\"mars\"; filename*2*=%20n%B01.pdf"),
    named(161, "Content-Type: application/pdf", "Content-Disposition: attachment; filename*=''plain%20161.pdf"),
    named(162, "Content-Type: application/pdf", "Content-Disposition: attachment; filename*=\"UTF-8''%C3%A9t%C3%A9.pdf\""),
    named(163, "Content-Type: application/pdf; name*0=\"long \"; name*1=\"name.pdf\""),
    named(164, "Content-Type: application/pdf", "Content-Disposition: attachment; filename=\"fallback.pdf\"; filename*=UTF-8''%E2%82%AC%20164.pdf")
  )), [file("Reçu mars n°1.pdf", pdf(160)), file("plain 161.pdf", pdf(161)), file("été.pdf", pdf(162)), file("long name.pdf", pdf(163)), file("€ 164.pdf", pdf(164))]),
  whole("names: RFC 2047 in parameters, in charsets of Asia and Russia", mail(mixed(
    named(165, "Content-Type: application/pdf; name=\"=?gb18030?B?t6LGsS5wZGY=?=\""),
    named(166, "Content-Type: application/pdf; name=\"=?ISO-2022-JP?B?GyRCQEE1YT1xGyhCLnBkZg==?=\""),
    named(167, "Content-Type: application/pdf; name=\"=?koi8-r?B?88ncwdQucGRm?=\""),
    named(168, "Content-Type: application/pdf; name==?utf-8?Q?Facture=5F168.pdf?="),
    named(169, "Content-Type: application/pdf; name=\"=?windows-1252?Q?Co=FBt_=80.pdf?=\"")
  )), [file("发票.pdf", pdf(165)), file("請求書.pdf", pdf(166)), file("Сиэат.pdf", pdf(167)), file("Facture_168.pdf", pdf(168)), file("Coût €.pdf", pdf(169))]),
  whole("names: not in quotes, with blanks, quotes and signs", mail(mixed(
    named(170, "Content-Type: application/pdf", "Content-Disposition: attachment; filename=Facture 170 mars.pdf"),
    named(171, "Content-Type: application/pdf", "Content-Disposition: attachment; filename=\"Facture \\\"171\\\".pdf\""),
    named(172, "Content-Type: application/pdf", "Content-Disposition: attachment; filename=\"a;b=c, (172) [x].pdf\""),
    named(173, "Content-Type: application/pdf", "Content-Disposition: attachment; FILENAME=F173.PDF"),
    named(174, "Content-Type: application/pdf", "Content-Disposition: attachment; filename=\"C:\\Users\\compta\\facture174.pdf\""),
    named(175, "Content-Type: application/pdf", binary("Content-Disposition: attachment; filename=R\u00E9f175.pdf")),
    named(176, "Content-Type: application/pdf", "Content-Disposition: attachment; filename=\"Reçu 176 – été.pdf\""),
    named(177, "Content-Type: application/pdf", "Content-Disposition: attachment;\r\n\tfilename=\"un nom sur\r\n deux lignes 177.pdf\"")
  )), [file("Facture 170 mars.pdf", pdf(170)), file("Facture \"171\".pdf", pdf(171)), file("a;b=c, (172) [x].pdf", pdf(172)), file("F173.PDF", pdf(173)), file("facture174.pdf", pdf(174)), file("Réf175.pdf", pdf(175)), file("Reçu 176 – été.pdf", pdf(176)), file("un nom sur deux lignes 177.pdf", pdf(177))]),
  whole("names of a mail that is nothing but its file", mail(raw(["Content-Type: application/pdf", "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=\"Seule n\u00B0178.pdf\""], base64Lines(pdf(178)))), [file("Seule n°178.pdf", pdf(178))])
]

const containers: ReadonlyArray<HardMail> = [
  whole("S/MIME: opaque in DER and streamed BER, signed twice", mail(leaf(signedData(serialised(leaf(signedData(serialised(mixed(named(180, "Content-Type: application/pdf; name=s1.pdf"))), "ber"), { type: "application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m" }))), { type: "application/pkcs7-mime; name=\"smime.p7m\"", name: "smime.p7m" })), [file("s1.pdf", pdf(180))]),
  whole("S/MIME: signed inside a mailing list's mail", mail(multipart("mixed", [leaf(signedData(serialised(mixed(named(181, "Content-Type: application/pdf; name=s2.pdf"))), "ber"), { type: "application/pkcs7-mime; smime-type=signed-data", name: "smime.p7m" }), textPart("--\r\nListe\r\n")])), [file("s2.pdf", pdf(181))]),
  whole("S/MIME and OpenPGP: encrypted", mail(mixed(
    leaf(envelopedData, { type: "application/pkcs7-mime; smime-type=enveloped-data", name: "smime.p7m" }),
    multipart("encrypted; protocol=\"application/pgp-encrypted\"", [raw(["Content-Type: application/pgp-encrypted"], "Version: 1\r\n"), raw(["Content-Type: application/octet-stream; name=encrypted.asc"], "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----\r\n")])
  )), [], ["encrypted"]),
  whole("OpenPGP: signed beside", mail(multipart("signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\"", [mixed(named(182, "Content-Type: application/pdf; name=g.pdf")), raw(["Content-Type: application/pgp-signature; name=signature.asc"], "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ\r\n-----END PGP SIGNATURE-----\r\n")])), [file("g.pdf", pdf(182))], ["signature"]),
  whole("ZIPs: in each other, encrypted, streamed, with names of DOS and of Windows", mail(mixed(
    leaf(nestedZip(4, "profond.pdf", pdf(183)), { type: "application/zip", name: "a.zip" }),
    leaf(zip([{ name: "secret.pdf", bytes: pdf(184), isEncrypted: true }]), { type: "application/x-zip-compressed", name: "b.zip" }),
    leaf(zip([{ name: binary("Facture \u0082t\u0082 n\u00F81.pdf"), bytes: pdf(185), isOldName: true }, { name: binary("re\u00E7u.pdf"), bytes: pdf(186), isOldName: true }]), { type: "application/octet-stream", name: "c" }),
    leaf(zip([{ name: "dossier/sous dossier/Été €.pdf", bytes: pdf(187) }, { name: "dossier/photo.jpg", bytes: photo }]), { type: "application/pdf", name: "d.pdf" })
  )), [file("profond.pdf", pdf(183)), file("Facture été n°1.pdf", pdf(185)), file("reçu.pdf", pdf(186)), file("Été €.pdf", pdf(187)), file("photo.jpg", photo)], ["encrypted"]),
  whole("archives and documents of other kinds", mail(mixed(
    leaf(joined(["Rar!\u001a\u0007\u0001\u0000", new Uint8Array(500)]), { type: "application/x-rar", name: "f.rar" }),
    leaf(joined([binary("7z\u00BC\u00AF\u0027\u001C"), new Uint8Array(500)]), { type: "application/x-7z-compressed", name: "f.7z" }),
    leaf(joined([binary("\u001F\u008B\u0008"), new Uint8Array(500)]), { type: "application/gzip", name: "f.pdf.gz" }),
    leaf(joined([binary("\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1"), pdf(188)]), { type: "application/vnd.ms-outlook", name: "message.msg" })
  )), [], ["kind-not-read"]),
  whole("one piece of a mail in several, and a file that lies elsewhere", mail(mixed(raw(["Content-Type: message/partial; number=1; total=3; id=\"x@y\""], mail(mixed(named(189, "Content-Type: application/pdf; name=p.pdf")))), raw(["Content-Type: message/external-body; access-type=URL; URL=\"https://x.example/f.pdf\""], "Content-Type: application/pdf\r\n\r\n"))), [], ["partial-mail", "external-file"])
]

/** Mails as programs write them, well or badly, with what must come of each. */
export const everydayMails = (): ReadonlyArray<HardMail> => [...programs, ...encodings, ...names, ...containers]
