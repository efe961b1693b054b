import libmime from "libmime"
import { mailLimits } from "./limits.ts"
import { binaryOf, bytesOfBinary, decodeUnknown } from "./text.ts"

/** What a mail is judged and shown by: `BODY.PEEK[HEADER.FIELDS (…)]`. */
export const judgedFields = [
  "From", "Sender", "Reply-To", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Return-Path", "Content-Type",
  "Auto-Submitted", "Precedence", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Failed-Recipients"
] as const

/** The fields that are kept: those, and what says what a part is. All others are passed over. */
const keptFields = [...judgedFields, "Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "Content-Location", "Content-Description"]
const kept: ReadonlySet<string> = new Set(keptFields.map((name) => name.toLowerCase()))

/** Header fields by lower-case name. A value holds one character per byte and is unfolded, not decoded. */
export interface HeaderBlock {
  readonly fields: ReadonlyMap<string, ReadonlyArray<string>>
  /** Where the body begins: after the blank line, or at the first line that can be no header. */
  readonly bodyStart: number
}

/** Where the line that begins at `from` ends, and where the next one begins. Line ends are LF or CRLF. */
export const lineAt = (bytes: Uint8Array, from: number, to: number): { readonly end: number; readonly next: number } => {
  const feed = bytes.indexOf(0x0a, from)
  if (feed === -1 || feed >= to) return { end: to > from && bytes[to - 1] === 0x0d ? to - 1 : to, next: to }
  return { end: feed > from && bytes[feed - 1] === 0x0d ? feed - 1 : feed, next: feed + 1 }
}

const longestName = 1_000
const isFieldName = /^[\u0021-\u0039\u003B-\u007E]+[ \t]*$/

/**
 * The header block at `from`. It is read whatever it is: of what is too long the rest is passed over, a body without
 * the blank line before it is found, and "From " lines of mailbox files are passed over.
 */
export const readHeaderBlock = (bytes: Uint8Array, from = 0, to = bytes.length): HeaderBlock => {
  const fields = new Map<string, Array<string>>()
  /** The values of the field that a continuation line belongs to; null for one that is passed over. */
  let values: Array<string> | null = null
  let position = from
  while (position < to) {
    const { end, next } = lineAt(bytes, position, to)
    if (end === position) return { fields, bodyStart: next }
    const line = bytes.subarray(position, Math.min(end, position + mailLimits.headerField))
    if (line[0] === 0x20 || line[0] === 0x09) {
      const value = values?.at(-1) ?? ""
      if (values !== null && value.length < mailLimits.headerField) values[values.length - 1] = value + binaryOf(line)
    } else if (position !== from || !/^>?From /.test(binaryOf(line.subarray(0, 6)))) {
      const colon = line.subarray(0, longestName).indexOf(0x3a)
      const name = colon > 0 ? binaryOf(line.subarray(0, colon)) : ""
      if (!isFieldName.test(name)) return { fields, bodyStart: position }
      const key = name.trimEnd().toLowerCase()
      const same = fields.get(key) ?? []
      values = kept.has(key) && same.length < mailLimits.sameFields ? same : null
      values?.push(binaryOf(line.subarray(colon + 1)))
      if (values !== null) fields.set(key, values)
    }
    position = next
  }
  return { fields, bodyStart: to }
}

/** Raw bytes in a header become text: UTF-8 (RFC 6532) or, as old mailers send it, Windows-1252. */
const textOfBinary = (binary: string): string =>
  // oxlint-disable-next-line no-control-regex -- bytes above 0x7F are what is looked for
  /[^\u0000-\u007F]/.test(binary) ? decodeUnknown(bytesOfBinary(binary)) : binary

/** Charset names that say nothing, or less than the bytes may hold: read as their superset. */
const charsetOf = (label: string): string =>
  /^(us-ascii|ascii|unknown-8bit|x-unknown|unknown|default|_?iso-8859-1|iso8859-1|latin1)$/i.test(label) ? "windows-1252" : label

const word = /=\?([^?\s]{1,60})\?([bq])\?/gi
const isDamaged = (text: string): boolean => text.includes("\uFFFD")

/**
 * Encoded words (RFC 2047) as text: adjacent words are joined before they are decoded, so that characters split between
 * them come out whole. Where a word's own charset cannot be right, UTF-8 and then Windows-1252 are tried. Whatever is
 * no encoded word stays as it is.
 */
export const decodeWords = (text: string): string => {
  if (!text.includes("=?")) return text
  const within = text.slice(0, mailLimits.headerField)
  const decodedAs = (charset: (label: string) => string): string =>
    libmime.decodeWords(within.replace(word, (_, label: string, encoding: string) => `=?${charset(label.replace(/\*.*$/, ""))}?${encoding}?`))
  const asSaid = decodedAs((label) => (/^(us-ascii|ascii|unknown-8bit|x-unknown|unknown|default)$/i.test(label) ? "utf-8" : charsetOf(label)))
  if (!isDamaged(asSaid)) return asSaid
  const asUtf8 = decodedAs(() => "utf-8")
  return isDamaged(asUtf8) ? decodedAs(() => "windows-1252") : asUtf8
}

/** A field's value as text: raw bytes, then encoded words. */
export const decodeField = (binary: string): string => decodeWords(textOfBinary(binary)).replaceAll(/[\r\n]+[ \t]*/g, " ").trim()

/** A field such as Content-Type: its value in lower case, and its parameters with their names in lower case. */
export interface StructuredField {
  readonly value: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Windows writes paths with lone backslashes, which the grammar would take for escapes. */
const keepBackslashes = (text: string): string => text.replaceAll(/\\(?=[^"\\])/g, "\\\\")

/** RFC 2231's `charset'language'percent-encoded`, also where a mailer left out the asterisk that announces it. */
const extended = /^(utf-8|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-9])'[A-Za-z-]{0,20}'[\u0021-\u007E]*$/i

/** A value and a first parameter with nothing but a blank between them. */
const withoutSemicolon = /^(\s*[^\s;=]{1,200})\s+(?=[A-Za-z][\w*-]{0,40}\s?=)/

const parametersOf = (text: string): ReadonlyArray<readonly [string, string]> =>
  Object.entries(libmime.parseHeaderValue(text).params).map(([name, value]) => {
    const said = String(value)
    const isExtended = extended.test(said) && said.length < 2_000
    const plain = isExtended ? libmime.parseHeaderValue(`x; y*=${said.replaceAll(/[";]/g, encodeURIComponent)}`).params["y"] ?? said : said
    return [name.toLowerCase(), decodeWords(String(plain))]
  })

/**
 * Value and parameters: continuations and charsets by RFC 2231, encoded words in parameters (which RFC 2047 forbids and
 * everybody writes), raw 8-bit bytes. A value that cannot be UTF-8 as it says is read as Windows-1252.
 */
export const parseStructuredField = (binary: string): StructuredField => {
  const text = keepBackslashes(textOfBinary(binary.slice(0, mailLimits.headerField))).replace(withoutSemicolon, "$1; ")
  const value = (/^[^\s;]*/.exec(text.trim())?.[0] ?? "").toLowerCase()
  if (!text.includes(";")) return { value, parameters: {} }
  const parameters = parametersOf(text)
  const isWrong = parameters.some(([, said]) => isDamaged(said)) && /utf-8'/i.test(text)
  return { value, parameters: Object.fromEntries(isWrong ? parametersOf(text.replaceAll(/utf-8'/gi, "windows-1252'")) : parameters) }
}
