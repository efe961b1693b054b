import { type AmountLabel, hasWord, labelOf } from "./amountLabels.ts"
import type { LineAmount } from "./lineAmounts.ts"
import { type Cell, type Line, overlapX } from "./lines.ts"

export interface LabelledAmount {
  readonly amount: LineAmount
  readonly label: AmountLabel
  /** Whether the label stands on the amount's own line, or is the heading of its column. */
  readonly from: "line" | "heading"
}

/** Whole numbers from a million on, without a currency beside them, are phones and registrations. */
const longNumber = 100_000_000n

/** How many lines above an amount its column's heading may stand. */
const headingReach = 14

const holdsSums = (line: Line): boolean => line.cells.some((cell) => /\d[.,]\d\d\b(?![./-]\d)/.test(cell.text))

const isHeading = (line: Line): boolean => {
  const words = line.cells.filter((cell) => /\p{L}{2}/u.test(cell.text))
  return words.length >= 2 && !holdsSums(line)
}

const isOver = (cell: Cell, amount: LineAmount): boolean => {
  if (overlapX(cell.box, amount.box) > 0.3) return true
  // Right-aligned columns: the heading ends where the amount ends.
  const size = amount.box.y1 - amount.box.y0
  return Math.abs(cell.box.x1 - amount.box.x1) < size * 1.5
}

/** How many of the amounts have another right below, in the next line. */
const goingOn = (sums: ReadonlyArray<LineAmount>, next: Line | undefined): number =>
  sums.filter((amount) => next?.cells.some((cell) => /\d[.,]\d\d\b(?![./-]\d)/.test(cell.text) && overlapX(amount.box, cell.box) > 0.3)).length

const saysWhat = (cell: Cell): boolean => (labelOf(cell.folded)?.strength ?? 0) >= 2

/**
 * One row of sums right under a row of headings, an amount for each: words as close as those beside an amount. Rows of
 * a longer table are not meant: what their columns hold are its items. Over one or two sums a heading has to say what
 * they are.
 */
const isHeadedRow = (sums: ReadonlyArray<LineAmount>, lines: ReadonlyArray<Line>): boolean => {
  const [first] = sums
  if (first === undefined) return false
  const above = lines[first.line.index - 1]
  if (above === undefined || above.page !== first.line.page || holdsSums(above)) return false
  const headings = sums.map((amount) => above.cells.find((cell) => isOver(cell, amount)))
  if (sums.length < 3) return first.line.cells.length === sums.length && above.cells.length === sums.length && headings.some((cell) => cell !== undefined && saysWhat(cell))
  return isHeading(above) && headings.every((cell) => cell !== undefined) && goingOn(sums, lines[first.line.index + 1]) < 2
}

/** The heading over an amount: the nearest line of headings above it on the same page; right over a row that stands alone, a single one too. */
const headingOver = (amount: LineAmount, lines: ReadonlyArray<Line>, isAlone: boolean): AmountLabel | null => {
  for (let index = amount.line.index - 1; index >= Math.max(0, amount.line.index - headingReach); index--) {
    const line = lines[index]
    if (line === undefined || line.page !== amount.line.page) return null
    if (!isHeading(line) && !(isAlone && index === amount.line.index - 1)) continue
    const cell = line.cells.find((candidate) => isOver(candidate, amount))
    const label = cell === undefined ? null : labelOf(cell.folded)
    if (label !== null || isAlone && cell !== undefined) return label
  }
  return null
}

/** "29.99 € TTC": the words right after an amount. */
const labelAfter = (amount: LineAmount): AmountLabel | null =>
  /^[^a-z]*(t\.?t\.?c|h\.?t|htva)\b/.test(amount.after) ? labelOf(amount.after.replace(/^[^a-z]*([a-z.]+).*$/, "montant $1")) : null

/** The cells before an amount that are labels by their length: sentences beside a table say nothing about it. */
const labelCells = (before: string): ReadonlyArray<string> =>
  before.split("  ").filter((cell) => hasWord.test(cell) && cell.split(" ").length <= 9)

/** "VAT 20 % on 1,000.00   200.00": what the tax is worked out of comes before the tax. */
const worksOutOf = /\b(auf|von|sur|on|of|op|over|su|sobre|de)\W*$/

const isTaxOn = (amount: LineAmount): boolean => worksOutOf.test(amount.before) && labelOf(amount.before)?.kind === "tva"

/** A total's line names itself; its amounts then take their kind from the headings of their columns. */
const isTotalLine = (line: Line): boolean => /^\W*(total|totaal|totale|summe|gesamt|somme)\b/.test(line.folded)

/**
 * Every amount that words say something about: those before it on its line, the nearest first; those right after it;
 * the heading of its column.
 */
export const labelAmounts = (amountsByLine: ReadonlyArray<ReadonlyArray<LineAmount>>, lines: ReadonlyArray<Line>): ReadonlyArray<LabelledAmount> =>
  amountsByLine.flatMap((amounts) => {
    const money = amounts.filter((amount) => !amount.isPercent && (amount.decimals === 2 || amount.decimals <= 2 && amount.hasCurrency || amount.decimals === 0 && amount.cents < longNumber))
    const sums = money.filter((amount) => amount.decimals === 2)
    const isAlone = isHeadedRow(sums, lines)
    return money.flatMap((amount, index): ReadonlyArray<LabelledAmount> => {
      const previous = money[index - 1]
      if (isTaxOn(amount)) return [{ amount, label: { kind: "base", strength: 2 }, from: "line" }]
      if (previous !== undefined && isTaxOn(previous) && !/[a-z]{2}/.test(amount.before)) return [{ amount, label: { kind: "tva", strength: 2 }, from: "line" }]
      const after = labelAfter(amount)
      if (after !== null) {
        // In a sentence it is one sum of many; alone it names itself.
        const strength = amount.before.split(" ").length > 6 ? 1 : Math.min(3, after.strength + 1)
        return [{ amount, label: { ...after, strength }, from: "line" }]
      }
      const cells = labelCells(amount.before)
      const own = labelOf(cells.at(-1) ?? "") ?? labelOf(cells.join("  "))
      const isRow = sums.length >= 2 && isTotalLine(amount.line) || isAlone
      const heading = amount.decimals === 2 && (own === null || isRow) ? headingOver(amount, lines, isAlone) : null
      if (isRow && heading !== null) return [{ amount, label: { ...heading, strength: isAlone ? heading.strength : 3 }, from: "line" }]
      if (own !== null) return [{ amount, label: own, from: "line" }]
      return heading === null ? [] : [{ amount, label: { ...heading, strength: Math.min(2, heading.strength) }, from: "heading" }]
    })
  })
