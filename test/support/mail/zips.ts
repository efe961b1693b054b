import { deflateRawSync } from "node:zlib"
import { binary, bytesOf, joined } from "./composeMail.ts"
import { crc32 } from "./files.ts"

export interface ZipEntry {
  readonly name: string | Uint8Array
  readonly bytes: Uint8Array
  readonly isStored?: boolean
  /** Said in the entry's flags; the bytes are as they are. */
  readonly isEncrypted?: boolean
  /** Claimed instead of the true size. */
  readonly claimedSize?: number
  /** Packed already: `bytes` then only gives the claimed size. */
  readonly packed?: Uint8Array
  readonly method?: number
  /** The name is not said to be UTF-8, as Windows' own ZIPs have it. */
  readonly isOldName?: boolean
  /** The entry, by its place, whose bytes it claims for itself. */
  readonly sameAs?: number
}

const numbers = (...fields: ReadonlyArray<readonly [bytes: 2 | 4, value: number]>): Uint8Array =>
  joined(fields.map(([size, value]) => {
    const field = Buffer.alloc(size)
    if (size === 2) field.writeUInt16LE(value)
    else field.writeUInt32LE(value)
    return field
  }))

/** A ZIP whose every field can be a lie. */
export const zip = (entries: ReadonlyArray<ZipEntry>): Uint8Array => {
  const locals: Array<Uint8Array> = []
  const directory: Array<Uint8Array> = []
  const offsets: Array<number> = []
  let end = 0
  for (const entry of entries) {
    const name = typeof entry.name === "string" ? bytesOf(entry.name) : entry.name
    const packed = entry.packed ?? (entry.isStored === true ? entry.bytes : new Uint8Array(deflateRawSync(entry.bytes)))
    const method = entry.method ?? (entry.isStored === true ? 0 : 8)
    const flags = (entry.isEncrypted === true ? 1 : 0) | (entry.isOldName === true ? 0 : 0x800)
    const common = numbers([2, 20], [2, flags], [2, method], [4, 0], [4, crc32(entry.bytes)], [4, packed.length], [4, entry.claimedSize ?? entry.bytes.length], [2, name.length], [2, 0])
    const local = joined([binary("PK\u0003\u0004"), common, name, packed])
    const offset = entry.sameAs === undefined ? end : offsets[entry.sameAs] ?? 0
    offsets.push(offset)
    if (entry.sameAs === undefined) {
      locals.push(local)
      end += local.length
    }
    directory.push(joined([binary("PK\u0001\u0002"), numbers([2, 20]), common, numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), name]))
  }
  const central = joined(directory)
  return joined([...locals, central, binary("PK\u0005\u0006"), numbers([2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, central.length], [4, end], [2, 0])])
}

/** `bytes` zeros, which deflate packs a thousand times. */
export const bombEntry = (name: string, bytes: number, claimedSize = bytes): ZipEntry => ({ name, bytes: new Uint8Array(bytes), claimedSize })

/** A ZIP in a ZIP, `levels` deep. */
export const nestedZip = (levels: number, name: string, bytes: Uint8Array): Uint8Array => {
  let inside = zip([{ name, bytes }])
  for (let level = 1; level < levels; level++) inside = zip([{ name: `niveau-${level}.zip`, bytes: inside }])
  return inside
}
