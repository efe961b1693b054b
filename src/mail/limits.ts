import { maxFileBytes } from "../domain/limits.ts"

const mebibyte = 1024 * 1024

/** What bounds the work and the memory that one mail can cause. */
export const mailLimits = {
  /** Bytes of one file that becomes an invoice: as for people's uploads. */
  file: maxFileBytes,
  /** Bytes of a ZIP, a TNEF or a mail within the mail: a full file in base64 within it still fits. */
  container: 40 * mebibyte,
  /** Bytes of a body text that is searched for a uuencoded file. */
  text: 30 * mebibyte,
  /** Bytes of an HTML body that are searched for the pictures it shows. */
  page: mebibyte,
  /** HTML bodies that are searched for them. */
  pages: 5,
  /** Parts of one mail that are looked at (Dovecot counts no further either). */
  parts: 10_000,
  /** Levels of multiparts and of mails within mails. */
  levels: 100,
  /** Parts of one mail whose said size is not taken at its word. */
  doubted: 100,
  /** Files of one mail that can become invoices: more than this is no mail with invoices. */
  files: 1_000,
  /** Containers within containers: a ZIP in a ZIP in a forwarded winmail.dat is 3. */
  containers: 8,
  /** Bytes that all containers of one part may come to when unpacked. */
  unpacked: 64 * mebibyte,
  /** Entries of one ZIP that are looked at. */
  entries: 5_000,
  /** Unpacked bytes by packed byte, past the first MiB. Invoices reach 20; a bomb has 1,000. */
  ratio: 100,
  /** Characters of one header field; the rest of it is passed over. */
  headerField: 64 * 1024,
  /** Fields of one name in a header: the first is read, but some are looked for in all. */
  sameFields: 10,
  /** Bytes of a file whose beginning decides what it is (`%PDF-` may stand at 1023; XML prologues are short). */
  head: 8 * 1024
} as const
