import { declaredKind } from "./declaredKind.ts"
import { mailLimits } from "./limits.ts"
import type { MailStructure } from "./MailStructure.ts"
import { partName } from "./partName.ts"
import { leavesOf, type PlacedPart } from "./sections.ts"
import { smallestPicture } from "./pictures.ts"
import type { SkipReason } from "./SkipReason.ts"
import { storedText } from "./text.ts"
import { encodingName } from "./transferEncoding.ts"
import type { SkippedPart, WantedPart } from "./WantedPart.ts"

/** What to fetch of a mail, by its structure alone. */
export interface PartsPlan {
  readonly wanted: ReadonlyArray<WantedPart>
  readonly skipped: ReadonlyArray<SkippedPart>
  /** Left out for nothing but the size that is said of them. */
  readonly bySize: ReadonlyArray<LeftOutBySize>
  /**
   * Bodies that tell which pictures belong to the text; empty where no wanted picture could be shown by one. Fetch
   * these first (at most `mailLimits.page` bytes of each) and give them to `picturesShownIn`.
   */
  readonly pages: ReadonlyArray<WantedPart>
}

/**
 * A part that would be wanted if its size were another one. Servers say wrong ones: whether the part, as transferred, has
 * a byte at `offset` tells.
 */
export interface LeftOutBySize {
  readonly part: WantedPart
  readonly skipped: SkippedPart
  readonly offset: number
  /** What that says: the part is wanted if it reaches so far (it was said to be too small), or if it does not. */
  readonly isWantedIfReaching: boolean
}

const withoutBrackets = (id: string | undefined): string | null => {
  const bare = (id ?? "").trim().replace(/^<|>$/g, "")
  return bare === "" ? null : bare
}

const isBase64 = (part: WantedPart): boolean => part.encoding === "base64"

/**
 * At least so many bytes come out of `size` transferred ones. Base64 in lines of 76 and CRLF is what takes most; the
 * last line may be short.
 */
const leastDecoded = (part: WantedPart): number => {
  if (part.size === null) return 0
  return isBase64(part) ? Math.max(0, Math.floor(part.size * 57 / 78) - 57) : part.encoding === "quoted-printable" ? Math.floor(part.size / 3) : part.size
}

const placed = ({ isRelated, node, section, within }: PlacedPart): WantedPart => ({
  section,
  role: "file",
  declaredType: storedText(node.type, 100).toLowerCase(),
  encoding: encodingName(node.encoding ?? ""),
  size: node.size ?? null,
  name: partName(node),
  isInline: node.disposition === "inline",
  contentId: withoutBrackets(node.id),
  contentLocation: node.location?.trim() || null,
  isRelated,
  within: within.map((subject) => storedText(subject, 200)),
  isDoubtful: false,
  boundary: node.parameters?.["boundary"] || null
})

const skipped = (part: WantedPart, reason: SkipReason): SkippedPart => ({
  _tag: "SkippedPart",
  reason,
  name: part.name,
  declaredType: part.declaredType,
  section: part.section,
  within: part.within
})

/** Text without a name that was not attached: what people read. */
const isBody = (part: WantedPart, node: MailStructure): boolean =>
  /^text\/(plain|html|enriched|richtext|watch-html|x-amp-html)$/.test(part.declaredType) && part.name === null && node.disposition !== "attachment"

/** The smallest body that is searched for a uuencoded file: an invoice of 1 kB does not exist. */
const smallestUuencoded = 1_500

/**
 * A body that may be or hold a file: plain text long enough for a uuencoded one, or base64 although it claims to be
 * ASCII (parts without any type look like that).
 */
const bodyToSearch = (part: WantedPart, node: MailStructure): WantedPart | null => {
  if (part.declaredType !== "text/plain" || (part.size !== null && (part.size < smallestUuencoded || part.size > mailLimits.text))) return null
  const charset = node.parameters?.["charset"]?.toLowerCase() ?? "us-ascii"
  if (isBase64(part)) return charset === "us-ascii" ? { ...part, role: "text", isDoubtful: true } : null
  return part.encoding === "quoted-printable" ? null : { ...part, role: "text" }
}

interface BySize {
  readonly reason: SkipReason
  readonly offset: number
}
type Sorted = { readonly wanted: WantedPart; readonly unless?: BySize } | { readonly skipped: SkipReason } | "body"

