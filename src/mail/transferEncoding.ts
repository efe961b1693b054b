import { lineAt } from "./headers.ts"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const none = 255
const values = new Uint8Array(256).fill(none)
for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a

/**
 * After padding: how far the next line is base64 again, as where chunks were encoded one by one; `from` where it is
 * something else, such as a mailing list's footer.
 */
const goesOnUntil = (encoded: Uint8Array, from: number): number => {
  let start = from
  while (start < encoded.length && isSpace(encoded[start])) start++
  const { end } = lineAt(encoded, start, encoded.length)
  let digits = 0
  for (let position = start; position < end; position++) {
    const byte = encoded[position] ?? 0
    if ((values[byte] ?? none) === none && byte !== 0x3d && !isSpace(byte)) return from
    digits += isSpace(byte) ? 0 : 1
  }
  return digits >= 4 && digits % 4 === 0 ? end : from
}

/**
 * Base64 as it arrives: foreign characters are passed over, chunks that were padded one by one are joined, a truncated
 * end gives the whole bytes that it holds.
 */
export const decodeBase64 = (encoded: Uint8Array): Uint8Array => {
  const decoded = new Uint8Array(Math.ceil(encoded.length * 3 / 4) + 3)
  let length = 0
  let bits = 0
  let count = 0
  let knownUntil = 0
  for (let position = 0; position < encoded.length; position++) {
    const byte = encoded[position] ?? 0
    const value = values[byte] ?? none
    if (value !== none) {
      bits = (bits << 6) | value
      if (++count === 4) {
        decoded[length++] = bits >> 16
        decoded[length++] = bits >> 8
        decoded[length++] = bits
        bits = count = 0
      }
    } else if (byte === 0x3d && count >= 2) {
      if (count === 3) decoded[length++] = bits >> 10
      decoded[length++] = count === 3 ? bits >> 2 : bits >> 4
      bits = count = 0
      while (encoded[position + 1] === 0x3d) position++
      if (position + 1 < knownUntil) continue
      knownUntil = goesOnUntil(encoded, position + 1)
      if (knownUntil === position + 1) return decoded.subarray(0, length)
    }
  }
  if (count === 3) decoded[length++] = bits >> 10
  if (count >= 2) decoded[length++] = count === 3 ? bits >> 2 : bits >> 4
  return decoded.subarray(0, length)
}

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const upper = byte & 0xdf
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1
}

/** Quoted-printable (RFC 2045, 6.7). What is no escape stays as it is. */
export const decodeQuotedPrintable = (encoded: Uint8Array): Uint8Array => {
  const decoded = new Uint8Array(encoded.length)
  let length = 0
  let position = 0
  /** Where the white space began that ends the line, if it does. */
  let blank = -1
  while (position < encoded.length) {
    const byte = encoded[position] ?? 0
    if (byte === 0x3d) {
      const high = hexDigit(encoded[position + 1])
      const low = hexDigit(encoded[position + 2])
      blank = -1
      if (high >= 0 && low >= 0) {
        decoded[length++] = high * 16 + low
        position += 3
        continue
      }
      let after = position + 1
      while (encoded[after] === 0x20 || encoded[after] === 0x09) after++
      if (encoded[after] === 0x0d && encoded[after + 1] === 0x0a) position = after + 2
      else if (encoded[after] === 0x0a) position = after + 1
      else if (after >= encoded.length) position = after
      else {
        decoded[length++] = byte
        position++
      }
      continue
    }
    if (byte === 0x20 || byte === 0x09) blank = blank === -1 ? length : blank
    else if ((byte === 0x0a || (byte === 0x0d && encoded[position + 1] === 0x0a)) && blank !== -1) {
      length = blank
      blank = -1
    } else blank = -1
    decoded[length++] = byte
    position++
  }
  return decoded.subarray(0, length)
}

/** A file written into text by uuencode, with the name that stands in its first line. */
export interface UuencodedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const begin = /^begin [0-7]{3,4} (\S.*?)\s*$/

/** The bytes of one line; null for the line of length 0 that ends the data. */
const decodeUuLine = (line: Uint8Array): Uint8Array | null => {
  const digit = (index: number): number => ((line[index] ?? 0x20) - 0x20) & 0x3f
  const bytes = new Uint8Array(digit(0))
  for (let at = 0, from = 1; at < bytes.length; at += 3, from += 4) {
    const group = (digit(from) << 18) | (digit(from + 1) << 12) | (digit(from + 2) << 6) | digit(from + 3)
    bytes[at] = group >> 16
    if (at + 1 < bytes.length) bytes[at + 1] = group >> 8
    if (at + 2 < bytes.length) bytes[at + 2] = group
  }
  return bytes.length === 0 ? null : bytes
}

const joined = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** The files that uuencode wrote into a text, one after the other; a file without its `end` counts as far as it goes. */
export const uuencodedFiles = (text: Uint8Array, maxFiles: number): ReadonlyArray<UuencodedFile> => {
  const files: Array<UuencodedFile> = []
  let position = 0
  while (position < text.length && files.length < maxFiles) {
    const { end, next } = lineAt(text, position, text.length)
    const head = text[position] === 0x62 && end - position < 1_000 ? begin.exec(new TextDecoder("latin1").decode(text.subarray(position, end))) : null
    position = next
    if (head === null) continue
    const pieces: Array<Uint8Array> = []
    while (position < text.length) {
      const line = lineAt(text, position, text.length)
      const bytes = text.subarray(position, line.end)
      position = line.next
      const isLine = bytes.length > 0 && bytes.length <= 90 && bytes.every((byte) => byte >= 0x20 && byte <= 0x60)
      const piece = isLine ? decodeUuLine(bytes) : null
      if (piece === null) break
      pieces.push(piece)
    }
    if (pieces.length > 0) files.push({ name: head[1] ?? "", bytes: joined(pieces) })
  }
  return files
}

/** The beginnings of files that nothing encoded looks like: some senders declare an encoding and do not encode. */
const plainHeads = ["%PDF-", "\u0089PNG", "\u00FF\u00D8\u00FF", "PK\u0003\u0004"]

const isPlain = (bytes: Uint8Array): boolean =>
  plainHeads.some((head) => Array.from(head).every((character, index) => bytes[index] === character.charCodeAt(0)))

/** Whether a transfer encoding is uuencode; its files are taken out by their names (`uuencodedFiles`). */
export const isUuencode = (encoding: string): boolean => /^(x-)?uu(e|encode)$/i.test(encoding)

/** `bytes` as they were before transfer; an encoding that nobody knows is taken for none, uuencode is left for later. */
export const decodeTransfer = (encoding: string, bytes: Uint8Array): Uint8Array => {
  const name = encoding.trim().toLowerCase()
  if (isPlain(bytes)) return bytes
  if (/^base-?64$/.test(name)) return decodeBase64(bytes)
  return /^quoted[- ]?printable$/.test(name) ? decodeQuotedPrintable(bytes) : bytes
}
