import { joined } from "../bytes.ts"
import type { SkipReason } from "../SkipReason.ts"

/**
 * The content of a CMS message that is signed only (RFC 5652, 5): S/MIME's opaque smime.p7m, and the signed files
 * (`facture.pdf.p7m`) of qualified signatures. Certificates and signature are passed over: who may send invoices is
 * decided elsewhere, and an unsigned mail is taken as well. One octet string is looked for, so it is read here; a whole
 * ASN.1 library would make an object of each of its elements.
 */
interface Element {
  readonly tag: number
  readonly isConstructed: boolean
  readonly from: number
  /** Null for BER's indefinite length, which mailers write when they stream. */
  readonly to: number | null
}

const maxDepth = 32
/** Mailers write pieces of a kilobyte or more. */
const maxPieces = 200_000

class Reader {
  private readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  /** Reads an element's head and stands at its content; null for what is none. */
  enter(): Element | null {
    const first = this.bytes[this.at]
    const length = this.bytes[this.at + 1]
    if (first === undefined || length === undefined || (first & 0x1f) === 0x1f) return null
    this.at += 2
    const element = { tag: first, isConstructed: (first & 0x20) !== 0 }
    if (length === 0x80) return { ...element, from: this.at, to: null }
    const size = length < 0x80 ? length : this.long(length & 0x7f)
    if (size === null) return null
    return { ...element, from: this.at, to: Math.min(this.bytes.length, this.at + size) }
  }

  private long(octets: number): number | null {
    if (octets > 4) return null
    let size = 0
    for (let n = 0; n < octets; n++) size = size * 256 + (this.bytes[this.at++] ?? 0)
    return size
  }

  get isEndOfContents(): boolean {
    return this.bytes[this.at] === 0 && this.bytes[this.at + 1] === 0
  }

  /** Goes past an element that was entered; whether that could be done. */
  leave(element: Element, depth = 0): boolean {
    if (element.to !== null) {
      this.at = element.to
      return true
    }
    if (depth > maxDepth) return false
    while (!this.isAtEnd && !this.isEndOfContents) {
      const child = this.enter()
      if (child === null || !this.leave(child, depth + 1)) return false
    }
    this.at += 2
    return true
  }

  /** The pieces of an octet string, which may be made of octet strings; of a truncated one, what is there. */
  octets(element: Element, pieces: Array<Uint8Array>, depth = 0): void {
    if (!element.isConstructed) {
      if (element.to === null) return
      if (element.to > element.from) pieces.push(this.bytes.subarray(element.from, element.to))
      this.at = element.to
      return
    }
    if (depth > maxDepth) return
    while (!this.isAtEnd && pieces.length < maxPieces && (element.to === null ? !this.isEndOfContents : this.at < element.to)) {
      const child = this.enter()
      if (child === null) return
      this.octets(child, pieces, depth + 1)
    }
    if (element.to === null) this.at += 2
  }
}

const sequence = 0x30
const objectIdentifier = 0x06
const context0 = 0xa0
const octetString = 0x04

const oid = (...rest: ReadonlyArray<number>): string => [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, ...rest].join()
const signedData = oid(0x01, 0x07, 0x02)
const encryptedData = new Set([oid(0x01, 0x07, 0x03), oid(0x01, 0x07, 0x06), oid(0x01, 0x09, 0x10, 0x01, 0x09), oid(0x01, 0x09, 0x10, 0x01, 0x17)])

/** SEQUENCE { OBJECT IDENTIFIER …: how every CMS message begins. */
export const isCms = (bytes: Uint8Array): boolean => {
  const reader = new Reader(bytes)
  return reader.enter()?.tag === sequence && reader.enter()?.tag === objectIdentifier
}

/** What was signed: a mail's body with its MIME header, or a file. */
export const signedContent = (bytes: Uint8Array): Uint8Array | SkipReason => {
  const reader = new Reader(bytes)
  if (reader.enter()?.tag !== sequence) return "damaged-container"
  const type = reader.enter()
  if (type?.tag !== objectIdentifier || type.to === null) return "damaged-container"
  const name = bytes.subarray(type.from, type.to).join()
  if (encryptedData.has(name)) return "encrypted"
  reader.leave(type)
  if (name !== signedData || reader.enter()?.tag !== context0 || reader.enter()?.tag !== sequence) return "damaged-container"
  // version and digestAlgorithms, then encapContentInfo: SEQUENCE { type, [0] content }.
  for (let n = 0; n < 2; n++) {
    const passed = reader.enter()
    if (passed === null || !reader.leave(passed)) return "damaged-container"
  }
  if (reader.enter()?.tag !== sequence) return "damaged-container"
  const contentType = reader.enter()
  if (contentType === null || !reader.leave(contentType)) return "damaged-container"
  // A detached signature has no content.
  if (reader.enter()?.tag !== context0) return "signature"
  const content = reader.enter()
  if (content === null || (content.tag & 0x1f) !== octetString) return "damaged-container"
  const pieces: Array<Uint8Array> = []
  reader.octets(content, pieces)
  return joined(pieces)
}
