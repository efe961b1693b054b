import type { CalendarDate } from "../domain/CalendarDate.ts"
import { type DayOrder, datesIn, type FoundDate } from "./dates.ts"
import { creditTitle, dueDateLabel, invoiceDateLabel, invoiceTitle, otherDateLabel } from "./fieldLabels.ts"
import { type Cell, type Line, overlapX } from "./lines.ts"

type Meaning = "invoice" | "title" | "due" | "other" | "date" | "none"

interface Placed {
  readonly date: CalendarDate
  readonly meaning: Meaning
  readonly score: number
}

const generic = /\b(tax point|date|dated|datum|fecha|data|dd)\b|\b(vom|von|du|le|of|van|del|am)\W*$/

/** "Original invoice of", "zu Rechnung … vom": the paper that this one goes back to. */
const elsewhere = /\b(origin\w*|ursprung\w*|liee?s?|zu[rm]?|correct\w*|corrig\w*|rectif\w*|storno\w*|annul\w*|your|votre|ihre?|previous|precedent\w*|earlier|related)\W{0,3}(de la |die |der |the )?(facture|invoice|rechnung|factuur|factura|fattura)|(facture|invoice|rechnung|factuur|factura|fattura) (d'origine|liee|initiale|originale?|precedente)/

const everywhere = (pattern: RegExp): RegExp => new RegExp(pattern.source, "g")
const labels = { due: everywhere(dueDateLabel), other: everywhere(otherDateLabel), elsewhere: everywhere(elsewhere), own: everywhere(invoiceDateLabel), invoice: everywhere(invoiceTitle), credit: everywhere(creditTitle) }

const lastEnd = (pattern: RegExp, text: string): number => {
  let end = -1
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length
  return end
}

/** What stands further before a date says nothing about it. */
const context = 160

/** What the words before a date say it is: the ones nearest to it decide. */
const meaningOf = (text: string): Meaning => {
  const before = text.slice(-context)
  const due = lastEnd(labels.due, before)
  const other = Math.max(lastEnd(labels.other, before), lastEnd(labels.elsewhere, before))
  const own = lastEnd(labels.own, before)
  const title = Math.max(lastEnd(labels.invoice, before), lastEnd(labels.credit, before))
  const nearest = Math.max(due, other, own, title)
  if (nearest < 0) return generic.test(before) ? "date" : "none"
  if (own === nearest && other < nearest) return "invoice"
  if (due === nearest) return "due"
  if (other === nearest) return "other"
  return "title"
}

const worth: Readonly<Record<Meaning, number>> = { invoice: 10, title: 8, date: 6, none: 2, due: 0, other: 0 }

/** Words over a date in its column, where it stands alone: the heading of a small table. */
const headingOver = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): Meaning => {
  for (const above of lines.slice(Math.max(0, line.index - 3), line.index).toReversed()) {
    if (above.page !== line.page) continue
    const over = above.cells.find((candidate) => overlapX(candidate.box, cell.box) > 0.3)
    const meaning = over === undefined || datesIn(over.folded).length > 0 ? "none" : meaningOf(over.folded)
    if (meaning !== "none") return meaning
  }
  return "none"
}

/** The end of the line above, for a date that was wrapped away from its words. */
const wrapped = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): string => {
  const above = lines[line.index - 1]
  const last = above !== undefined && above.page === line.page ? above.cells.at(-1) : undefined
  const over = last !== undefined && Math.abs(last.box.x0 - cell.box.x0) < 20 ? last : undefined
  return over !== undefined && /\b(vom|du|of|van|le|am|bis|au|date|datum|:)$/.test(over.folded) ? over.folded : ""
}

