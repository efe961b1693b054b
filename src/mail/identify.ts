import { detectKind } from "../domain/DocumentKind.ts"
import { isEInvoice } from "./eInvoiceRoot.ts"
import { mailLimits } from "./limits.ts"
import { type ShownPictures, whyNoInvoicePicture } from "./pictures.ts"
import type { SkipReason } from "./SkipReason.ts"
import { binaryOf } from "./text.ts"
import { isUuencode } from "./uuencode.ts"
import { isCms } from "./unpack/signedData.ts"
import { isTnef } from "./unpack/tnef.ts"
import type { MailAttachment, WantedPart } from "./WantedPart.ts"

/** What a part is by its first bytes, whatever it is declared to be. */
export type Identity =
  | { readonly _tag: "File"; readonly mediaType: MailAttachment["mediaType"] }
  | { readonly _tag: "Container"; readonly kind: "zip" | "tnef" | "cms" | "base64-cms" | "mail" | "multipart" | "uuencoded" }
  | { readonly _tag: "Skip"; readonly reason: SkipReason }

const file = (mediaType: MailAttachment["mediaType"]): Identity => ({ _tag: "File", mediaType })
const container = (kind: Extract<Identity, { _tag: "Container" }>["kind"]): Identity => ({ _tag: "Container", kind })
const skip = (reason: SkipReason): Identity => ({ _tag: "Skip", reason })

const beginsWith = (bytes: Uint8Array, text: string, from = 0): boolean =>
  bytes.length >= from + text.length && Array.from(text, (character) => character.charCodeAt(0)).every((byte, index) => bytes[from + index] === byte)

/** RAR, 7-Zip, gzip, and what Outlook and old Office store in: they may show the header of a PDF that they hold. */
const otherArchives = ["Rar!\u001A\u0007", "7z\u00BC\u00AF\u0027\u001C", "\u001F\u008B\u0008", "\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1"]

/** The first entry of an office document, an e-book or a program, as ZIPs they are. */
const isDocumentZip = (head: Uint8Array): boolean =>
  // The name stands behind the 30 bytes of the entry's own header.
  /^[^]{30}(\[Content_Types\]\.xml|mimetype|_rels\/|word\/|xl\/|ppt\/|docProps\/|META-INF\/)/.test(binaryOf(head.subarray(0, 100)))

const headerLine = /^(return-path|received|delivered-to|from|to|subject|date|message-id|reply-to|mime-version|content-type|content-transfer-encoding|dkim-signature|x-[\w-]{1,60}):/i

/** A header at the very beginning, with a line of MIME or of a sender. `text` holds one character per byte. */
export const looksLikeMail = (text: string): boolean => {
  const lines = text.slice(0, 4_000).replace(/^(\uFEFF|\u00EF\u00BB\u00BF)?\s*(>?From [^\n]*\n)?/, "").split(/\r?\n/, 40)
  const header = lines.slice(0, Math.max(0, lines.indexOf("")) || lines.length)
  return headerLine.test(header[0] ?? "") && header.some((line) => /^(content-type|mime-version|from|received):/i.test(line))
}

/** A mail that somebody saved as text is a text: it was not forwarded. */
const mayBeMail = (part: WantedPart): boolean =>
  part.role !== "text" && !part.declaredType.startsWith("text/") && !/\.(txt|log|md|html?)$/i.test(part.name ?? "")

const isMailByName = (part: WantedPart): boolean => /^message\/(rfc822|global|news)$/.test(part.declaredType) || /\.eml$/i.test(part.name ?? "")
const isSignedByName = (part: WantedPart): boolean => part.declaredType.endsWith("pkcs7-mime") || /\.p7m$/i.test(part.name ?? "")

const textual = (part: WantedPart, text: string, kind: "text" | "html" | "unknown"): Identity => {
  if (isSignedByName(part) && /^(-----BEGIN [^\n]*\n)?\s*MI[A-Za-z0-9+/\s]/.test(text)) return container("base64-cms")
  if (isMailByName(part) || (mayBeMail(part) && looksLikeMail(text))) return container("mail")
  if (part.role === "text" || isUuencode(part.encoding) || /^begin [0-7]{3,4} \S/m.test(text)) return container("uuencoded")
  return skip(kind === "html" ? "web-page" : kind === "text" ? "text" : "kind-not-read")
}

/** `head`: the beginning of a part (decoded), at least `mailLimits.head` bytes where it has as many; `length`: all its bytes. */
export const identify = (part: WantedPart, head: Uint8Array, length: number, shown: ShownPictures | null): Identity => {
  if (length === 0) return skip("empty")
  if (isTnef(head)) return container("tnef")
  if (isCms(head)) return container("cms")
  // Before PDF: a ZIP that only stores, or a tar, shows the header of the PDF in it.
  if (beginsWith(head, "PK\u0003\u0004") || beginsWith(head, "PK\u0005\u0006")) return isDocumentZip(head) ? skip("kind-not-read") : container("zip")
  if (beginsWith(head, "ustar", 257) || otherArchives.some((magic) => beginsWith(head, magic))) return skip("kind-not-read")
  if (part.declaredType.startsWith("multipart/")) return container("multipart")
  const kind = detectKind(head)
  const isMail = isMailByName(part) || part.role === "text"
  if (kind === "pdf" && isMail && !/^\s*%PDF-/.test(binaryOf(head.subarray(0, 100)))) return textual(part, binaryOf(head), "text")
  switch (kind) {
    case "pdf":
      return length > mailLimits.file ? skip("too-large") : file("application/pdf")
    case "jpeg":
    case "png": {
      const reason = length > mailLimits.file ? "too-large" : whyNoInvoicePicture(part, head, length, shown)
      return reason === null ? file(kind === "png" ? "image/png" : "image/jpeg") : skip(reason)
    }
    case "xml":
      if (!isEInvoice(head)) return isMail ? textual(part, binaryOf(head), "text") : skip("xml-not-an-invoice")
      return length > mailLimits.file ? skip("too-large") : file("application/xml")
    case "html":
    case "text":
    case "unknown":
      return textual(part, binaryOf(head), kind)
    default:
      return skip("kind-not-read")
  }
}
