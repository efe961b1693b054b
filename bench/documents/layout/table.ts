import { BigDecimal } from "effect"
import type { Money } from "../../../src/domain/Money.ts"
import { format } from "../../../src/domain/Money.ts"
import { type Line, lineAmount } from "../../../test/support/samples/Invoice.ts"
import type { Dice } from "../Dice.ts"
import type { Look } from "../Look.ts"
import type { Paper } from "../Paper.ts"
import { emptySheet, frame, paint, type Sheet, write } from "../Sheet.ts"

interface Column {
  readonly heading: string
  readonly x: number
  readonly align: "left" | "right"
  readonly text: (line: Line, index: number) => string
}

/** Description first or after the number of the position; the amount is always the last. */
const columnsOf = (dice: Dice, paper: Paper, look: Look): ReadonlyArray<Column> => {
  const { columns } = paper.language
  const amount = (value: Money) => look.currencyOnLines ? look.money(value) : look.amount(value)
  const hasPosition = dice.chance(0.35)
  const hasUnit = dice.chance(0.5) && !look.currencyOnLines
  const hasRate = dice.chance(0.5) && paper.regime === "ordinary"
  const quantityFirst = dice.chance(0.15)
  const { left, right } = look
  const numbers: ReadonlyArray<Omit<Column, "x">> = [
    ...(quantityFirst ? [] : [{ heading: dice.pick(columns.quantity), align: "right" as const, text: (line: Line) => look.amount(line.quantity).replace(/[.,]00$/, "") }]),
    ...(hasUnit ? [{ heading: dice.pick(columns.unit), align: "right" as const, text: (_: Line, index: number) => paper.units[index] ?? "" }] : []),
    { heading: dice.pick(columns.unitPrice), align: "right", text: (line) => amount(line.unitPrice) },
    ...(hasRate ? [{ heading: dice.pick(columns.rate), align: "right" as const, text: (line: Line) => look.rate(line.vatRate) }] : []),
    { heading: dice.pick(columns.amount), align: "right", text: (line) => amount(lineAmount(line)) }
  ]
  const room = (right - left) * 0.56 / numbers.length
  const start = right - room * numbers.length
  return [
    ...(hasPosition ? [{ heading: dice.pick(columns.position), x: left + 3, align: "left" as const, text: (_: Line, index: number) => String(index + 1) }] : []),
    ...(quantityFirst ? [{ heading: dice.pick(columns.quantity), x: left + (hasPosition ? 50 : 26), align: "right" as const, text: (line: Line) => format(line.quantity).replace(/\.00$/, "") }] : []),
    { heading: dice.pick(columns.description), x: left + 4 + (hasPosition ? 24 : 0) + (quantityFirst ? 32 : 0), align: "left", text: (line) => line.description },
    ...numbers.map((column, index) => ({ ...column, x: start + room * (index + 1) - 4 }))
  ]
}

const drawHeading = (sheet: Sheet, look: Look, columns: ReadonlyArray<Column>, y: number): void => {
  if (look.headFilled) paint(sheet, look.left, y - 12, look.right - look.left, 18, look.accent)
  else paint(sheet, look.left, y + 5, look.right - look.left, 0.8, look.accent)
  for (const { align, heading, x } of columns) write(sheet, heading, x, y, { size: look.size - 0.6, bold: true, align, color: look.headFilled ? "#ffffff" : "#222222" })
}

const drawRow = (sheet: Sheet, look: Look, columns: ReadonlyArray<Column>, line: Line, index: number, y: number, height: number): void => {
  if (look.ruling === "stripes" && index % 2 === 1) paint(sheet, look.left, y - height * 0.66, look.right - look.left, height, look.pale)
  if (look.ruling === "rows") paint(sheet, look.left, y + height * 0.3, look.right - look.left, 0.5, "#cccccc")
  if (look.ruling === "grid") frame(sheet, look.left, y - height * 0.66, look.right - look.left, height, "#bbbbbb")
  for (const { align, text, x } of columns) write(sheet, text(line, index), x, y, { size: look.size, align })
}

/** The items, on as many sheets as they need; the last sheet has room for the totals below `bottom`. */
export const drawTable = (first: Sheet, dice: Dice, paper: Paper, look: Look, top: number): { readonly sheets: ReadonlyArray<Sheet>; readonly bottom: number } => {
  const { invoice: { lines }, language } = paper
  const columns = columnsOf(dice, paper, look)
  const height = dice.int(14, 21)
  const sheets = [first]
  let sheet = first
  let y = top + 12
  drawHeading(sheet, look, columns, y)
  y += 5
  let sum: Money = BigDecimal.make(0n, 2)
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1
    if (y + height > (isLast ? 560 : 700)) {
      write(sheet, dice.pick(language.carriedOver), look.right - 150, y + height + 6, { size: look.size, align: "right" })
      write(sheet, look.amount(sum), look.right - 4, y + height + 6, { size: look.size, align: "right" })
      sheet = emptySheet()
      sheets.push(sheet)
      y = 90
      drawHeading(sheet, look, columns, y)
      y += height
      write(sheet, dice.pick(language.broughtForward), look.right - 150, y, { size: look.size, align: "right" })
      write(sheet, look.amount(sum), look.right - 4, y, { size: look.size, align: "right" })
    }
    y += height
    drawRow(sheet, look, columns, line, index, y, height)
    sum = BigDecimal.sum(sum, lineAmount(line))
  }
  return { sheets, bottom: y + height }
}
