import { Array } from "effect"
import type { Judgement, Verdict } from "./compare.ts"
import { type ScoredField, scoredFields } from "./truth.ts"

/** One file read, and what became of it. */
export interface Outcome {
  readonly set: string
  readonly file: string
  readonly judgements: ReadonlyArray<Judgement>
  readonly confidence: number
  readonly needsReview: boolean
  /** Codes of what was flagged, with the field. */
  readonly warnings: ReadonlyArray<string>
  /** Where the fields come from, or "failed: " and why. */
  readonly source: string
  readonly seconds: number
}

export interface FieldRow {
  readonly set: string
  readonly field: ScoredField
  readonly n: number
  readonly right: number
  readonly wrong: number
  readonly missing: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Mean confidence of the values given; calibrated, it equals the precision. */
  readonly claimed: number
}

export interface SetRow {
  readonly set: string
  readonly n: number
  /** Right in every field; where there is a due date or an IBAN, it is not wrong. */
  readonly allRight: number
  /** With a confidence of 0.9 or more. */
  readonly sure: number
  readonly sureAllRight: number
  /** Not flagged for review, whatever the confidence. */
  readonly unflagged: number
  readonly unflaggedAllRight: number
  readonly secondsMedian: number
  readonly seconds95: number
}

/** Of the values or documents with a confidence from `from` up to `to`: the mean that was claimed, and the share that was right. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly n: number
  readonly claimed: number
  readonly right: number
}

export interface Measures {
  readonly fields: ReadonlyArray<FieldRow>
  readonly sets: ReadonlyArray<SetRow>
  readonly calibration: {
    readonly documents: ReadonlyArray<Bin>
    readonly fields: ReadonlyArray<{ readonly field: ScoredField; readonly bins: ReadonlyArray<Bin> }>
  }
}

const share = (part: number, whole: number): number => whole === 0 ? 0 : part / whole
const mean = (values: ReadonlyArray<number>): number => share(values.reduce((total, value) => total + value, 0), values.length)

/** The value that `part` of the sorted ones do not exceed. */
const quantile = (values: ReadonlyArray<number>, part: number): number => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(part * values.length) - 1)] ?? 0

const fieldRow = (set: string, field: ScoredField, judgements: ReadonlyArray<Judgement>): FieldRow => {
  const count = (verdict: Verdict) => judgements.filter((each) => each.verdict === verdict).length
  const [right, wrong, missing] = [count("right"), count("wrong"), count("missing")]
  const [precision, recall] = [share(right, right + wrong), share(right, judgements.length)]
  return {
    set, field, n: judgements.length, right, wrong, missing, precision, recall, f1: share(2 * precision * recall, precision + recall),
    claimed: mean(judgements.filter(({ verdict }) => verdict !== "missing").map(({ claimed }) => claimed))
  }
}

/** Not every paper prints them, and an invoice without them is complete. */
const mayBeMissing: ReadonlyArray<ScoredField> = ["dueDate", "iban"]

/** Nothing wrong, and nothing missing that every invoice has. */
export const isAllRight = ({ judgements }: Pick<Outcome, "judgements">): boolean =>
  judgements.every(({ field, verdict }) => verdict === "right" || verdict === "missing" && mayBeMissing.includes(field))

/** From here on a document counts as sure. */
const sureFrom = 0.9

const setRow = (set: string, outcomes: ReadonlyArray<Outcome>): SetRow => {
  const sure = outcomes.filter(({ confidence }) => confidence >= sureFrom)
  const unflagged = outcomes.filter(({ needsReview }) => !needsReview)
  const seconds = outcomes.map((outcome) => outcome.seconds)
  return {
    set, n: outcomes.length, allRight: outcomes.filter(isAllRight).length, sure: sure.length, sureAllRight: sure.filter(isAllRight).length,
    unflagged: unflagged.length, unflaggedAllRight: unflagged.filter(isAllRight).length,
    secondsMedian: quantile(seconds, 0.5), seconds95: quantile(seconds, 0.95)
  }
}

const edges = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1]

const binsOf = (claims: ReadonlyArray<{ readonly claimed: number; readonly isRight: boolean }>): ReadonlyArray<Bin> =>
  edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1] ?? 1
    const inside = claims.filter(({ claimed }) => claimed >= from && (claimed < to || to === 1))
    return inside.length === 0 ? [] : [{ from, to, n: inside.length, claimed: mean(inside.map(({ claimed }) => claimed)), right: share(inside.filter(({ isRight }) => isRight).length, inside.length) }]
  })

/** Counts, shares and calibration of files that were read. */
export const measuresOf = (outcomes: ReadonlyArray<Outcome>): Measures => {
  const sets = Object.entries(Array.groupBy(outcomes, ({ set }) => set))
  const judgements = outcomes.flatMap((outcome) => outcome.judgements)
  return {
    fields: sets.flatMap(([set, members]) => scoredFields.flatMap((field) => {
      const own = members.flatMap((outcome) => outcome.judgements.filter((each) => each.field === field))
      return own.length === 0 ? [] : [fieldRow(set, field, own)]
    })),
    sets: sets.map(([set, members]) => setRow(set, members)),
    calibration: {
      documents: binsOf(outcomes.map((outcome) => ({ claimed: outcome.confidence, isRight: isAllRight(outcome) }))),
      fields: scoredFields.flatMap((field) => {
        const given = judgements.filter((each) => each.field === field && each.verdict !== "missing")
        return given.length === 0 ? [] : [{ field, bins: binsOf(given.map(({ claimed, verdict }) => ({ claimed, isRight: verdict === "right" }))) }]
      })
    }
  }
}
