import { mailLimits } from "./limits.ts"
import type { MailStructure } from "./MailStructure.ts"

/** A node of a mail's tree with its place in it. */
export interface PlacedPart {
  readonly node: MailStructure
  /** As IMAP numbers it (RFC 3501, 6.4.5). */
  readonly section: string
  readonly isRelated: boolean
  readonly within: ReadonlyArray<string>
}

export interface PlacedParts {
  /** Everything that has no parts of its own. */
  readonly leaves: ReadonlyArray<PlacedPart>
  readonly isTooMany: boolean
}

/** What Dovecot writes for a multipart that it could not take apart: one part without anything. */
const isPlaceholder = (node: MailStructure): boolean =>
  node.type === "text/plain" && node.size === 0 && node.disposition === undefined && node.parameters?.["name"] === undefined

/** A mail in base64 is forbidden and met; servers take what they see of it for its text. */
const isEncoded = (node: MailStructure): boolean => /^(base64|quoted-printable)$/i.test(node.encoding ?? "")

/** Whether the server could take a node apart. */
const hasParts = ({ childNodes = [], ...node }: MailStructure): boolean => {
  const [only, ...others] = childNodes
  if (only === undefined) return false
  return node.type.startsWith("multipart/") ? others.length > 0 || !isPlaceholder(only) : node.type.startsWith("message/") && !isEncoded(node)
}
const join = (section: string, part: string | number): string => (section === "" ? String(part) : `${section}.${part}`)

/**
 * The leaves of a tree in reading order, numbered by ourselves: imapflow gives the only part of a forwarded mail the
 * number of the forward, which fetches the forward's header along with it.
 */
export const leavesOf = (structure: MailStructure): PlacedParts => {
  const leaves: Array<PlacedPart> = []
  let seen = 0
  /** `section` is that of a multipart's own parent, below which its parts are counted. */
  const visit = (node: MailStructure, section: string, isTop: boolean, isRelated: boolean, within: ReadonlyArray<string>, level: number): void => {
    if (++seen > mailLimits.parts) return
    // Beyond the limit a part is taken whole, and taken apart when it is there.
    if (!hasParts(node) || level >= mailLimits.levels) {
      const isBareMultipart = node.type.startsWith("multipart/")
      leaves.push({ node, section: isTop ? join(section, isBareMultipart ? "TEXT" : 1) : section, isRelated, within })
      return
    }
    const children = node.childNodes ?? []
    if (node.type.startsWith("multipart/")) {
      const related = node.type === "multipart/related"
      for (const [index, child] of children.entries()) visit(child, join(section, index + 1), false, related || (isRelated && isAlternative(node)), within, level + 1)
      return
    }
    const own = isTop ? join(section, 1) : section
    const forwarded = [...within, node.envelope?.subject ?? ""]
    for (const child of children.slice(0, 1)) visit(child, own, true, false, forwarded, level + 1)
  }
  visit(structure, "", true, false, [], 0)
  return { leaves, isTooMany: seen > mailLimits.parts }
}

const isAlternative = (node: MailStructure): boolean => node.type === "multipart/alternative"
