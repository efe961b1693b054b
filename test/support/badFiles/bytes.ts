import { constants, deflateRawSync } from "node:zlib"

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

export const uint32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** The first `share` of the bytes (0.5 is half), as an interrupted upload leaves them. */
export const cutAt = (bytes: Uint8Array, share: number): Uint8Array => bytes.slice(0, Math.floor(bytes.length * share))

const mebibyte = 1024 * 1024

/** One mebibyte of zeros as deflate blocks that may follow each other any number of times. */
const block = new Uint8Array(deflateRawSync(new Uint8Array(mebibyte), { level: 9, finishFlush: constants.Z_FULL_FLUSH }))

/**
 * A zlib stream (RFC 1950) of `length` zeros, made without ever holding them: about a thousandth of the size.
 */
export const deflatedZeros = (length: number): Uint8Array => {
  const header = Uint8Array.of(0x78, 0xda)
  const blocks = Array.from({ length: Math.floor(length / mebibyte) }, () => block)
  const rest = new Uint8Array(deflateRawSync(new Uint8Array(length % mebibyte), { level: 9 }))
  // Adler-32 of n zeros: the lower sum stays 1, the upper one counts to n.
  const checksum = uint32((length % 65521) * 65536 + 1)
  return concat(header, ...blocks, rest, checksum)
}