/** As far as a part of so many bytes can go at most when it is transferred: base64 in short lines, or everything escaped. */
const mostTransferred = (part: WantedPart, bytes: number): number => (isBase64(part) ? Math.ceil(bytes * 1.5) : part.encoding === "quoted-printable" ? bytes * 3.2 : bytes)

const sort = (part: WantedPart, node: MailStructure): Sorted => {
  if (isBody(part, node)) {
    const searched = bodyToSearch(part, node)
    return searched === null ? "body" : { wanted: searched }
  }
  const kind = declaredKind(part.declaredType, part.name, isBase64(part), node.parameters?.["smime-type"])
  if (kind._tag === "Skip") return { skipped: kind.reason }
  const wanted: WantedPart = kind._tag === "Container" ? { ...part, role: "container" } : { ...part, isDoubtful: kind._tag === "Doubtful" }
  const unless = (reason: SkipReason, offset: number): Sorted => ({ wanted, unless: { reason, offset } })
  if (part.size === 0) return unless("empty", 0)
  const limit = kind._tag === "Container" ? mailLimits.container : mailLimits.file
  if (leastDecoded(part) > limit) return unless("too-large", mostTransferred(part, limit))
  const isSmallPicture = kind._tag !== "Container" && part.declaredType.startsWith("image/") && part.size !== null && part.size < smallestPicture && !/\.(pdf|xml)$/i.test(part.name ?? "")
  return isSmallPicture ? unless("picture-too-small", smallestPicture) : { wanted }
}

const isPicture = (part: WantedPart): boolean => part.role === "file" && (part.declaredType.startsWith("image/") || /\.(jpe?g|png)$/i.test(part.name ?? ""))

/**
 * Decides by the structure alone which sections of a mail are worth fetching: whatever may be or hold an invoice file,
 * whatever it is declared to be. Calendars, contact cards, signatures, reports and the text are not. Bounded by
 * `mailLimits`; what is left out is named in `skipped`.
 */
export const planParts = (structure: MailStructure): PartsPlan => {
  const { isTooMany, leaves } = leavesOf(structure)
  const wanted: Array<WantedPart> = []
  const left: Array<SkippedPart> = []
  const bySize: Array<LeftOutBySize> = []
  const html: Array<WantedPart> = []
  const plain: Array<WantedPart> = []
  for (const leaf of leaves) {
    const part = placed(leaf)
    const sorted = sort(part, leaf.node)
    if (isBody(part, leaf.node)) (part.declaredType === "text/html" ? html : plain).push({ ...part, role: "page" })
    if (sorted === "body") continue
    if ("skipped" in sorted) left.push(skipped(part, sorted.skipped))
    else if (sorted.unless !== undefined) {
      const { offset, reason } = sorted.unless
      if (bySize.length < mailLimits.doubted) bySize.push({ part: { ...sorted.wanted, size: null }, skipped: skipped(part, reason), offset, isWantedIfReaching: reason !== "too-large" })
      else left.push(skipped(part, reason))
    }
    else if (wanted.length < mailLimits.files) wanted.push(sorted.wanted)
    else if (wanted.length === mailLimits.files && !left.some(({ reason }) => reason === "too-many-parts")) left.push(skipped(part, "too-many-parts"))
  }
  const last = leaves.at(-1)
  if (last !== undefined && isTooMany && !left.some(({ reason }) => reason === "too-many-parts")) left.push(skipped(placed(last), "too-many-parts"))
  const texts = [...html, ...plain]
  // Where there is no text, nothing can show a picture.
  const unshown = (part: WantedPart): WantedPart => ({ ...part, contentId: null, contentLocation: null })
  if (texts.length === 0) return { wanted: wanted.map(unshown), skipped: left, bySize: bySize.map((one) => ({ ...one, part: unshown(one.part) })), pages: [] }
  const mayBeShown = wanted.some((part) => isPicture(part) && (part.contentId !== null || part.contentLocation !== null || part.isRelated))
  return { wanted, skipped: left, bySize, pages: mayBeShown ? texts.slice(0, mailLimits.pages) : [] }
}

/** The wanted sections alone. */
export const wantedParts = (structure: MailStructure): ReadonlyArray<WantedPart> => planParts(structure).wanted
