import { seededRandom } from "../test/support/samples/seededRandom.ts"

/** Every choice of a run comes from here, so that its seed replays it. */
export interface Random {
  /** From `low` up to and without `high`. */
  readonly between: (low: number, high: number) => number
  readonly integer: (low: number, high: number) => number
  readonly pick: <A>(from: readonly [A, ...ReadonlyArray<A>]) => A
  readonly chance: (probability: number) => boolean
  readonly shuffle: <A>(items: ReadonlyArray<A>) => ReadonlyArray<A>
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return value >>> 0
}

/** The same choices for the same seed and purpose, whatever ran before or beside it. */
export const randomFor = (seed: number, purpose: string): Random => {
  const next = seededRandom(hash(`${seed}/${purpose}`))
  const between = (low: number, high: number) => low + next() * (high - low)
  const integer = (low: number, high: number) => Math.floor(between(low, high))
  return {
    between,
    integer,
    pick: (from) => from[integer(0, from.length)] ?? from[0],
    chance: (probability) => next() < probability,
    shuffle: (items) => items.map((item) => ({ item, place: next() })).sort((a, b) => a.place - b.place).map(({ item }) => item)
  }
}
