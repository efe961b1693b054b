import { binary, joined } from "./composeMail.ts"

export interface TnefFile {
  /** The long name, in UTF-16; the short one is made of it. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Content-ID, as pictures of the text have it. */
  readonly contentId?: string
  /** Contents as the MAPI property of an embedded mail rather than as attachment data. */
  readonly isEmbeddedMail?: boolean
}

const uint32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

const attribute = (level: number, id: number, data: Uint8Array): Uint8Array => {
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0)
  return joined([Uint8Array.of(level), uint32(id), uint32(data.length), data, Uint8Array.of(sum & 0xff, sum >> 8)])
}

const variable = (id: number, type: number, value: Uint8Array): Uint8Array =>
  joined([uint32(type | (id << 16)), uint32(1), uint32(value.length), value, new Uint8Array((4 - (value.length & 3)) & 3)])

const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`${text}\0`, "utf16le"))

/** The winmail.dat that Outlook would send. */
export const tnef = (files: ReadonlyArray<TnefFile>): Uint8Array =>
  joined([
    uint32(0x223e9f78),
    Uint8Array.of(1, 0),
    attribute(1, 0x00089006, uint32(0x00010000)),
    attribute(1, 0x00069007, joined([uint32(1252), uint32(0)])),
    ...files.flatMap((file) => {
      const properties = [
        variable(0x3707, 0x1f, utf16(file.name)),
        ...(file.contentId === undefined ? [] : [variable(0x3712, 0x1f, utf16(file.contentId))]),
        ...(file.isEmbeddedMail === true ? [variable(0x3701, 0x0d, joined([new Uint8Array(16), file.bytes]))] : [])
      ]
      return [
        attribute(2, 0x00069002, new Uint8Array(14)),
        attribute(2, 0x00018010, binary("SHORT~1.PDF\0")),
        ...(file.isEmbeddedMail === true ? [] : [attribute(2, 0x0006800f, file.bytes)]),
        attribute(2, 0x00069005, joined([uint32(properties.length), ...properties]))
      ]
    })
  ])
