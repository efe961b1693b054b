import { decodeWords } from "./headers.ts"
import { mailLimits } from "./limits.ts"
import { binaryOf } from "./text.ts"
import type { SkipReason } from "./SkipReason.ts"
import type { WantedPart } from "./WantedPart.ts"

/** Bytes; below this no picture of an invoice is legible. */
export const smallestPicture = 5 * 1024

/** Bytes; below this a picture that the text shows is a logo, an icon or a signature. */
const smallestShownPicture = 10 * 1024

/** Pixels of the shorter side from which a page can be read. */
const legibleSide = 600

/** Wider than any page or photo (16:9 is 1.78): banners. */
const widestPage = 1.9

/** The pictures that the bodies of a mail show, by what they call them. */
export interface ShownPictures {
  readonly ids: ReadonlySet<string>
  readonly addresses: ReadonlySet<string>
}

const unescape = (text: string): string => {
  const plain = text.replaceAll("&amp;", "&")
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

const cid = /cid:([^"'<>\s\\)\]]{1,500})/gi
const source = /(?:src|background)\s{0,5}=\s{0,5}["']?([^"'<>\s]{1,2000})|url\(\s{0,5}["']?([^"'<>\s)]{1,2000})/gi

/** Which pictures the (decoded) bodies show: `cid:` as RFC 2392 has it, and addresses by Content-Location. */
export const picturesShownIn = (pages: Iterable<Uint8Array>): ShownPictures => {
  const ids = new Set<string>()
  const addresses = new Set<string>()
  for (const page of pages) {
    const html = binaryOf(page.subarray(0, mailLimits.page))
    for (const [, id] of html.matchAll(cid)) if (id !== undefined) ids.add(unescape(id).toLowerCase())
    for (const [, direct, styled] of html.matchAll(source)) addresses.add(unescape(direct ?? styled ?? ""))
  }
  return { ids, addresses }
}

/** Whether it lies as pictures of a text do, by what its sender says of it. */
const liesInText = (part: WantedPart): boolean => part.contentId !== null && part.isInline && part.isRelated

/** Without the bodies (`shown` null), a picture with a Content-ID beside a text counts as shown by it. */
const isShown = (part: WantedPart, shown: ShownPictures | null): boolean => {
  if (shown === null) return part.contentId !== null && (part.isRelated || part.isInline)
  // Some mailers show by its name what has no id.
  const id = part.contentId ?? part.name
  const address = part.contentLocation === null ? null : decodeWords(part.contentLocation)
  return (id !== null && shown.ids.has(id.toLowerCase())) || (address !== null && shown.addresses.has(unescape(address)))
}

export interface PictureSize {
  readonly width: number
  readonly height: number
}

const be16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

/** Width and height in pixels as a PNG's or JPEG's header says; null where it cannot be seen in these bytes. */
export const pictureSize = (bytes: Uint8Array): PictureSize | null => {
  if (bytes[0] === 0x89) return bytes.length < 24 ? null : { width: be16(bytes, 16) * 65_536 + be16(bytes, 18), height: be16(bytes, 20) * 65_536 + be16(bytes, 22) }
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) at++
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: be16(bytes, at + 7), height: be16(bytes, at + 5) }
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + Math.max(2, be16(bytes, at + 2))
  }
  return null
}

/** As large and as shaped as a page or a photo of one; what does not show its size is taken for a photo. */
const isPageLike = (size: PictureSize | null): boolean =>
  size === null || (Math.min(size.width, size.height) >= legibleSide && size.width <= size.height * widestPage)

/**
 * The logo rule (docs/mail.md): why a picture is no invoice, null when it may be one. A loose picture of 5 KiB or more
 * may be one wherever it lies. One that the text shows belongs to the text, unless it is as large as a photographed
 * page: phones put photos into the text. `head` is the picture or its beginning, `length` its size in bytes.
 */
export const whyNoInvoicePicture = (part: WantedPart, head: Uint8Array, length: number, shown: ShownPictures | null): SkipReason | null => {
  const isPartOfText = isShown(part, shown)
  if (length < smallestShownPicture && (isPartOfText || liesInText(part))) return "picture-in-text"
  if (isPartOfText && !isPageLike(pictureSize(head))) return "picture-in-text"
  return length < smallestPicture ? "picture-too-small" : null
}
