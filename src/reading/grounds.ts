import { BigDecimal } from "effect"
import type { InvoiceFields, JudgedField } from "../domain/InvoiceFields.ts"
import type { Money } from "../domain/Money.ts"
import type { ReadingSource } from "../domain/Reading.ts"
import { totalsAgree } from "./checks.ts"
import { ibanIsSound } from "./checkDigits.ts"
import { datesIn } from "./dates.ts"
import { kindsOf, type Place } from "./evidence.ts"
import { invoiceDateCandidates } from "./invoiceDates.ts"
import { invoiceNumberCandidates, squash } from "./invoiceNumber.ts"
import type { ParsedPages } from "./parsedPages.ts"
import { letters, supplierCandidates } from "./supplier.ts"
import { rateOf } from "./vatTable.ts"

/**
 * What can speak for a value, each from 0 (not at all) to 1 (fully); what is not named does not apply. In plain words
 * they stand in docs/reading.md; what each is worth was measured (`confidenceWeights.ts`).
 */
export const groundNames = [
  /** It stands on a page. */
  "found",
  /** How well its characters were recognised; 1 for a text layer. */
  "legible",
  /** How clearly words by it, and its place, say what it is. */
  "label",
  /** By how much it leads every other value that it could have been. */
  "lead",
  /** It stands there more than once. */
  "repeated",
  /** It is built as such values mostly are: a number has digits enough, a name has letters only. */
  "shape",
  /** A date that can be read in one way only. */
  "clearDay",
  /** HT + TVA = TTC. */
  "sum",
  /** The VAT is HT times a rate that exists, or the sum of a breakdown. */
  "rate",
  /** HT, TVA and TTC each have words that call them so. */
  "allLabelled",
  /** HT, TVA and TTC each stand on a page. */
  "allFound",
  /** No other amount is called the same. */
  "only",
  /** No other amount on the page is larger. */
  "largest",
  /** The check digits are right. */
  "checkDigits",
  /** It comes after the invoice's date, by less than half a year. */
  "order"
] as const
export type GroundName = (typeof groundNames)[number]
export type Grounds = Readonly<Partial<Record<GroundName, number>>>

const clamp = (value: number): number => Math.min(1, Math.max(0, value))
const yes = (holds: boolean): number => holds ? 1 : 0

/** The best score of a value among candidates, and its lead before any other; both 0 where it is none of them. */
const standing = <A extends { readonly score: number }>(candidates: ReadonlyArray<A>, is: (candidate: A) => boolean): { readonly score: number; readonly lead: number } => {
  const own = candidates.find(is)
  const other = candidates.find((candidate) => !is(candidate))
  return own === undefined ? { score: 0, lead: 0 } : { score: own.score, lead: own.score - (other?.score ?? 0) }
}

/** How often a text stands in the cells, compared by `key`; counted to 2. */
const isRepeated = (parsed: ParsedPages, wanted: string, key: (text: string) => string): number => {
  let count = 0
  for (const line of parsed.lines) {
    if (line.cells.some((cell) => key(cell.text).includes(wanted)) && ++count === 2) return 1
  }
  return 0
}

const ofNumber = (number: string, parsed: ParsedPages): Grounds => {
  const { lead, score } = standing(invoiceNumberCandidates(parsed.lines, []), (candidate) => squash(candidate.number) === squash(number))
  const digits = number.replace(/\D/g, "").length
  return {
    label: clamp(score / 11), lead: clamp(lead / 5), repeated: isRepeated(parsed, squash(number), squash),
    shape: clamp((digits - 1) / 3) * (/\p{L}{4}/u.test(number) ? 0.5 : 1)
  }
}

/** Where the day and the month are written the other way round than in Europe. */
const monthFirst = new Set(["USD", "CAD"])

const ofDate = (date: string, currency: string | null, parsed: ParsedPages): Grounds => {
  const { lead, score } = standing(invoiceDateCandidates(parsed.lines, parsed.dayOrder), (candidate) => candidate.date === date)
  const isClear = currency !== null && !monthFirst.has(currency) || parsed.lines.some((line) => datesIn(line.folded, parsed.dayOrder).some((found) => found.date === date && !found.ambiguous))
  return { label: clamp(score / 11), lead: clamp(lead / 6), clearDay: yes(isClear) }
}

