/**
 * The tree of a mail's parts as IMAP's BODYSTRUCTURE gives it (RFC 3501, 7.4.2), and as `readMimeTree` gives it for a
 * mail that is at hand as bytes. Shaped like imapflow's `bodyStructure`, so that one fits where the other is asked for.
 * Everything in it was written by the sender: sizes may lie, names may be anything.
 */
export interface MailStructure {
  /** "application/pdf": lower case; whatever the sender claims. */
  readonly type: string
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Content-ID, with or without its angle brackets. */
  readonly id?: string | undefined
  readonly description?: string | undefined
  /** Content-Transfer-Encoding, lower case. */
  readonly encoding?: string | undefined
  /** Bytes as transferred, so before decoding. */
  readonly size?: number | undefined
  readonly disposition?: string | undefined
  readonly dispositionParameters?: Readonly<Record<string, string>> | undefined
  /** Content-Location (RFC 2557). */
  readonly location?: string | undefined
  /** The parts of a multipart; for a message/rfc822, the one body of the mail in it. */
  readonly childNodes?: ReadonlyArray<MailStructure> | undefined
  /** Of the mail inside a message/rfc822. */
  readonly envelope?: { readonly subject?: string | undefined } | undefined
}
