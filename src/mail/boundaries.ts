import { bytesOfBinary } from "./text.ts"

/** FNV-1a. */
const hash = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0x811c9dc5
  for (let at = from; at < to; at++) value = Math.imul(value ^ (bytes[at] ?? 0), 0x01000193)
  return value
}

interface OpenBoundary {
  readonly bytes: Uint8Array
  readonly level: number
}

const hyphen = 0x2d

/** The open multiparts by their boundary; where two have the same, the inner one counts. A line costs its own length, however many are open. */
export class Boundaries {
  private readonly byHash = new Map<number, Array<OpenBoundary>>()

  add(boundary: string, level: number): void {
    const bytes = bytesOfBinary(boundary)
    const key = hash(bytes, 0, bytes.length)
    const same = this.byHash.get(key)
    if (same === undefined) this.byHash.set(key, [{ bytes, level }])
    else same.push({ bytes, level })
  }

  remove(boundary: string): void {
    const bytes = bytesOfBinary(boundary)
    this.byHash.get(hash(bytes, 0, bytes.length))?.pop()
  }

  /** What the line at `from`, which begins with two hyphens, delimits. */
  find(bytes: Uint8Array, from: number, to: number): { readonly level: number; readonly isEnd: boolean } | null {
    let end = to
    while (end > from + 2 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x09)) end--
    const part = this.levelOf(bytes, from + 2, end)
    if (part !== null) return { level: part, isEnd: false }
    const isClosing = end - from > 4 && bytes[end - 1] === hyphen && bytes[end - 2] === hyphen
    const closed = isClosing ? this.levelOf(bytes, from + 2, end - 2) : null
    return closed === null ? null : { level: closed, isEnd: true }
  }

  private levelOf(bytes: Uint8Array, from: number, to: number): number | null {
    const same = this.byHash.get(hash(bytes, from, to))?.at(-1)
    if (same === undefined || same.bytes.length !== to - from) return null
    for (let at = 0; at < same.bytes.length; at++) if (same.bytes[at] !== bytes[from + at]) return null
    return same.level
  }
}

/** Where the next line begins that starts with two hyphens and goes on; `from` is the beginning of a line. The end where there is none. */
export const nextHyphens = (bytes: Uint8Array, from: number): number => {
  for (let at = from; at < bytes.length - 2; at++) {
    if (bytes[at] === hyphen && bytes[at + 1] === hyphen && (bytes[at + 2] ?? 0) > 0x20 && (at === from || bytes[at - 1] === 0x0a)) return at
  }
  return bytes.length
}
