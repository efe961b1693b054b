import { BigDecimal } from "effect"
import { totals, vatGroups } from "../../../test/support/samples/Invoice.ts"
import type { Dice } from "../Dice.ts"
import type { Look } from "../Look.ts"
import type { Paper } from "../Paper.ts"
import { frame, paint, type Sheet, write } from "../Sheet.ts"

interface Row {
  readonly label: string
  readonly value: string
  readonly isTotal: boolean
}

/** Only the United States have no VAT; their tax is named otherwise. */
const worded = ({ country }: Paper, text: string): string => country.code === "US" ? text.replaceAll("VAT", "Tax") : text

const rowsOf = (dice: Dice, paper: Paper, look: Look): { readonly rows: ReadonlyArray<Row>; readonly showsVat: boolean; readonly showsNet: boolean } => {
  const { deposit, invoice, language, regime } = paper
  const { ht, ttc, tva } = totals(invoice)
  const groups = vatGroups(invoice)
  const row = (label: string, value: string, isTotal = false): Row => ({ label: worded(paper, label), value, isTotal })
  const isFree = regime !== "ordinary"
  const showsVat = !isFree || dice.chance(0.6)
  const showsNet = !isFree || dice.chance(0.7)
  const vatRows = isFree
    ? showsVat ? [row(dice.pick(language.vatAt).replace("{}", look.rate(BigDecimal.make(0n, 0))), look.money(tva))] : []
    : look.vat === "lines" || groups.length === 1 && look.vat === "table"
    ? groups.map(({ amount, rate }) => row(dice.pick(language.vatAt).replace("{}", look.rate(rate)), look.money(amount)))
    : []
  const hasSum = !isFree && (vatRows.length === 0 || groups.length > 1 && dice.chance(0.5))
  return {
    showsVat, showsNet,
    rows: [
      ...(showsNet ? [row(dice.pick(language.ht), look.money(ht))] : []),
      ...vatRows,
      ...(hasSum ? [row(dice.pick(language.vatTotal), look.money(tva))] : []),
      row(dice.pick(language.ttc), look.money(ttc), true),
      ...(deposit === null ? [] : [
        row(dice.pick(language.deposit), `-${look.money(deposit)}`.replace("--", "-")),
        row(dice.pick(language.toPay), look.money(BigDecimal.subtract(ttc, deposit)), true)
      ])
    ]
  }
}

const drawVatTable = (sheet: Sheet, dice: Dice, paper: Paper, look: Look, x: number, y: number): number => {
  const { invoice, language } = paper
  const headings = [dice.pick(language.rate), dice.pick(language.base), dice.pick(language.tax)].map((text) => worded(paper, text))
  const at = [x + 44, x + 120, x + 195]
  headings.forEach((text, index) => write(sheet, text, at[index] ?? x, y, { size: look.size - 1, bold: true, align: "right" }))
  const groups = vatGroups(invoice)
  groups.forEach(({ amount, base, rate }, index) => {
    [look.rate(rate), look.amount(base), look.amount(amount)].forEach((text, column) =>
      write(sheet, text, at[column] ?? x, y + (index + 1) * look.step, { size: look.size, align: "right" }))
  })
  frame(sheet, x, y - 11, 200, (groups.length + 1) * look.step + 4, "#aaaaaa")
  return y + (groups.length + 1) * look.step + 10
}

/** The sums under the table. What is not printed of them is told. */
export const drawTotals = (sheet: Sheet, dice: Dice, paper: Paper, look: Look, top: number): { readonly bottom: number; readonly showsVat: boolean; readonly showsNet: boolean } => {
  const { rows, showsNet, showsVat } = rowsOf(dice, paper, look)
  const [labelX, valueX] = look.totalsAt === "right" ? [dice.int(330, 372), look.right - 4] : [look.left, look.left + 220]
  const gap = dice.int(14, 18)
  const hasTable = paper.regime === "ordinary" && look.vat === "table"
  const besides = look.totalsAt === "right"
  const tableBottom = hasTable ? drawVatTable(sheet, dice, paper, look, besides ? look.left : 350, top + 18) : top
  const start = top + 18
  const aligned = dice.chance(0.25) && besides
  rows.forEach(({ isTotal, label, value }, index) => {
    const y = start + index * gap
    const style = { size: isTotal ? look.size + 1 : look.size, bold: isTotal }
    if (isTotal && look.boxedTotal) paint(sheet, labelX - 6, y - gap * 0.72, valueX - labelX + 10, gap, look.pale)
    write(sheet, `${label}${look.colon}`, aligned ? valueX - 95 : labelX, y, { ...style, align: aligned ? "right" : "left" })
    write(sheet, value, valueX, y, { ...style, align: "right" })
  })
  return { bottom: Math.max(tableBottom, start + rows.length * gap), showsNet, showsVat }
}
