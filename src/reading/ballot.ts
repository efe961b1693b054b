/** The three sums of an invoice in hundredths; null: not known. */
export interface Totals {
  readonly ht: bigint | null
  readonly tva: bigint | null
  readonly ttc: bigint | null
}

export type Field = keyof Totals

/** How much speaks for an amount being a field. */
type Scores = Map<bigint, number>

export const abs = (value: bigint): bigint => value < 0n ? -value : value

/** The arguments for every amount in every field. */
export class Ballot {
  readonly scores: Readonly<Record<Field, Scores>> = { ht: new Map(), tva: new Map(), ttc: new Map() }

  /** The best reason counts in full, each further one a little. */
  vote(field: Field, cents: bigint, score: number): void {
    const before = this.scores[field].get(cents)
    this.scores[field].set(cents, before === undefined ? score : Math.max(before, score) + Math.min(before, score, 1) * 0.5)
  }

  add(field: Field, cents: bigint, score: number): void {
    this.scores[field].set(cents, (this.scores[field].get(cents) ?? 0) + score)
  }

  of(field: Field, cents: bigint): number {
    return this.scores[field].get(cents) ?? 0
  }

  best(field: Field, count: number): ReadonlyArray<bigint> {
    return [...this.scores[field]].toSorted((a, b) => b[1] - a[1]).slice(0, count).map(([cents]) => cents)
  }
}

export const sum = (values: ReadonlyArray<bigint>): bigint => values.reduce((total, value) => total + value, 0n)

export const distinct = <A>(values: ReadonlyArray<A>, key: (value: A) => string): ReadonlyArray<A> => [...new Map(values.map((value) => [key(value), value])).values()]
