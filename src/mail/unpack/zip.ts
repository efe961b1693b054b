import { Inflate } from "fflate"
import { joined } from "../bytes.ts"
import { mailLimits } from "../limits.ts"
import type { SkipReason } from "../SkipReason.ts"
import type { Unpacked, UnpackBudget, UnpackedFile } from "./Unpacked.ts"
import { zipName } from "./zipName.ts"

interface Entry {
  readonly name: string
  readonly method: number
  readonly isEncrypted: boolean
  /** Claimed; the bytes decide. */
  readonly size: number
  readonly packedSize: number
  readonly offset: number
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50

/** The end record stands at the end, behind it at most a comment of 64 KiB. -1: none. */
const endRecord = (bytes: Uint8Array): number => {
  const data = view(bytes)
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 65_535); at--) {
    if (data.getUint32(at, true) === endSignature) return at
  }
  return -1
}

/** The entries by the central directory (APPNOTE 4.3.12); ZIP64 is for archives larger than are taken. Null: damaged. */
const entriesOf = (bytes: Uint8Array): ReadonlyArray<Entry> | null => {
  const end = endRecord(bytes)
  if (end === -1) return null
  const data = view(bytes)
  const directorySize = data.getUint32(end + 12, true)
  // Where something was put in front of the archive, all offsets are off by its length.
  const shift = Math.max(0, end - directorySize - data.getUint32(end + 16, true))
  const entries: Array<Entry> = []
  let at = end - directorySize
  while (at >= 0 && at + 46 <= bytes.length && entries.length <= mailLimits.entries && data.getUint32(at, true) === entrySignature) {
    const flags = data.getUint16(at + 8, true)
    const nameLength = data.getUint16(at + 28, true)
    const extraLength = data.getUint16(at + 30, true)
    const name = bytes.subarray(at + 46, at + 46 + nameLength)
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
    entries.push({
      name: zipName(name, extra),
      method: data.getUint16(at + 10, true),
      isEncrypted: (flags & 1) !== 0,
      packedSize: data.getUint32(at + 20, true),
      size: data.getUint32(at + 24, true),
      offset: data.getUint32(at + 42, true) + shift
    })
    at += 46 + nameLength + extraLength + data.getUint16(at + 32, true)
  }
  return entries
}

const packedBytes = (bytes: Uint8Array, entry: Entry): Uint8Array | null => {
  const data = view(bytes)
  if (entry.offset + 30 > bytes.length || data.getUint32(entry.offset, true) !== localSignature) return null
  const from = entry.offset + 30 + data.getUint16(entry.offset + 26, true) + data.getUint16(entry.offset + 28, true)
  return from + entry.packedSize > bytes.length ? null : bytes.subarray(from, from + entry.packedSize)
}

/** Small, so that even at deflate's highest ratio one step makes no more than some MiB. */
const step = 4 * 1024
const freeOfRatio = 1024 * 1024

/** Unpacks in steps and stops at the first byte that is too many, whatever the archive claimed. */
const inflate = (packed: Uint8Array, budget: UnpackBudget): Uint8Array | SkipReason => {
  const pieces: Array<Uint8Array> = []
  let length = 0
  const inflater = new Inflate((piece) => {
    pieces.push(piece)
    length += piece.length
  })
  try {
    for (let from = 0; from < packed.length; from += step) {
      inflater.push(packed.subarray(from, from + step), from + step >= packed.length)
      if (length > freeOfRatio && length > (from + step) * mailLimits.ratio) return "suspicious-container"
      if (length > mailLimits.container) return "too-large"
      if (length > budget.room) return "suspicious-container"
    }
  } catch {
    return "damaged-container"
  } finally {
    budget.spend(length)
  }
  return joined(pieces)
}

const stored = 0
const deflated = 8

const fileOf = (bytes: Uint8Array, entry: Entry): UnpackedFile => ({
  name: entry.name,
  read: (budget) => {
    if (entry.isEncrypted) return "encrypted"
    if (entry.method !== stored && entry.method !== deflated) return "kind-not-read"
    if (entry.size > mailLimits.container) return "too-large"
    const packed = packedBytes(bytes, entry)
    if (packed === null) return "damaged-container"
    if (entry.method === deflated) return packed.length === 0 ? packed : inflate(packed, budget)
    if (packed.length > budget.room) return "suspicious-container"
    // Entries may claim the same bytes again and again.
    budget.spend(packed.length)
    return packed
  }
})

/** What a Mac or Windows puts beside the files. */
const isLitter = (name: string): boolean => /(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i.test(name)

/** Office documents, e-books and programs are ZIPs inside; their pictures are no invoices. */
const isDocument = ({ name }: Entry): boolean => /^(\[Content_Types\]\.xml|mimetype|META-INF\/MANIFEST\.MF|AndroidManifest\.xml)$/.test(name)

/** The files of a ZIP. Its directory decides what is in it; an entry is unpacked only when it is read. */
export const unzip = (bytes: Uint8Array): Unpacked => {
  const entries = entriesOf(bytes)
  if (entries === null) return "damaged-container"
  if (entries.length > mailLimits.entries) return "suspicious-container"
  if (entries.some(isDocument)) return "kind-not-read"
  return entries.filter(({ name }) => !name.endsWith("/") && !isLitter(name)).map((entry) => fileOf(bytes, entry))
}
