import { decodeBase64 } from "./base64.ts"
import { decodeField } from "./headers.ts"
import { identify, looksLikeMail } from "./identify.ts"
import { mailLimits } from "./limits.ts"
import { picturesShownIn, type ShownPictures } from "./pictures.ts"
import { planParts } from "./planParts.ts"
import { type MimeTree, readMimeTree } from "./readMimeTree.ts"
import { safeName } from "./safeName.ts"
import { leavesOf } from "./sections.ts"
import type { SkipReason } from "./SkipReason.ts"
import { binaryOf, storedText } from "./text.ts"
import { decodeTransfer } from "./transferEncoding.ts"
import { isUuencode, uuencodedFiles } from "./uuencode.ts"
import { signedContent } from "./unpack/signedData.ts"
import { unpackTnef } from "./unpack/tnef.ts"
import { UnpackBudget, type Unpacked } from "./unpack/Unpacked.ts"
import { unzip } from "./unpack/zip.ts"
import type { MailAttachment, SkippedPart, WantedPart } from "./WantedPart.ts"

export type PartOutcome = MailAttachment | SkippedPart

interface Place {
  readonly budget: UnpackBudget
  /** Containers around this one. */
  readonly depth: number
}

const skipped = (part: WantedPart, reason: SkipReason): SkippedPart => ({
  _tag: "SkippedPart",
  reason,
  name: part.name,
  declaredType: part.declaredType,
  section: part.section,
  within: part.within
})

