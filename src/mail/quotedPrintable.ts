import { joined } from "./bytes.ts"

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

/** A line that does not end is cut here: its bytes need not wait for the rest. */
const longestLine = 256 * 1024

/** Before what may be the beginning of an escape or of blanks that end the line. */
const safeEnd = (bytes: Uint8Array): number => {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x09)) end--
  const escape = bytes.subarray(Math.max(0, end - 2), end).lastIndexOf(0x3d)
  return escape === -1 ? end : Math.max(0, end - 2) + escape
}

/** The same piece by piece: a line's meaning is known when it has ended. */
export class QuotedPrintableDecoder {
  private held: Uint8Array = new Uint8Array(0)

  push(bytes: Uint8Array): Uint8Array {
    const input = this.held.length === 0 ? bytes : joined([this.held, bytes])
    const lastLine = input.lastIndexOf(0x0a) + 1
    const end = input.length - lastLine > longestLine ? safeEnd(input) : lastLine
    this.held = input.slice(end)
    return decodeQuotedPrintable(input.subarray(0, end))
  }

  end(): Uint8Array {
    const rest = this.held
    this.held = new Uint8Array(0)
    return decodeQuotedPrintable(rest)
  }
}