const place = (lines: ReadonlyArray<Line>, line: Line, cell: Cell, found: FoundDate, from: number): Placed | null => {
  const inCell = cell.folded.slice(from, found.start)
  const left = line.cells[line.cells.indexOf(cell) - 1]
  const beforeCell = from === 0 && left !== undefined && datesIn(left.folded).length === 0 ? left.folded : ""
  const own = meaningOf(`${beforeCell} ${inCell}`)
  const carried = own === "none" || own === "date" && inCell.trim() !== "" && from === 0 && found.start < 4 ? meaningOf(wrapped(lines, line, cell)) : own
  // "Carried out on:  11/12/2018": the label beside is what counts, also where it says nothing that is known.
  const heading = carried === "none" && !/[a-z]{3}\W*:\W*$/.test(beforeCell) && inCell.replace(/\W/g, "").length < 4 ? headingOver(lines, line, cell) : "none"
  const meaning = carried !== "none" ? carried : heading
  if (found.bare && meaning !== "invoice" && meaning !== "date" && meaning !== "due") return null
  const time = /^\W{0,4}\d{1,2}[:.h]\d{2}/.test(cell.folded.slice(found.end)) ? 1.5 : 0
  const top = line.page === 1 ? line.depth < 0.5 ? 1 : 0.3 : 0
  const fromHeading = carried === "none" && heading !== "none" ? -1.5 : 0
  return { date: found.date, meaning, score: worth[meaning] + (meaning === "none" || meaning === "date" ? time : 0) + top + fromHeading }
}

export interface DateCandidate {
  readonly date: CalendarDate
  readonly score: number
}

/** Statements list many; those of the invoice itself are among the first. */
const mostDates = 200

const placedDates = (lines: ReadonlyArray<Line>, order: DayOrder): ReadonlyArray<Placed> => {
  const placed: Array<Placed> = []
  for (const line of lines) {
    if (placed.length >= mostDates) break
    const inCells = line.cells.flatMap((cell) => placedIn(lines, line, cell, order))
    placed.push(...(inCells.length > 0 || line.cells.length < 2 ? inCells : placedIn(lines, line, wholeOf(line), order)))
  }
  return placed
}

const placedIn = (lines: ReadonlyArray<Line>, line: Line, cell: Cell, order: DayOrder): ReadonlyArray<Placed> => {
  const dates = datesIn(cell.folded, order)
  return dates.flatMap((found, index) => place(lines, line, cell, found, dates[index - 1]?.end ?? 0) ?? [])
}

/** A date whose parts stand far apart shows on the line as a whole only. */
export const wholeOf = (line: Line): Cell => {
  const join = (part: (cell: Cell) => string) => line.cells.map(part).join(" ")
  return { text: join((cell) => cell.text), plain: join((cell) => cell.plain), folded: join((cell) => cell.folded), words: line.cells.flatMap((cell) => cell.words), box: line.box }
}

const ranked = (placed: ReadonlyArray<Placed>): ReadonlyArray<DateCandidate> => {
  const scores = new Map<CalendarDate, number>()
  for (const { date, meaning, score } of placed) {
    if (meaning === "due" || meaning === "other") continue
    const before = scores.get(date)
    scores.set(date, before === undefined ? score : Math.max(before, score) + 0.5)
  }
  return [...scores].map(([date, score]) => ({ date, score })).toSorted((a, b) => b.score - a.score)
}

/** Candidates for the day of the invoice, the best first; below 4 nothing but the place speaks for them. */
export const invoiceDateCandidates = (lines: ReadonlyArray<Line>, order: DayOrder): ReadonlyArray<DateCandidate> => ranked(placedDates(lines, order))

export interface InvoiceDates {
  readonly invoiceDate: CalendarDate | null
  readonly dueDate: CalendarDate | null
}

/** The day of the invoice and the day it is due, by the words beside, before and over the dates. */
export const invoiceDatesOf = (lines: ReadonlyArray<Line>, order: DayOrder): InvoiceDates => {
  const placed = placedDates(lines, order)
  const invoiceDate = ranked(placed)[0]?.date ?? null
  const due = placed.find((entry) => entry.meaning === "due" && (invoiceDate === null || entry.date >= invoiceDate))
  return { invoiceDate, dueDate: due?.date ?? null }
}