const ofSupplier = (name: string, parsed: ParsedPages): Grounds => {
  const key = letters(name)
  const { lead, score } = standing(supplierCandidates(parsed.lines), (candidate) => letters(candidate.name).includes(key) || key.includes(letters(candidate.name)))
  return { label: clamp(score / 12), lead: clamp(lead / 6), repeated: isRepeated(parsed, key, letters), shape: yes(key.length >= 4) * (/\d/.test(name) ? 0.3 : 1) }
}

const cents = (amount: Money): bigint => BigDecimal.scale(BigDecimal.abs(amount), 2).value
const magnitude = (value: bigint): bigint => value < 0n ? -value : value

type AmountField = keyof typeof kindsOf

/** Amounts that words by them, or the heading of their column, call so in so many words. */
const labelledAs = (field: AmountField, parsed: ParsedPages): ReadonlyArray<bigint> => {
  const kinds: ReadonlyArray<string> = kindsOf[field]
  return parsed.labelled.filter(({ label }) => kinds.includes(label.kind) && label.strength >= 2).map(({ amount }) => magnitude(amount.cents))
}

const ofAmount = (field: AmountField, amount: Money, fields: InvoiceFields, parsed: ParsedPages, places: ReadonlyMap<JudgedField, Place>): Grounds => {
  const { amountHT, amountTTC, amountTVA } = fields
  const own = cents(amount)
  const named = labelledAs(field, parsed)
  const isNamed = (of: AmountField, value: Money | null) => value !== null && labelledAs(of, parsed).includes(cents(value))
  const hasRate = amountHT !== null && amountTVA !== null &&
    (BigDecimal.isZero(amountTVA) || rateOf(cents(amountHT), cents(amountTVA)) !== null || fields.vatLines.length > 0)
  const sums = parsed.amountsByLine.flat().filter((each) => each.decimals === 2 && !each.isPercent).map((each) => magnitude(each.cents))
  return {
    label: yes(named.includes(own)),
    only: yes(named.every((value) => value === own)),
    sum: yes(totalsAgree(fields) === true),
    rate: yes(totalsAgree(fields) === true && hasRate),
    allLabelled: yes(isNamed("amountHT", amountHT) && isNamed("amountTVA", amountTVA) && isNamed("amountTTC", amountTTC)),
    allFound: yes(places.has("amountHT") && places.has("amountTVA") && places.has("amountTTC")),
    ...(field === "amountTTC" ? { largest: yes(sums.every((value) => value <= own)) } : {})
  }
}

const halfYear = 183 * 86_400_000

const ofDueDate = (due: string, { invoiceDate }: InvoiceFields): Grounds => {
  const after = invoiceDate === null ? -1 : Date.parse(due) - Date.parse(invoiceDate)
  return { order: yes(after >= 0 && after <= halfYear) }
}

const own = (field: JudgedField, fields: InvoiceFields, parsed: ParsedPages, places: ReadonlyMap<JudgedField, Place>): Grounds => {
  switch (field) {
    case "supplierName":
      return fields.supplierName === null ? {} : ofSupplier(fields.supplierName, parsed)
    case "invoiceNumber":
      return fields.invoiceNumber === null ? {} : ofNumber(fields.invoiceNumber, parsed)
    case "invoiceDate":
      return fields.invoiceDate === null ? {} : ofDate(fields.invoiceDate, fields.currency, parsed)
    case "dueDate":
      return fields.dueDate === null ? {} : ofDueDate(fields.dueDate, fields)
    case "currency":
      return { only: yes(parsed.currency === fields.currency) }
    case "iban":
      return { checkDigits: yes(fields.iban !== null && ibanIsSound(fields.iban)) }
    case "amountHT":
    case "amountTVA":
    case "amountTTC": {
      const amount = fields[field]
      return amount === null ? {} : ofAmount(field, amount, fields, parsed, places)
    }
  }
}

/** What speaks for a field that was read from pages, whoever read it. */
export const groundsOf = (
  field: JudgedField,
  source: ReadingSource,
  fields: InvoiceFields,
  parsed: ParsedPages,
  places: ReadonlyMap<JudgedField, Place>
): Grounds => {
  const place = places.get(field)
  return {
    found: yes(place !== undefined),
    legible: source !== "ocr" ? 1 : place === undefined ? 0 : clamp((place.legibility - 0.4) / 0.55),
    ...own(field, fields, parsed, places)
  }
}