const extensions = { "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "application/xml": "xml" } as const

/** A file of a container as a part of its own: nothing is declared, so its bytes say what it is. */
const inner = (part: WantedPart, place: string, name: string, isPartOfText = false): WantedPart => ({
  section: `${part.section}/${place}`,
  role: "file",
  declaredType: "application/octet-stream",
  encoding: "",
  size: null,
  name: safeName(name),
  isInline: isPartOfText,
  contentId: isPartOfText ? "" : null,
  contentLocation: null,
  isRelated: isPartOfText,
  within: [...part.within, part.name ?? ""],
  isDoubtful: false,
  boundary: null
})

const fromFiles = (part: WantedPart, files: Unpacked, place: Place): ReadonlyArray<PartOutcome> => {
  if (typeof files === "string") return [skipped(part, files)]
  const outcomes: Array<PartOutcome> = []
  for (const [index, found] of files.entries()) {
    const wanted = inner(part, `${index + 1}`, found.name, found.isPartOfText)
    if (!place.budget.takeFile()) return [...outcomes, skipped(wanted, "too-many-parts")]
    const bytes = found.read(place.budget)
    outcomes.push(...(typeof bytes === "string" ? [skipped(wanted, bytes)] : outcomesOf(wanted, bytes, null, place)))
  }
  return outcomes
}

const fromTree = (part: WantedPart, tree: MimeTree, within: ReadonlyArray<string>, place: Place): ReadonlyArray<PartOutcome> => {
  const nodes = new Map(leavesOf(tree.structure).leaves.map(({ node, section }) => [section, node]))
  const plan = planParts(tree.structure)
  const bytesOf = (wanted: WantedPart): Uint8Array => {
    const node = nodes.get(wanted.section)
    return node === undefined ? new Uint8Array(0) : decodeTransfer(wanted.encoding, tree.bodyOf(node))
  }
  const moved = <P extends WantedPart | SkippedPart>(one: P): P => ({ ...one, section: `${part.section}/${one.section}`, within: [...within, ...one.within] })
  const shown = picturesShownIn(plan.pages.map(bytesOf))
  // Here the sizes are those of the bytes.
  const outcomes: Array<PartOutcome> = [...plan.skipped, ...plan.bySize.map((one) => one.skipped)].map(moved)
  for (const wanted of plan.wanted) {
    if (!place.budget.takeFile()) return [...outcomes, skipped(moved(wanted), "too-many-parts")]
    const bytes = bytesOf(wanted)
    place.budget.spend(bytes.length)
    if (place.budget.room === 0) return [...outcomes, skipped(moved(wanted), "suspicious-container")]
    outcomes.push(...outcomesOf(moved(wanted), bytes, shown, place))
  }
  return tree.isCut ? [...outcomes, skipped(part, "too-many-parts")] : outcomes
}

const fromMail = (part: WantedPart, bytes: Uint8Array, place: Place): ReadonlyArray<PartOutcome> => {
  const tree = readMimeTree(bytes)
  const subject = decodeField(tree.header.fields.get("subject")?.[0] ?? "")
  return fromTree(part, tree, [...part.within, storedText(subject, 200) || part.name || ""], place)
}

/** A signed mail, or a signed file that is called like it with ".p7m" behind. */
const fromSigned = (part: WantedPart, bytes: Uint8Array, place: Place): ReadonlyArray<PartOutcome> => {
  const content = signedContent(bytes)
  if (typeof content === "string") return [skipped(part, content)]
  const wanted = { ...inner(part, "1", (part.name ?? "").replace(/\.p7m$/i, "")), within: part.within }
  // Before anything else: a file that was not encoded would be seen behind the header.
  return looksLikeMail(binaryOf(content.subarray(0, mailLimits.head))) ? fromMail(wanted, content, place) : outcomesOf(wanted, content, null, place)
}

const outcomesOf = (part: WantedPart, bytes: Uint8Array, shown: ShownPictures | null, place: Place): ReadonlyArray<PartOutcome> => {
  // A prologue of an XML may be longer than the head that decides everything else.
  const identity = identify(part, bytes.subarray(0, 64 * 1024), bytes.length, shown)
  if (identity._tag === "Skip") return [skipped(part, identity.reason)]
  if (identity._tag === "File") {
    const { mediaType } = identity
    return [{ _tag: "MailAttachment", bytes, mediaType, name: part.name ?? `attachment.${extensions[mediaType]}`, section: part.section, within: part.within }]
  }
  if (place.depth >= mailLimits.containers) return [skipped(part, "too-deep")]
  if (bytes.length > mailLimits.container) return [skipped(part, "too-large")]
  const deeper = { ...place, depth: place.depth + 1 }
  switch (identity.kind) {
    case "zip":
      return fromFiles(part, unzip(bytes), deeper)
    case "tnef":
      return fromFiles(part, unpackTnef(bytes), deeper)
    case "cms":
      return fromSigned(part, bytes, deeper)
    case "base64-cms":
      return fromSigned(part, decodeBase64(withoutArmour(bytes)), deeper)
    case "mail":
      return fromMail(part, bytes, deeper)
    case "multipart":
      return fromTree(part, readMimeTree(bytes, { type: part.declaredType, parameters: part.boundary === null ? {} : { boundary: part.boundary } }), part.within, deeper)
    case "uuencoded": {
      const isWhole = isUuencode(part.encoding)
      const files = uuencodedFiles(bytes, isWhole ? 1 : mailLimits.files).map(({ bytes: content, name }) => ({ name: (isWhole ? part.name : null) ?? name, read: () => content }))
      // A text without any is a text that people read, and nothing that was left out.
      return part.role === "text" || isWhole ? fromFiles(part, files, deeper).map((outcome) => ({ ...outcome, within: part.within })) : fromFiles(part, files, deeper)
    }
  }
}

/** PEM's first and last lines are letters too, and no base64. */
const withoutArmour = (bytes: Uint8Array): Uint8Array => {
  const text = new TextDecoder("latin1").decode(bytes)
  return new TextEncoder().encode(text.replaceAll(/-----[^\n-]{1,80}-----/g, ""))
}

/**
 * What becomes an invoice of one part, and what does not with its reason. `bytes` are decoded of their transfer
 * encoding (`decodeTransfer`, or imapflow's download). Containers are unpacked within `mailLimits`. `shown`: which
 * pictures the mail's text shows (`picturesShownIn`); null where that is not known.
 *
 * Never fails and never runs away: whatever the bytes are, the work is linear in them and in what they unpack to.
 */
export const attachmentsOf = (part: WantedPart, bytes: Uint8Array, shown: ShownPictures | null = null): ReadonlyArray<PartOutcome> =>
  part.role === "page" ? [] : outcomesOf(part, bytes, shown, { budget: new UnpackBudget(mailLimits.unpacked, mailLimits.files), depth: 0 })

/** What the first bytes of a part decide: for fetching no more than that, and for streaming a file to where it is kept. */
export type HeadVerdict =
  | { readonly _tag: "File"; readonly mediaType: MailAttachment["mediaType"]; readonly name: string }
  /** Fetch all of it, for `attachmentsOf`. */
  | { readonly _tag: "Container" }
  | SkippedPart

/**
 * Judges a part by its beginning: `head` are its first `mailLimits.head` bytes or more (decoded; fewer where it has no
 * more), `length` all its bytes, or the most it can have where that is not known yet.
 */
export const judgeHead = (part: WantedPart, head: Uint8Array, length: number, shown: ShownPictures | null = null): HeadVerdict => {
  const identity = identify(part, head, length, shown)
  if (identity._tag === "Skip") return skipped(part, identity.reason)
  return identity._tag === "Container" ? identity : { ...identity, name: part.name ?? `attachment.${extensions[identity.mediaType]}` }
}

/** A whole mail that is at hand as bytes, such as a file from a mail program. */
export const attachmentsOfMail = (mail: Uint8Array): ReadonlyArray<PartOutcome> =>
  fromTree(
    wholeMail,
    readMimeTree(mail),
    [],
    { budget: new UnpackBudget(mailLimits.unpacked, mailLimits.files), depth: 0 }
  ).map((outcome) => ({ ...outcome, section: outcome.section.replace(/^\//, "") }))

/** The mail itself as one section. */
export const wholeMail: WantedPart = {
  section: "",
  role: "container",
  declaredType: "message/rfc822",
  encoding: "",
  size: null,
  name: null,
  isInline: false,
  contentId: null,
  contentLocation: null,
  isRelated: false,
  within: [],
  isDoubtful: false,
  boundary: null
}
