import { storedText } from "../text.ts"
import type { Unpacked, UnpackedFile } from "./Unpacked.ts"

/**
 * Outlook's winmail.dat (MS-OXTNEF): attributes one after the other, attachments among them. Only names and contents of
 * attachments are read. No library of npm does this with types and without a dozen dependencies.
 */
const signature = 0x223e9f78

export const isTnef = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x78 && bytes[1] === 0x9f && bytes[2] === 0x3e && bytes[3] === 0x22

/** Attribute ids; their types stand before them and are not needed. */
const attribute = { beginAttachment: 0x9002, title: 0x8010, data: 0x800f, properties: 0x9005, codepage: 0x9007 } as const

const property = { data: 0x3701, fileName: 0x3704, longFileName: 0x3707, displayName: 0x3001, contentId: 0x3712, flags: 0x3714 } as const
const shownByText = 4

interface Attachment {
  title: string | null
  longName: string | null
  data: Uint8Array | null
  isPartOfText: boolean
}

const maxAttachments = 1_000
const maxProperties = 1_000

const codepages: Readonly<Record<number, string>> = { 932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 65001: "utf-8", 28591: "windows-1252", 28605: "iso-8859-15" }
const charsetOf = (codepage: number): string => codepages[codepage] ?? (codepage >= 1250 && codepage <= 1258 ? `windows-${codepage}` : "windows-1252")

const untilNul = (text: string): string => text.replace(/\0[\s\S]*$/, "")

/** Reads little-endian values one after the other; past the end, everything is nothing. */
class Reader {
  private readonly data: DataView
  private readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  uint16(): number {
    this.at += 2
    return this.at <= this.bytes.length ? this.data.getUint16(this.at - 2, true) : 0
  }

  uint32(): number {
    this.at += 4
    return this.at <= this.bytes.length ? this.data.getUint32(this.at - 4, true) : 0
  }

  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    return taken
  }
}

/** Bytes of a value of fixed size, with what fills it up to four; null for values that say their length. */
const fixedSize = (type: number): number | null => {
  switch (type) {
    case 0x01:
      return 0
    case 0x02: case 0x03: case 0x04: case 0x0a: case 0x0b:
      return 4
    case 0x05: case 0x06: case 0x07: case 0x14: case 0x40:
      return 8
    case 0x48:
      return 16
    default:
      return null
  }
}

/** Walks MAPI properties (MS-OXTNEF 2.1.3.4) and gives each value of each to `visit`. */
const eachProperty = (bytes: Uint8Array, visit: (id: number, type: number, value: Uint8Array) => void): void => {
  const reader = new Reader(bytes)
  const count = Math.min(reader.uint32(), maxProperties)
  for (let n = 0; n < count && !reader.isAtEnd; n++) {
    const type = reader.uint16()
    const id = reader.uint16()
    if (id >= 0x8000) {
      reader.take(16)
      if (reader.uint32() === 0) reader.uint32()
      else reader.take((reader.uint32() + 3) & ~3)
    }
    const isMany = (type & 0x1000) !== 0
    const fixed = fixedSize(type & 0x0fff)
    const values = isMany || fixed === null ? Math.min(reader.uint32(), maxProperties) : 1
    for (let value = 0; value < values && !reader.isAtEnd; value++) {
      const length = fixed ?? reader.uint32()
      visit(id, type & 0x0fff, reader.take(length))
      if (fixed === null) reader.take((4 - (length & 3)) & 3)
    }
  }
}

const text = (type: number, value: Uint8Array, charset: string): string =>
  untilNul(new TextDecoder(type === 0x1f ? "utf-16le" : charset).decode(value.subarray(0, 2_000)))

const readProperties = (attachment: Attachment, bytes: Uint8Array, charset: string): void =>
  eachProperty(bytes, (id, type, value) => {
    switch (id) {
      case property.longFileName:
        attachment.longName = text(type, value, charset)
        break
      case property.fileName:
      case property.displayName:
        attachment.title ??= text(type, value, charset)
        break
      case property.contentId:
        attachment.isPartOfText = value.length > 2
        break
      case property.flags:
        attachment.isPartOfText ||= ((value[0] ?? 0) & shownByText) !== 0
        break
      case property.data:
        // An embedded mail is an object: its interface's id, then a TNEF of its own.
        attachment.data = type === 0x0d ? value.subarray(16) : value
        break
    }
  })

const unpackedFile = (attachment: Attachment): ReadonlyArray<UnpackedFile> => {
  const { data } = attachment
  if (data === null) return []
  const name = storedText(attachment.longName || attachment.title || (isTnef(data) ? "winmail.dat" : ""))
  return [{ name, isPartOfText: attachment.isPartOfText, read: () => data }]
}

/** The attachments of a winmail.dat. A truncated one gives what is whole. */
export const unpackTnef = (bytes: Uint8Array): Unpacked => {
  const reader = new Reader(bytes)
  if (reader.uint32() !== signature) return "damaged-container"
  reader.uint16()
  let charset = "windows-1252"
  const attachments: Array<Attachment> = []
  while (!reader.isAtEnd && attachments.length <= maxAttachments) {
    reader.take(1)
    const id = reader.uint32() & 0xffff
    const value = reader.take(reader.uint32())
    reader.uint16()
    if (id === attribute.codepage) charset = charsetOf((value[0] ?? 0) | ((value[1] ?? 0) << 8))
    const isContent = id === attribute.data || id === attribute.properties
    if (id === attribute.beginAttachment || (isContent && attachments.length === 0)) attachments.push({ title: null, longName: null, data: null, isPartOfText: false })
    const attachment = attachments.at(-1)
    if (attachment === undefined) continue
    if (id === attribute.title) attachment.title = untilNul(new TextDecoder(charset).decode(value.subarray(0, 1_000)))
    if (id === attribute.data) attachment.data = value
    if (id === attribute.properties) readProperties(attachment, value, charset)
  }
  return attachments.flatMap(unpackedFile)
}
