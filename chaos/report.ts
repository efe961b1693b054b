import { isMet, type Recovery } from "./ledger/starts.ts"
import type { Result } from "./runScenario.ts"

/** The recovery that came nearest to its limit, or went furthest beyond. */
const worst = (recoveries: ReadonlyArray<Recovery>): Recovery | null =>
  recoveries.reduce<Recovery | null>((most, each) => {
    if (most === null || each.seconds === null) return each
    return most.seconds !== null && each.seconds / each.limit > most.seconds / most.limit ? each : most
  }, null)

const recoveryOf = (recoveries: ReadonlyArray<Recovery>): string => {
  const most = worst(recoveries)
  if (most === null) return "–"
  return `${most.seconds === null ? "never" : most.seconds.toFixed(1)} (≤ ${most.limit.toFixed(most.limit < 10 ? 1 : 0)})`
}

export const verdictOf = ({ violations }: Pick<Result, "violations">): "holds" | "FAILS" => violations.length === 0 ? "holds" : "FAILS"

const head = ["scenario", "backend", "jobs", "lost", "doubled", "recovery, s (limit)", "paid calls (repeated)", "verdict"] as const

const cellsOf = (result: Result): ReadonlyArray<string> => [
  result.name,
  result.backend,
  String(result.jobs),
  String(result.lost),
  String(result.doubled),
  recoveryOf(result.recoveries),
  `${result.paid.recognition + result.paid.extraction} (${result.paid.repeated})`,
  verdictOf(result)
]

/** The README's table. */
export const markdownTable = (results: ReadonlyArray<Result>): string =>
  [head, head.map(() => "---"), ...results.map(cellsOf)].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

export const textTable = (results: ReadonlyArray<Result>): string => {
  const rows = [head, ...results.map(cellsOf)]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n")
}

/** Of the same kind only a few are told. */
const fewest = 6

/** What went wrong, scenario by scenario. */
export const failures = (results: ReadonlyArray<Result>): string =>
  results.filter(({ violations }) => violations.length > 0).map(({ backend, folder, name, violations }) =>
    [
      `${name}, ${backend}:`,
      ...violations.slice(0, fewest).map((line) => `  ${line}`),
      ...(violations.length > fewest ? [`  and ${violations.length - fewest} more`] : []),
      ...(folder === "" ? [] : [`  logs: ${folder}`])
    ].join("\n")).join("\n")

/** One line as soon as a scenario is over, with each of its times. */
export const lineOf = (result: Result): string => {
  const times = result.recoveries.map(({ seconds, what, ...rest }) =>
    `${isMet({ seconds, what, ...rest }) ? "" : "! "}${what}: ${seconds === null ? "never" : `${seconds.toFixed(2)} s`}`)
  return `${verdictOf(result)}  ${result.name}, ${result.backend} (${result.seconds.toFixed(0)} s; ${result.jobs} jobs, ${result.paid.recognition} recognitions, ${result.paid.extraction} extractions; ${times.join("; ") || "no time"})`
}

/** 1 on any violation, and when nothing was run. */
export const exitStatusOf = (results: ReadonlyArray<Result>): 0 | 1 => results.length > 0 && results.every(({ violations }) => violations.length === 0) ? 0 : 1
