import { binaryOf } from "./text.ts"
import { decodeField, type HeaderBlock, lineAt, parseStructuredField, readHeaderBlock } from "./headers.ts"
import { mailLimits } from "./limits.ts"
import type { MailStructure } from "./MailStructure.ts"

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

/** The open multiparts by their boundary; where two have the same, the inner one counts. */
class Boundaries {
  private readonly levels = new Map<string, Array<number>>()

  add(boundary: string, level: number): void {
    const levels = this.levels.get(boundary)
    if (levels === undefined) this.levels.set(boundary, [level])
    else levels.push(level)
  }

  remove(boundary: string): void {
    this.levels.get(boundary)?.pop()
  }

  /** What a line that begins with two hyphens delimits. */
  find(line: string): { readonly level: number; readonly isEnd: boolean } | null {
    const text = line.slice(2).trimEnd()
    const part = this.levels.get(text)?.at(-1)
    if (part !== undefined) return { level: part, isEnd: false }
    const end = text.endsWith("--") ? this.levels.get(text.slice(0, -2))?.at(-1) : undefined
    return end === undefined ? null : { level: end, isEnd: true }
  }
}

/** Boundaries have at most 70 characters (RFC 2046); mailers go beyond. */
const maxDelimiter = 1_000

/** A line that may be the first delimiter of a multipart that does not name its boundary. */
const guessable = /^--\S.{0,98}$/

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
 * parts past the limits of number and depth stay in the part that they are in. Never fails; linear in the bytes (a line
 * that begins with hyphens is held against at most `mailLimits.levels` boundaries).
 */
export const readMimeTree = (bytes: Uint8Array, bodyType?: MailStructure): MimeTree => {
  const header: HeaderBlock = bodyType === undefined ? readHeaderBlock(bytes) : { fields: new Map(), bodyStart: 0 }
  const root: Building = bodyType === undefined
    ? nodeOf(header, "text/plain", bytes.length)
    : { ...nodeOf(header, "multipart/mixed", bytes.length), type: bodyType.type, boundary: bodyType.parameters?.["boundary"] ?? null }
  const open: Array<Building> = []
  const boundaries = new Boundaries()
  let parts = 0
  let isCut = false

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

  let position = enter(root)
  while (position < bytes.length && open.length > 0) {
    const { end, next } = lineAt(bytes, position, bytes.length)
    const innermost = open.at(-1)
    const isDelimiter = bytes[position] === 0x2d && bytes[position + 1] === 0x2d && end - position <= maxDelimiter
    const line = isDelimiter ? binaryOf(bytes.subarray(position, end)) : ""
    if (isDelimiter && innermost?.boundary === null && isMultipart(innermost) && guessable.test(line) && !line.trimEnd().endsWith("-")) {
      innermost.boundary = line.slice(2).trimEnd()
      boundaries.add(innermost.boundary, open.length - 1)
    }
    const found = isDelimiter ? boundaries.find(line) : null
    const container = found === null ? undefined : open[found.level]
    if (found !== null && container !== undefined) {
      const lineBreak = bytes[position - 2] === 0x0d && bytes[position - 1] === 0x0a ? 2 : 1
      close(found.level + (found.isEnd ? 0 : 1), position - lineBreak)
      if (!found.isEnd && hasRoom()) {
        const head = readHeaderBlock(bytes, next)
        const node = nodeOf(head, container.type === "multipart/digest" ? "message/rfc822" : "text/plain", bytes.length)
        container.children.push(node)
        position = enter(node)
        continue
      }
    }
    position = next
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
