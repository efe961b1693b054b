import { BigDecimal } from "effect"
import type { InvoiceFields, JudgedField } from "../domain/InvoiceFields.ts"
import { type Money, toCents } from "../domain/Money.ts"
import type { Box, Page, Word } from "../domain/Page.ts"
import { datesIn } from "./dates.ts"
import { wholeOf } from "./invoiceDates.ts"
import { squash } from "./invoiceNumber.ts"
import { type Cell, type Line, union } from "./lines.ts"
import type { ParsedPages } from "./parsedPages.ts"
import { letters } from "./supplier.ts"
import { inOwnFrame } from "./upright.ts"

/** Where a value stands, and how well the words there were recognised (0 to 1). */
export interface Place {
  readonly page: number
  readonly box: Box
  readonly legibility: number
}

const placeOf = (page: number, words: ReadonlyArray<Word>): Place => ({
  page,
  box: union(words.map((word) => word.box)),
  legibility: words.reduce((least, word) => Math.min(least, word.confidence), 1)
})

/** The words of a cell that spell a text, compared by `key`; the first such run. */
const run = (cell: Cell, wanted: string, key: (text: string) => string): ReadonlyArray<Word> | null => {
  if (wanted === "" || !key(cell.text).includes(wanted)) return null
  for (let from = 0; from < cell.words.length; from++) {
    let text = ""
    for (let to = from; to < cell.words.length && text.length < wanted.length + 40; to++) {
      text += key(cell.words[to]?.text ?? "")
      if (text.includes(wanted)) {
        // The shortest run: leading words that are not needed are dropped.
        let first = from
        while (first < to && cell.words.slice(first + 1, to + 1).map((word) => key(word.text)).join("").includes(wanted)) first++
        return cell.words.slice(first, to + 1)
      }
    }
  }
  return null
}

export const inCells = (lines: ReadonlyArray<Line>, wanted: string, key: (text: string) => string): Place | null => {
  for (const line of lines) {
    for (const cell of line.cells) {
      const words = run(cell, wanted, key)
      if (words !== null) return placeOf(line.page, words)
    }
  }
  return null
}

/** A name may run over two lines: its first words stand on one, the others on another. */
const findName = (lines: ReadonlyArray<Line>, name: string): Place | null => {
  const whole = inCells(lines, letters(name), letters)
  if (whole !== null) return whole
  const words = name.split(" ")
  for (let count = words.length - 1; count >= 1; count--) {
    const [first, rest] = [letters(words.slice(0, count).join(" ")), letters(words.slice(count).join(" "))]
    const place = first.length >= 4 ? inCells(lines, first, letters) : null
    if (place !== null && inCells(lines, rest, letters) !== null) return place
  }
  return null
}

const findDate = (parsed: ParsedPages, date: string): Place | null => {
  for (const line of parsed.lines) {
    for (const cell of [...line.cells, wholeOf(line)]) {
      if (datesIn(cell.folded, parsed.dayOrder).some((found) => found.date === date)) {
        const words = cell.words.filter((word) => /\d/.test(word.text))
        return placeOf(line.page, words.length > 0 ? words : cell.words)
      }
    }
  }
  return null
}

/** The place of an amount: one with a label of its kind before others, the last before the first. */
export const findAmount = (parsed: ParsedPages, amount: Money, kinds: ReadonlyArray<string>): Place | null => {
  const cents = toCents(BigDecimal.abs(amount)).value
  const same = (value: bigint) => value === cents || value === -cents
  const labelled = parsed.labelled.filter((entry) => same(entry.amount.cents) && kinds.includes(entry.label.kind)).at(-1)?.amount
  const found = labelled ?? parsed.amountsByLine.flat().filter((entry) => same(entry.cents) && !entry.isPercent && (entry.decimals === 2 || entry.hasCurrency)).at(-1)
  if (found === undefined) return null
  const words = found.line.cells.flatMap((cell) => cell.words)
    .filter((word) => word.box.x0 >= found.box.x0 - 0.01 && word.box.x1 <= found.box.x1 + 0.01)
  return { page: found.line.page, box: found.box, legibility: words.reduce((least, word) => Math.min(least, word.confidence), 1) }
}

const currencyWords: Readonly<Record<string, RegExp>> = {
  EUR: /€|EUR/i, GBP: /£|GBP/, USD: /\$|USD/, INR: /₹|\bRs\b|INR/, MYR: /RM|MYR/, CHF: /CHF|Fr\./, CAD: /CAD|\$/, ZAR: /ZAR|R\d/, AUD: /AUD|\$/
}

const findCurrency = (lines: ReadonlyArray<Line>, currency: string): Place | null => {
  const pattern = currencyWords[currency] ?? new RegExp(currency)
  for (const line of lines) {
    for (const cell of line.cells) {
      const word = cell.words.find((each) => pattern.test(each.text))
      if (word !== undefined) return { ...placeOf(line.page, [word]), legibility: 1 }
    }
  }
  return null
}

/** How much of the total's kinds an amount may be labelled as. */
export const kindsOf = {
  amountHT: ["ht", "subtotal", "base"],
  amountTVA: ["tva"],
  amountTTC: ["ttc", "total", "due"]
} as const

/** Where each known field stands on the pages, in the pages' own frames; fields that are nowhere are left out. */
export const placesOf = (fields: InvoiceFields, parsed: ParsedPages, pages: ReadonlyArray<Page>): ReadonlyMap<JudgedField, Place> => {
  const { lines } = parsed
  const found: ReadonlyArray<readonly [JudgedField, Place | null]> = [
    ["supplierName", fields.supplierName === null ? null : findName(lines, fields.supplierName)],
    ["invoiceNumber", fields.invoiceNumber === null ? null : inCells(lines, squash(fields.invoiceNumber), squash)],
    ["invoiceDate", fields.invoiceDate === null ? null : findDate(parsed, fields.invoiceDate)],
    ["dueDate", fields.dueDate === null ? null : findDate(parsed, fields.dueDate)],
    ["currency", fields.currency === null ? null : findCurrency(lines, fields.currency)],
    ["amountHT", fields.amountHT === null ? null : findAmount(parsed, fields.amountHT, kindsOf.amountHT)],
    ["amountTVA", fields.amountTVA === null ? null : findAmount(parsed, fields.amountTVA, kindsOf.amountTVA)],
    ["amountTTC", fields.amountTTC === null ? null : findAmount(parsed, fields.amountTTC, kindsOf.amountTTC)],
    ["iban", fields.iban === null ? null : inCells(lines, squash(fields.iban), squash)]
  ]
  return new Map(found.flatMap(([field, place]): ReadonlyArray<readonly [JudgedField, Place]> => {
    if (place === null) return []
    const page = pages.find((candidate) => candidate.number === place.page)
    return [[field, page === undefined ? place : { ...place, box: inOwnFrame(place.box, page) }]]
  }))
}
