import { joined } from "./bytes.ts"
import { lineAt } from "./headers.ts"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const none = 255
const values = new Uint8Array(256).fill(none)
for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value

const padding = 0x3d
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a

/** So much of a line is looked at behind padding before it counts as base64. */
const longestLook = 256 * 1024
const moreNeeded = -1

/**
 * After padding: how far the next line is base64 again, as where chunks were encoded one by one; `from` where it is
 * something else, such as a mailing list's footer; `moreNeeded` where the line's end decides and has not come yet.
 */
const goesOnUntil = (encoded: Uint8Array, from: number, isLast: boolean): number => {
  let start = from
  while (start < encoded.length && isSpace(encoded[start])) start++
  const { end, next } = lineAt(encoded, start, encoded.length)
  const isWhole = isLast || (next > start && encoded[next - 1] === 0x0a) || end - start > longestLook
  let digits = 0
  for (let position = start; position < end; position++) {
    const byte = encoded[position] ?? 0
    if ((values[byte] ?? none) === none && byte !== padding && !isSpace(byte)) return from
    digits += isSpace(byte) ? 0 : 1
  }
  if (!isWhole) return moreNeeded
  return digits >= 4 && (digits % 4 === 0 || end - start > longestLook) ? end : from
}

/**
 * Base64 as it arrives, piece by piece: foreign characters are passed over, chunks that were padded one by one are
 * joined, a truncated end gives the whole bytes that it holds.
 */
export class Base64Decoder {
  private bits = 0
  private count = 0
  /** What could not be decided yet: it begins behind padding. */
  private held: Uint8Array | null = null
  private isOver = false

  push(bytes: Uint8Array, isLast = false): Uint8Array {
    if (this.isOver) return new Uint8Array(0)
    const isHeld = this.held !== null
    const encoded = this.held === null || this.held.length === 0 ? bytes : joined([this.held, bytes])
    this.held = null
    const decoded = new Uint8Array(Math.ceil(encoded.length * 3 / 4) + 3)
    let length = 0
    /** Up to here padding needs no second look. */
    let knownUntil = 0
    let position = 0
    /** Whether the bytes behind padding go on; otherwise they are held or over. */
    const passPadding = (): boolean => {
      while (encoded[position] === padding) position++
      if (position < knownUntil) return true
      const until = goesOnUntil(encoded, position, isLast)
      if (until === moreNeeded) this.held = encoded.slice(position)
      else if (until === position) this.isOver = true
      knownUntil = until
      return until > position
    }
    if (isHeld && !passPadding()) return decoded.subarray(0, 0)
    while (position < encoded.length) {
      const byte = encoded[position++] ?? 0
      const value = values[byte] ?? none
      if (value !== none) {
        this.bits = (this.bits << 6) | value
        if (++this.count === 4) {
          decoded[length++] = this.bits >> 16
          decoded[length++] = this.bits >> 8
          decoded[length++] = this.bits
          this.bits = this.count = 0
        }
      } else if (byte === padding && this.count >= 2) {
        length = this.flush(decoded, length)
        if (!passPadding()) return decoded.subarray(0, length)
      }
    }
    return decoded.subarray(0, isLast ? this.flush(decoded, length) : length)
  }

  end(): Uint8Array {
    return this.push(new Uint8Array(0), true)
  }

  /** The whole bytes of a group that is not complete. */
  private flush(decoded: Uint8Array, at: number): number {
    let length = at
    if (this.count === 3) decoded[length++] = this.bits >> 10
    if (this.count >= 2) decoded[length++] = this.count === 3 ? this.bits >> 2 : this.bits >> 4
    this.bits = this.count = 0
    return length
  }
}

/** All at once. */
export const decodeBase64 = (encoded: Uint8Array): Uint8Array => new Base64Decoder().push(encoded, true)
