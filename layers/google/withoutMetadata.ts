/** Offsets and lengths below are big-endian, as both formats write them. */
const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
const uint32 = (bytes: Uint8Array, at: number): number => uint16(bytes, at) * 65_536 + uint16(bytes, at + 2)

const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * Segments that decoding needs: all but comments and the application's own, of which JFIF (APP0), the colour profile
 * (APP2, where it is one) and Adobe's colour transform (APP14) stay.
 */
const jpegSegmentStays = (marker: number, segment: Uint8Array): boolean =>
  marker === 0xe2
    ? String.fromCharCode(...segment.subarray(4, 15)) === "ICC_PROFILE"
    : marker === 0xe0 || marker === 0xee || !((marker >= 0xe1 && marker <= 0xef) || marker === 0xfe)

/** JPEG (ITU T.81, annex B): segments up to the first scan are looked at, everything after it is taken as it is. */
const jpegWithoutMetadata = (bytes: Uint8Array): Uint8Array => {
  const parts: Array<Uint8Array> = [bytes.subarray(0, 2)]
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) break
    const marker = bytes[at + 1] ?? 0
    // Fill bytes, and the start of the scan, behind which metadata is no more.
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0xda) break
    const end = at + 2 + uint16(bytes, at + 2)
    const segment = bytes.subarray(at, end)
    if (jpegSegmentStays(marker, segment)) parts.push(segment)
    at = end
  }
  return join([...parts, endOfPicture(bytes.subarray(at))])
}

/**
 * Telephones append whole other files behind the picture's end (previews, films): what follows the last marker goes.
 * Inside a scan 0xFF is followed by 0 or a restart marker; tables between the scans of a progressive picture are skipped.
 */
const endOfPicture = (rest: Uint8Array): Uint8Array => {
  let at = 0
  while (at + 1 < rest.length) {
    const marker = rest[at] === 0xff ? rest[at + 1] ?? 0 : 0
    if (marker === 0xd9) return rest.subarray(0, at + 2)
    const isSegment = marker >= 0xc0 && marker <= 0xfe && !(marker >= 0xd0 && marker <= 0xd7)
    at += isSegment ? 2 + uint16(rest, at + 2) : marker === 0 || marker === 0xff ? 1 : 2
  }
  return rest
}

const pngMetadata: ReadonlySet<string> = new Set(["eXIf", "tEXt", "zTXt", "iTXt", "tIME"])

/** PNG (ISO/IEC 15948): chunks of length, type, data and check sum. */
const pngWithoutMetadata = (bytes: Uint8Array): Uint8Array => {
  const parts: Array<Uint8Array> = [bytes.subarray(0, 8)]
  let at = 8
  while (at + 12 <= bytes.length) {
    const end = at + 12 + uint32(bytes, at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (!pngMetadata.has(type)) parts.push(bytes.subarray(at, end))
    at = end
    if (type === "IEND") break
  }
  return join(parts)
}

/**
 * The same picture, pixel by pixel, without what its maker wrote beside it: place, time, device, previews (EXIF, XMP,
 * comments). The orientation goes with them, so it must be the ordinary one. Other formats come back as they are.
 */
export const withoutMetadata = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegWithoutMetadata(bytes) : bytes[0] === 0x89 ? pngWithoutMetadata(bytes) : bytes
