import { mailLimits } from "./limits.ts"
import { sizeInWords } from "../domain/plainWords.ts"

/** Why a part of a mail does not become an invoice. */
export type SkipReason =
  | "empty"
  | "too-large"
  | "text"
  | "web-page"
  | "calendar"
  | "contact-card"
  | "signature"
  | "mail-report"
  | "picture-in-text"
  | "picture-too-small"
  | "xml-not-an-invoice"
  | "kind-not-read"
  | "encrypted"
  | "damaged-container"
  | "suspicious-container"
  | "partial-mail"
  | "external-file"
  | "too-many-parts"
  | "too-deep"

const words: Readonly<Record<SkipReason, string>> = {
  "empty": "The file is empty.",
  "too-large": `The file is larger than ${sizeInWords(mailLimits.file)}.`,
  "text": "This is a text, not an invoice file.",
  "web-page": "This is a web page, not an invoice file.",
  "calendar": "This is a calendar entry.",
  "contact-card": "This is a contact card.",
  "signature": "This is the mail's digital signature.",
  "mail-report": "This is a mail server's report about another mail.",
  "picture-in-text": "This picture belongs to the text of the mail, such as a logo or a banner.",
  "picture-too-small": "This picture is too small to be a legible invoice.",
  "xml-not-an-invoice": "This XML is no invoice in CII (Factur-X, ZUGFeRD, XRechnung) or UBL.",
  "kind-not-read": "Files of this kind are not read. PDF, JPEG, PNG and e-invoice XML are.",
  "encrypted": "The file or the mail is encrypted and cannot be opened here.",
  "damaged-container": "The archive or forwarded mail is damaged and cannot be opened.",
  "suspicious-container": "The archive unpacks to far more than its size, as only harmful archives do.",
  "partial-mail": "This is one piece of a mail that was sent in several pieces.",
  "external-file": "The mail only says where the file can be fetched; it does not hold it.",
  "too-many-parts": `The mail has more files or parts than are looked at (${mailLimits.files} files, ${mailLimits.parts} parts).`,
  "too-deep": "The file lies too deep in mails or archives within each other."
}

/** One sentence for the admin. */
export const skipInWords = (reason: SkipReason): string => words[reason]
