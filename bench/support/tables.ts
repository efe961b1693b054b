import type { Bin, Measures, Outcome } from "./measures.ts"

type Cell = string | number

/** Columns as wide as they must be; the first ones, texts, to the left. */
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<Cell>>, texts: number): string => {
  const all = [head, ...rows.map((row) => row.map(String))]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) => row.map((cell, column) => column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)).join("  ").trimEnd()).join("\n")
}

const thousandths = (value: number): string => value.toFixed(3)
const percent = (part: number, whole: number): string => whole === 0 ? "–" : `${Math.round(100 * part / whole)} %`

const fieldTable = ({ fields }: Measures): string =>
  table(
    ["set", "field", "n", "right", "wrong", "missing", "precision", "recall", "F1", "claimed"],
    fields.map((row) => [row.set, row.field, row.n, row.right, row.wrong, row.missing, ...[row.precision, row.recall, row.f1, row.claimed].map(thousandths)]),
    2
  )

const setTable = ({ sets }: Measures): string =>
  table(
    ["set", "n", "all right", "sure (>= 0.9)", "share", "of these right", "not flagged", "of these right", "s median", "s 95 %"],
    sets.map((row) => [
      row.set, row.n, row.allRight, row.sure, percent(row.sure, row.n), percent(row.sureAllRight, row.sure), row.unflagged, percent(row.unflaggedAllRight, row.unflagged),
      row.secondsMedian.toFixed(2), row.seconds95.toFixed(2)
    ]),
    1
  )

const binRow = (name: string, { claimed, from, n, right, to }: Bin): ReadonlyArray<Cell> => [name, `${from.toFixed(2)} – ${to.toFixed(2)}`, n, thousandths(claimed), thousandths(right)]

const calibrationTable = ({ calibration }: Measures): string =>
  table(
    ["confidence of", "from – to", "n", "claimed", "right"],
    [...calibration.documents.map((bin) => binRow("the document", bin)), ...calibration.fields.flatMap(({ bins, field }) => bins.map((bin) => binRow(field, bin)))],
    2
  )

/** What was read per set and field, the sets, and how far confidence can be believed. */
export const tablesOf = (measures: Measures): string => [fieldTable(measures), setTable(measures), calibrationTable(measures)].join("\n\n")

/** Every value that is not right, with what was expected. */
export const mistakesOf = (outcomes: ReadonlyArray<Outcome>): string =>
  outcomes.flatMap(({ confidence, file, judgements, source, warnings }) => {
    const bad = judgements.filter(({ verdict }) => verdict !== "right")
    return bad.length === 0 ? [] : [[
      `${file} (${source}, ${confidence}${warnings.length === 0 ? "" : `, ${warnings.join(" ")}`})`,
      ...bad.map(({ claimed, expected, field, given, verdict }) => `    ${field} ${verdict}: ${expected}${given === null ? "" : `, read as ${given} (${claimed})`}`)
    ].join("\n")]
  }).join("\n")
