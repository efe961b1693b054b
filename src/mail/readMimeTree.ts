import { Boundaries, nextHyphens } from "./boundaries.ts"
import { decodeField, type HeaderBlock, lineAt, parseStructuredField, readHeaderBlock } from "./headers.ts"
import { mailLimits } from "./limits.ts"
import type { MailStructure } from "./MailStructure.ts"
import { binaryOf } from "./text.ts"

/** A mail at hand as bytes: the tree as IMAP would give it, and the raw bytes of each node's body. */
export interface MimeTree {
  readonly structure: MailStructure
  readonly header: HeaderBlock
  /** Still in its transfer encoding; of the nodes of this tree only. */
  readonly bodyOf: (node: MailStructure) => Uint8Array
  /** The mail has more parts than are looked at. What lies deeper than is looked at stays one part, with no parts of its own. */
  readonly isCut: boolean
}

interface Building {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly id: string | undefined
  readonly encoding: string
  readonly disposition: string | undefined
  readonly dispositionParameters: Readonly<Record<string, string>>
  readonly location: string | undefined
  readonly description: string | undefined
  /** Of the mail inside a message/rfc822. */
  subject: string | undefined
  readonly bodyStart: number
  bodyEnd: number
  readonly children: Array<Building>
  /** Of a multipart; null until it is guessed from the first line that could be one. */
  boundary: string | null
}

const isIdentity = (encoding: string): boolean => /^(|7bit|8bit|binary|7-bit|8-bit)$/.test(encoding)
const isMultipart = (node: Building): boolean => node.type.startsWith("multipart/")
const isMail = (node: Building): boolean => /^message\/(rfc822|global|news)$/.test(node.type) && isIdentity(node.encoding)

const first = (header: HeaderBlock, name: string): string | undefined => header.fields.get(name)?.[0]

