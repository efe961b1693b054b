import { joined } from "./bytes.ts"
import { lineAt } from "./headers.ts"

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

/** Whether a transfer encoding is uuencode; its files are taken out by their names (`uuencodedFiles`). */
export const isUuencode = (encoding: string): boolean => /^(x-)?uu(e|encode)$/i.test(encoding)
