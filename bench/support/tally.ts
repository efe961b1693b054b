import { Array } from "effect"
import type { Verdict } from "./compare.ts"
import type { ScoredField } from "./truth.ts"

export interface Outcome {
  readonly set: string
  readonly file: string
  readonly verdicts: ReadonlyArray<{ readonly field: ScoredField; readonly verdict: Verdict }>
  readonly confidence: number
  readonly source: string
  readonly seconds: number
}

const share = (part: number, whole: number): number => whole === 0 ? 0 : part / whole
const cell = (value: number | string, width: number): string => (typeof value === "number" && !Number.isInteger(value) ? value.toFixed(3) : String(value)).padStart(width)

const groupBy = <A>(values: ReadonlyArray<A>, key: (value: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => new Map(Object.entries(Array.groupBy(values, key)))

/** n, right, wrong, missing, precision, recall and F1 for every set and field. */
export const fieldTable = (outcomes: ReadonlyArray<Outcome>): string => {
  const rows = outcomes.flatMap((outcome) => outcome.verdicts.map((each) => ({ ...each, set: outcome.set })))
  const lines = [...groupBy(rows, (row) => `${row.set}\u0000${row.field}`)].map(([key, group]) => {
    const [set = "", field = ""] = key.split("\u0000")
    const count = (verdict: Verdict) => group.filter((row) => row.verdict === verdict).length
    const [right, wrong, missing] = [count("right"), count("wrong"), count("missing")]
    const [precision, recall] = [share(right, right + wrong), share(right, group.length)]
    const f1 = share(2 * precision * recall, precision + recall)
    return `${set.padEnd(10)} ${field.padEnd(14)}${[group.length, right, wrong, missing].map((value) => cell(value, 8)).join("")}${[precision, recall, f1].map((value) => cell(value.toFixed(3), 10)).join("")}`
  })
  const head = `${"set".padEnd(10)} ${"field".padEnd(14)}${["n", "right", "wrong", "missing"].map((name) => name.padStart(8)).join("")}${["precision", "recall", "F1"].map((name) => name.padStart(10)).join("")}`
  return [head, ...lines].join("\n")
}

/** How many documents claim 0.9 or more, and how many of those are right in every field; time per document. */
export const documentTable = (outcomes: ReadonlyArray<Outcome>): string => {
  const allRight = (outcome: Outcome) => outcome.verdicts.every((each) => each.verdict === "right")
  const lines = [...groupBy(outcomes, (outcome) => outcome.set)].map(([set, group]) => {
    const claimed = group.filter((outcome) => outcome.confidence >= 0.9)
    const seconds = group.map((outcome) => outcome.seconds).toSorted((a, b) => a - b)
    const median = seconds[Math.floor(seconds.length / 2)] ?? 0
    return `${set.padEnd(10)}${cell(group.length, 6)}${cell(group.filter(allRight).length, 11)}${cell(`${claimed.length} (${Math.round(share(claimed.length, group.length) * 100)} %)`, 14)}${cell(`${claimed.filter(allRight).length} of ${claimed.length}`, 14)}${cell(median.toFixed(2), 10)}${cell((seconds.at(-1) ?? 0).toFixed(2), 8)}`
  })
  return [`${"set".padEnd(10)}${"n".padStart(6)}${"all right".padStart(11)}${"sure (>=0.9)".padStart(14)}${"of which right".padStart(15)}${"s median".padStart(9)}${"s max".padStart(8)}`, ...lines].join("\n")
}

export const mistakes = (outcomes: ReadonlyArray<Outcome>): string =>
  outcomes.flatMap((outcome) => {
    const bad = outcome.verdicts.filter((each) => each.verdict !== "right")
    return bad.length === 0 ? [] : [`${outcome.file} (${outcome.source}, ${outcome.confidence}): ${bad.map((each) => `${each.field} ${each.verdict}`).join(", ")}`]
  }).join("\n")