const nodeOf = (header: HeaderBlock, fallbackType: string, to: number): Building => {
  const contentType = parseStructuredField(first(header, "content-type") ?? "")
  const disposition = first(header, "content-disposition")
  const structured = disposition === undefined ? undefined : parseStructuredField(disposition)
  const text = (name: string) => {
    const value = first(header, name)
    return value === undefined ? undefined : decodeField(value)
  }
  return {
    type: /^[^/]+\/[^/]+$/.test(contentType.value) ? contentType.value : fallbackType,
    parameters: contentType.parameters,
    id: text("content-id"),
    encoding: (/^[^\s;(]*/.exec((first(header, "content-transfer-encoding") ?? "").trim())?.[0] ?? "").toLowerCase(),
    disposition: structured?.value,
    dispositionParameters: structured?.parameters ?? {},
    location: text("content-location"),
    description: text("content-description"),
    subject: undefined,
    bodyStart: header.bodyStart,
    bodyEnd: to,
    children: [],
    boundary: contentType.parameters["boundary"] || null
  }
}

/** Boundaries have at most 70 characters (RFC 2046); mailers go beyond. */
const longestDelimiter = 1_000
const longestGuess = 100
/** Lines of a mail that are tried for it. */
const mostGuesses = 10_000

/** A line that may be the first delimiter of a multipart that does not name its boundary. */
const guessable = /^--\S.*[^-]$/

const finished = (node: Building, bodies: Map<MailStructure, readonly [number, number]>): MailStructure => {
  const children = node.children.map((child) => finished(child, bodies))
  const structure: MailStructure = {
    type: node.type,
    parameters: node.parameters,
    id: node.id,
    description: node.description,
    encoding: node.encoding,
    size: node.bodyEnd - node.bodyStart,
    disposition: node.disposition,
    dispositionParameters: node.dispositionParameters,
    location: node.location,
    childNodes: children.length === 0 ? undefined : children,
    envelope: node.subject === undefined ? undefined : { subject: node.subject }
  }
  bodies.set(structure, [node.bodyStart, node.bodyEnd])
  return structure
}

/**
 * Reads the parts of a mail in one pass, without decoding any. Malformed mails give what can be found: a multipart
 * without a boundary takes the first line that could be one, one without its end goes to the end of what is around it,
 * parts past the limits of number and depth stay in the part that they are in. Never fails; linear in the bytes.
 */
export const readMimeTree = (bytes: Uint8Array, bodyType?: MailStructure): MimeTree => {
  const tree = readWith(bytes, bodyType, false)
  const { childNodes, parameters, type } = tree.structure
  // A boundary that is nowhere in the mail is a wrong one.
  const isLost = type.startsWith("multipart/") && childNodes === undefined && parameters?.["boundary"] !== undefined
  return isLost ? readWith(bytes, bodyType, true) : tree
}

const readWith = (bytes: Uint8Array, bodyType: MailStructure | undefined, ignoresBoundary: boolean): MimeTree => {
  const header: HeaderBlock = bodyType === undefined ? readHeaderBlock(bytes) : { fields: new Map(), bodyStart: 0 }
  const root: Building = bodyType === undefined
    ? nodeOf(header, "text/plain", bytes.length)
    : { ...nodeOf(header, "multipart/mixed", bytes.length), type: bodyType.type, parameters: bodyType.parameters ?? {}, boundary: bodyType.parameters?.["boundary"] || null }
  if (ignoresBoundary) root.boundary = null
  const open: Array<Building> = []
  const boundaries = new Boundaries()
  let parts = 0
  let isCut = false
  let guesses = 0

  const hasRoom = (): boolean => {
    isCut ||= parts >= mailLimits.parts
    return parts < mailLimits.parts && open.length < mailLimits.levels
  }
  const push = (node: Building): void => {
    if (node.boundary !== null && isMultipart(node)) boundaries.add(node.boundary, open.length)
    open.push(node)
    parts++
  }
  /** Opens a part and the mails that begin with its body; gives where to go on. */
  const enter = (node: Building): number => {
    let inner = node
    push(inner)
    while (isMail(inner) && hasRoom()) {
      const head = readHeaderBlock(bytes, inner.bodyStart)
      inner.subject = decodeField(first(head, "subject") ?? "")
      const child = nodeOf(head, "text/plain", bytes.length)
      inner.children.push(child)
      inner = child
      push(inner)
    }
    return inner.bodyStart
  }
  const close = (level: number, before: number): void => {
    for (const node of open.splice(level)) {
      if (node.boundary !== null && isMultipart(node)) boundaries.remove(node.boundary)
      node.bodyEnd = Math.max(node.bodyStart, before)
    }
  }

  let position = nextHyphens(bytes, enter(root))
  while (position < bytes.length && open.length > 0) {
    const { end, next } = lineAt(bytes, position, bytes.length)
    const innermost = open.at(-1)
    if (innermost?.boundary === null && isMultipart(innermost) && end - position <= longestGuess && guesses++ < mostGuesses) {
      const line = binaryOf(bytes.subarray(position, end)).trimEnd()
      if (guessable.test(line)) {
        innermost.boundary = line.slice(2)
        boundaries.add(innermost.boundary, open.length - 1)
      }
    }
    const found = end - position <= longestDelimiter ? boundaries.find(bytes, position, end) : null
    const container = found === null ? undefined : open[found.level]
    let after = next
    if (found !== null && container !== undefined) {
      const lineBreak = bytes[position - 2] === 0x0d && bytes[position - 1] === 0x0a ? 2 : 1
      close(found.level + (found.isEnd ? 0 : 1), position - lineBreak)
      if (!found.isEnd && hasRoom()) {
        const node = nodeOf(readHeaderBlock(bytes, next), container.type === "multipart/digest" ? "message/rfc822" : "text/plain", bytes.length)
        container.children.push(node)
        after = enter(node)
      }
    }
    position = isCut ? bytes.length : nextHyphens(bytes, after)
  }
  const bodies = new Map<MailStructure, readonly [number, number]>()
  const structure = finished(root, bodies)
  return {
    structure,
    header,
    bodyOf: (node) => {
      const [from, to] = bodies.get(node) ?? [0, 0]
      return bytes.subarray(from, to)
    },
    isCut
  }
}
