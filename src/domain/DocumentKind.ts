/** The kinds of file that are read. Decided by the first bytes, never by a name or a declared type. */
export type DocumentKind = "jpeg" | "png" | "pdf" | "xml"

/** A kind that is recognised only to say in plain words that it is not read. */
export type OtherKind = "heic" | "tiff" | "webp" | "gif" | "bmp" | "zip" | "html" | "text" | "unknown"

const ascii = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length))

const startsWith = (bytes: Uint8Array, ...head: ReadonlyArray<number>): boolean =>
  bytes.length >= head.length && head.every((byte, index) => bytes[index] === byte)

/** HEIF brands (ISO/IEC 23008-12); AVIF shares the container and is not read either. */
const heifBrands = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1", "avif", "avis"])

const textKind = (head: string): DocumentKind | OtherKind => {
  // A byte order mark goes with the white space.
  const text = head.trimStart()
  if (/^<(!doctype html|html)\b/i.test(text)) return "html"
  if (/^<(\?xml|!--|!doctype|[a-z_][\w.-]*(:[\w.-]+)?[\s>/])/i.test(text)) return "xml"
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what tells text from data
  return text.length > 0 && !/[\u0000-\u0008\u000E-\u001A\uFFFD]/.test(text) ? "text" : "unknown"
}

const decodeHead = (bytes: Uint8Array): string => {
  const head = bytes.subarray(0, 1024)
  if (startsWith(head, 0xff, 0xfe)) return new TextDecoder("utf-16le").decode(head)
  if (startsWith(head, 0xfe, 0xff)) return new TextDecoder("utf-16be").decode(head)
  // A multi-byte character may be cut at the end of the head: `stream` keeps that from counting as rubbish.
  return new TextDecoder("utf-8").decode(head, { stream: true })
}

/**
 * What the first bytes say (magic numbers of the formats' own specifications). A PDF's header may stand
 * anywhere in the first 1024 bytes (ISO 32000-1, annex H.3, note 13), which real mail attachments make use of.
 */
export const detectKind = (bytes: Uint8Array): DocumentKind | OtherKind => {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return "jpeg"
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png"
  if (ascii(bytes, 0, Math.min(1024, bytes.length)).includes("%PDF-")) return "pdf"
  if (ascii(bytes, 4, 4) === "ftyp" && heifBrands.has(ascii(bytes, 8, 4))) return "heic"
  if (startsWith(bytes, 0x49, 0x49, 0x2a, 0x00) || startsWith(bytes, 0x4d, 0x4d, 0x00, 0x2a)) return "tiff"
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP") return "webp"
  if (ascii(bytes, 0, 4) === "GIF8") return "gif"
  if (ascii(bytes, 0, 2) === "BM" && bytes.length > 26) return "bmp"
  if (startsWith(bytes, 0x50, 0x4b, 0x03, 0x04)) return "zip"
  return textKind(decodeHead(bytes))
}
