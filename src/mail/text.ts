/**
 * Text as PostgreSQL can store it and JSON can carry it: no NUL, no half of a surrogate pair. At most `limit`
 * characters, never cut within a pair.
 */
export const storedText = (text: string, limit = 2_000): string =>
  text.slice(0, limit).replaceAll("\0", "").toWellFormed()

const fatal = (charset: string, bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Dovecot gives 0x80 for a NUL; behind ASCII it cannot be a part of a character of UTF-8. */
const withoutNuls = (bytes: Uint8Array): Uint8Array => bytes.filter((byte, index) => byte !== 0x80 || (bytes[index - 1] ?? 0) >= 0x80)

/**
 * Bytes of unknown encoding: UTF-8 where they are (nothing else looks like it by accident), else Windows-1252, where
 * 0x80 is the euro.
 */
export const decodeUnknown = (bytes: Uint8Array): string => {
  const utf8 = fatal("utf-8", bytes)
  if (utf8 !== null) return utf8
  const cleaned = withoutNuls(bytes)
  const isUtf8 = cleaned.length < bytes.length && cleaned.some((byte) => byte >= 0x80)
  return (isUtf8 ? fatal("utf-8", cleaned) : null) ?? new TextDecoder("windows-1252").decode(bytes)
}

/** A string that holds one byte per character, as header lines are read. */
export const bytesOfBinary = (binary: string): Uint8Array => Uint8Array.from(binary, (character) => character.charCodeAt(0) & 0xff)

/** One character per byte, whatever the bytes are. */
export const binaryOf = (bytes: Uint8Array): string => {
  let text = ""
  for (let from = 0; from < bytes.length; from += 8_192) text += String.fromCharCode(...bytes.subarray(from, from + 8_192))
  return text
}
