import type { SkipReason } from "./SkipReason.ts"

/** A body section worth fetching: it may be a file that becomes an invoice, or hold such files. */
export interface WantedPart {
  /** For IMAP: `BODY.PEEK[<section>]` ("2", "2.1", "TEXT"). */
  readonly section: string
  /** `file`: may be an invoice. `container`: holds files or mails. `text`: a body that may hold a uuencoded file. `page`: a body that may show pictures. */
  readonly role: "file" | "container" | "text" | "page"
  readonly declaredType: string
  readonly encoding: string
  /** As transferred, in bytes, as the sender's side claims; null when it does not say. */
  readonly size: number | null
  /** Made safe; null when the sender gave none. A label, never a path. */
  readonly name: string | null
  readonly isInline: boolean
  /** Without angle brackets. */
  readonly contentId: string | null
  readonly contentLocation: string | null
  /** Inside a multipart/related, next to the text that may show it. */
  readonly isRelated: boolean
  /** What it lies in, outermost first: subjects of forwarded mails, names of archives. */
  readonly within: ReadonlyArray<string>
  /**
   * What is declared is nothing that is imported, but senders declare wrongly: fetch the first `mailLimits.head` bytes
   * (decoded), ask `judgeHead`, and fetch the rest only if it does not skip.
   */
  readonly isDoubtful: boolean
  /** For a multipart that the server could not take apart. */
  readonly boundary: string | null
}

/** What is read out of a mail and becomes an invoice. */
export interface MailAttachment {
  readonly _tag: "MailAttachment"
  readonly bytes: Uint8Array
  /** By the first bytes. */
  readonly mediaType: "application/pdf" | "image/jpeg" | "image/png" | "application/xml"
  readonly name: string
  readonly section: string
  readonly within: ReadonlyArray<string>
}

/** What is not imported, for the log that the admin reads. */
export interface SkippedPart {
  readonly _tag: "SkippedPart"
  readonly reason: SkipReason
  readonly name: string | null
  readonly declaredType: string
  readonly section: string
  readonly within: ReadonlyArray<string>
}
