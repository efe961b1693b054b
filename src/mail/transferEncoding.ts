import { Base64Decoder } from "./base64.ts"
import { joined } from "./bytes.ts"
import { QuotedPrintableDecoder } from "./quotedPrintable.ts"
import { binaryOf } from "./text.ts"

/** Takes a part's bytes as they come and gives them as they were before transfer. */
export interface TransferDecoder {
  readonly push: (bytes: Uint8Array) => Uint8Array
  /** What was held back until now. */
  readonly end: () => Uint8Array
}

/** The name of a transfer encoding in lower case, without the quotes, comments and semicolons that some senders add. */
export const encodingName = (said: string): string => /^[\s"']*([a-z0-9-]*)/.exec(said.slice(0, 100).toLowerCase())?.[1] ?? ""

/** The beginnings of files that nothing encoded looks like: some senders declare an encoding and do not encode. */
const plainHeads = ["%PDF-", "\u0089PNG", "\u00FF\u00D8\u00FF", "PK\u0003\u0004"]
/** The same in base64, which some senders do not announce. */
const encodedHead = /^\s*(JVBERi0|iVBORw0KGgo|\/9j\/|UEsDB)[A-Za-z0-9+/=\s]*$/
const enoughToSee = 400

/** A PDF in quoted-printable begins like one that is not. */
const isEscaped = (text: string): boolean => /^[\t\r\n\u0020-\u007E]*$/.test(text) && /=([0-9A-F]{2}|\r?\n)/i.test(text)

const asItIs: TransferDecoder = { push: (bytes) => bytes, end: () => new Uint8Array(0) }

/**
 * For a part that says `encoding` of itself and begins with `head` (some hundred bytes, or all that there are). An
 * encoding that nobody knows is taken for none, uuencode is left for later.
 */
export const transferDecoder = (encoding: string, head: Uint8Array): TransferDecoder => {
  const text = binaryOf(head.subarray(0, enoughToSee))
  const name = encodingName(encoding)
  const isQuoted = /^quoted-?(printable)?$/.test(name)
  if (plainHeads.some((plain) => text.startsWith(plain)) && !(isQuoted && isEscaped(text))) return asItIs
  if (/^base-?64$/.test(name) || (!isQuoted && encodedHead.test(text))) return new Base64Decoder()
  return isQuoted ? new QuotedPrintableDecoder() : asItIs
}

/** `bytes` as they were before transfer, all at once. */
export const decodeTransfer = (encoding: string, bytes: Uint8Array): Uint8Array => {
  const decoder = transferDecoder(encoding, bytes)
  const decoded = decoder.push(bytes)
  const rest = decoder.end()
  return rest.length === 0 ? decoded : joined([decoded, rest])
}
