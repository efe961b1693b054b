import { seededRandom } from "../../test/support/samples/seededRandom.ts"

/** Chance with a seed: the same throws on every run. */
export interface Dice {
  /** From 0 to 1. */
  readonly unit: () => number
  readonly chance: (probability: number) => boolean
  /** Whole numbers, both ends included. */
  readonly int: (least: number, most: number) => number
  readonly between: (least: number, most: number) => number
  readonly pick: <A>(values: readonly [A, ...ReadonlyArray<A>]) => A
  readonly shuffle: <A>(values: ReadonlyArray<A>) => ReadonlyArray<A>
  /** The first is not zero. */
  readonly digits: (count: number) => string
}

export const dice = (seed: number): Dice => {
  const unit = seededRandom(seed)
  const int = (least: number, most: number): number => least + Math.floor(unit() * (most - least + 1))
  return {
    unit,
    chance: (probability) => unit() < probability,
    int,
    between: (least, most) => least + unit() * (most - least),
    pick: (values) => values[int(0, values.length - 1)] ?? values[0],
    shuffle: (values) => values.map((value) => ({ value, at: unit() })).toSorted((a, b) => a.at - b.at).map(({ value }) => value),
    digits: (count) => Array.from({ length: count }, (_, index) => int(index === 0 ? 1 : 0, 9)).join("")
  }
}
