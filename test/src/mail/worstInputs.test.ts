import { describe, expect, it } from "vitest"
import { attachmentsOf, attachmentsOfMail } from "../../../src/mail/attachmentsOf.ts"
import { decodeBase64 } from "../../../src/mail/base64.ts"
import { decodeField, parseStructuredField } from "../../../src/mail/headers.ts"
import { isEInvoice } from "../../../src/mail/eInvoiceRoot.ts"
import { addressesIn } from "../../../src/mail/judgeMail.ts"
import { mailLimits } from "../../../src/mail/limits.ts"
import { picturesShownIn } from "../../../src/mail/pictures.ts"
import { wantedParts } from "../../../src/mail/planParts.ts"
import { decodeQuotedPrintable } from "../../../src/mail/quotedPrintable.ts"
import { safeName } from "../../../src/mail/safeName.ts"
import { uuencodedFiles } from "../../../src/mail/uuencode.ts"
import { binary, joined } from "../../support/mail/composeMail.ts"

const size = 1024 * 1024
const filled = (text: string, length = size): Uint8Array => {
  const pattern = binary(text)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += pattern.length) bytes.set(pattern.subarray(0, length - at), at)
  return bytes
}

/** What costs its square somewhere takes many minutes for a MiB, not the seconds that a test has. */
describe("a MiB of what is worst for a parser is no more work than any other", () => {
  it.each([
    "--\n", "--x\n", "--a b\n", `--${"- ".repeat(480)}x\n`, "\n", "a:b\n", "--b\nContent-Type: multipart/mixed; boundary=b\n\n",
    "Content-Type: message/rfc822\n\n", "--a\n\nx\n", "--a\nSubject: y\n z\n", "Content-Type: a\n", " a\r\n", "begin 644 a\n", "begin 644 a\n!`\n", "From x\n", "-"
  ])("a mail of %j", (pattern) => {
    for (const head of ["Content-Type: multipart/mixed\r\n\r\n", "Content-Type: multipart/mixed; boundary=x\r\n\r\n", "", "Content-Type: "]) {
      expect(Array.isArray(attachmentsOfMail(joined([head, filled(pattern)])))).toBe(true)
    }
  })

  it.each(["AA==", "AA==\n", "AAA=AA==", "=", "= ", "=\t\t\t\t\t\t\t\tx", " ", "M`\n", `begin 644 a\nM${"A".repeat(60)}\n`, "begin 644 a a a a a a a a a\n"])("encoded bytes of %j", (pattern) => {
    const bytes = filled(pattern)
    expect(decodeBase64(bytes).length).toBeLessThanOrEqual(size)
    expect(decodeQuotedPrintable(bytes).length).toBeLessThanOrEqual(size)
    expect(uuencodedFiles(bytes, mailLimits.files).length).toBeLessThanOrEqual(mailLimits.files)
  })

  it.each(["cid:", "src=", "src     ", "url(", "url(    ", "&amp;", "<a ", "<!--", "<?x?>", "xmlns ", "xmlns:a='"])("a page or XML of %j", (pattern) => {
    expect(picturesShownIn(Array.from({ length: mailLimits.pages }, () => filled(pattern))).ids.size).toBeLessThan(2_000)
    expect(isEInvoice(joined(["<Invoice ", filled(pattern)]))).toBe(false)
    expect(isEInvoice(filled(pattern))).toBe(false)
  })

  it.each(["=?utf-8?q?a?= ", "=?", "a=b;", "f*0*=%C3;", "\"\\", "\\", "; ", "(", "\"", "\u00E9", "utf-8'", "<", "a@", "%", "../", "\u202E"])("fields of %j", (pattern) => {
    const text = Buffer.from(filled(pattern)).toString("latin1")
    expect(typeof decodeField(text)).toBe("string")
    expect(Object.keys(parseStructuredField(`a/b; ${text}`).parameters).length).toBeLessThan(100_000)
    expect(addressesIn(text).length).toBeLessThan(20_000)
    expect(safeName(text)?.length ?? 0).toBeLessThan(256)
  })

  it.each([
    ["a ZIP", "PK\u0003\u0004", "PK\u0005\u0006"],
    ["a ZIP's directory", "PK\u0003\u0004", "PK\u0001\u0002"],
    ["winmail.dat", "\u0078\u009f\u003e\u0022\u0000\u0000", "\u0002\u0002\u0090\u0006\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0002\u0005\u0090\u0006\u0000\u0014\u0000\u0000\u0000\u00ff\u00ff\u00ff\u00ff\u0001\u0010\u0001\u0037\u00ff\u00ff\u00ff\u00ff"],
    ["CMS, nested", "\u0030\u0080\u0006\u0009\u002a\u0086\u0048\u0086\u00f7\u000d\u0001\u0007\u0002\u00a0\u0080\u0030\u0080", "\u0030\u0080"],
    ["CMS, in pieces", "\u0030\u0080\u0006\u0009\u002a\u0086\u0048\u0086\u00f7\u000d\u0001\u0007\u0002\u00a0\u0080\u0030\u0080\u0002\u0001\u0001\u0031\u0000\u0030\u0080\u0006\u0001\u0001\u00a0\u0080\u0024\u0080", "\u0004\u0000"],
    ["JPEG", "\u00ff\u00d8\u00ff", "\u00ff"]
  ])("a container like %s", (_, head, pattern) => {
    const [part] = wantedParts({ type: "application/octet-stream", size: 1_000 })
    expect(part === undefined ? [] : attachmentsOf(part, joined([binary(head), filled(pattern)])).length).toBeLessThan(2)
  })
})
