import { BigDecimal } from "effect"
import type { InvoiceFields, JudgedField } from "../domain/InvoiceFields.ts"
import type { Money } from "../domain/Money.ts"
import type { ReadingSource, Warning } from "../domain/Reading.ts"
import { totalsAgree } from "./checks.ts"
import { kindsOf, type Place } from "./evidence.ts"
import { invoiceDateCandidates } from "./invoiceDates.ts"
import { invoiceNumberCandidates, squash } from "./invoiceNumber.ts"
import type { ParsedPages } from "./parsedPages.ts"
import { letters, supplierCandidates } from "./supplier.ts"
import { rateOf } from "./vatTable.ts"

/**
 * How often a field with that much speaking for it was right on real documents, rounded down. The document's own
 * confidence is the product of its fields'.
 */
const sure = 0.99
const likely = 0.97
const fair = 0.9
const doubtful = 0.75
const unfounded = 0.5
const refuted = 0.3

const byScore = (score: number, lead: number, steps: { readonly sure: number; readonly likely: number; readonly fair: number }): number =>
  score >= steps.sure && lead >= 2 ? sure : score >= steps.likely && lead >= 1 ? likely : score >= steps.fair ? fair : doubtful

/** The best score of a value among candidates, and by how much it leads any other. */
const standing = <A extends { readonly score: number }>(candidates: ReadonlyArray<A>, is: (candidate: A) => boolean): { readonly score: number; readonly lead: number } | null => {
  const own = candidates.find(is)
  if (own === undefined) return null
  const other = candidates.find((candidate) => !is(candidate))
  return { score: own.score, lead: own.score - (other?.score ?? 0) }
}

const numberConfidence = (number: string, parsed: ParsedPages): number => {
  const found = standing(invoiceNumberCandidates(parsed.lines, []), (candidate) => squash(candidate.number) === squash(number))
  return found === null ? doubtful : byScore(found.score, found.lead, { sure: 7, likely: 6, fair: 5 })
}

const dateConfidence = (date: string, parsed: ParsedPages): number => {
  const found = standing(invoiceDateCandidates(parsed.lines, parsed.dayOrder), (candidate) => candidate.date === date)
  return found === null ? unfounded : byScore(found.score, found.lead, { sure: 7.5, likely: 5, fair: 3.5 })
}

const supplierConfidence = (name: string, parsed: ParsedPages): number => {
  const key = letters(name)
  const found = standing(supplierCandidates(parsed.lines), (candidate) => letters(candidate.name).includes(key) || key.includes(letters(candidate.name)))
  return found === null ? doubtful : byScore(found.score, found.lead, { sure: 9, likely: 7, fair: 5.5 })
}

/** Whether words by an amount, or the heading of its column, call it so in so many words. */
const isLabelled = (field: keyof typeof kindsOf, amount: Money, parsed: ParsedPages): boolean => {
  const cents = BigDecimal.scale(amount, 2).value
  const kinds: ReadonlyArray<string> = kindsOf[field]
  return parsed.labelled.some(({ amount: { cents: printed }, label }) =>
    (printed === cents || printed === -cents) && kinds.includes(label.kind) && label.strength >= 2)
}

/** Three sums that fit together prove each other when all are labelled, or when their rate exists. */
const amountConfidence = (field: keyof typeof kindsOf, fields: InvoiceFields, parsed: ParsedPages): number => {
  const { [field]: amount, amountHT, amountTTC, amountTVA } = fields
  if (amount === null) return 0
  const own = isLabelled(field, amount, parsed)
  const agree = totalsAgree(fields)
  if (agree === false) return refuted
  if (agree === null || amountHT === null || amountTVA === null || amountTTC === null) return own ? fair : doubtful
  const all = isLabelled("amountHT", amountHT, parsed) && isLabelled("amountTVA", amountTVA, parsed) && isLabelled("amountTTC", amountTTC, parsed)
  const [ht, tva] = [BigDecimal.scale(amountHT, 2).value, BigDecimal.scale(amountTVA, 2).value]
  const hasRate = tva === 0n || rateOf(ht, tva) !== null || fields.vatLines.length > 0
  return all || own && hasRate ? sure : own || hasRate ? likely : fair
}

const legibilityFactor = (place: Place): number =>
  place.legibility >= 0.88 ? 1 : place.legibility >= 0.75 ? 0.97 : place.legibility >= 0.5 ? 0.88 : 0.75

const fieldConfidence = (field: JudgedField, fields: InvoiceFields, parsed: ParsedPages): number => {
  switch (field) {
    case "supplierName":
      return fields.supplierName === null ? 0 : supplierConfidence(fields.supplierName, parsed)
    case "invoiceNumber":
      return fields.invoiceNumber === null ? 0 : numberConfidence(fields.invoiceNumber, parsed)
    case "invoiceDate":
      return fields.invoiceDate === null ? 0 : dateConfidence(fields.invoiceDate, parsed)
    case "dueDate":
      return likely
    case "currency":
      return parsed.currency === fields.currency ? sure : fair
    case "iban":
      return sure
    case "amountHT":
    case "amountTVA":
    case "amountTTC":
      return amountConfidence(field, fields, parsed)
  }
}

const amountFields: ReadonlyArray<JudgedField> = ["amountHT", "amountTVA", "amountTTC"]

/** A misread digit would break the sum: amounts that agree need not be legible one by one, and one may be worked out. */
const onPage = (
  field: JudgedField,
  fields: InvoiceFields,
  parsed: ParsedPages,
  places: ReadonlyMap<JudgedField, Place>,
  isRecognised: boolean
): number => {
  const place = places.get(field)
  const isSum = amountFields.includes(field) && totalsAgree(fields) === true
  const printed = amountFields.filter((amount) => places.has(amount)).length
  if (place === undefined) return isSum && printed === 2 ? fair : unfounded
  const own = fieldConfidence(field, fields, parsed)
  return isRecognised && !(isSum && printed === 3) ? own * legibilityFactor(place) : own
}

const eInvoiceConfidence = 0.995

/** How sure each known field is, 0 to 1. Warnings about a field lower it, whatever else speaks for it. */
export const fieldConfidences = (
  source: ReadingSource,
  fields: InvoiceFields,
  known: ReadonlyArray<JudgedField>,
  parsed: ParsedPages,
  places: ReadonlyMap<JudgedField, Place>,
  warnings: ReadonlyArray<Warning>
): ReadonlyMap<JudgedField, number> =>
  new Map(known.map((field) => {
    const own = source === "e-invoice" ? eInvoiceConfidence : onPage(field, fields, parsed, places, source === "ocr")
    const blamed = warnings.filter((warning) => warning.field === field)
    const ceiling = blamed.some((warning) => warning.code === "differs-from-page") ? fair : blamed.length > 0 ? unfounded : 1
    return [field, Math.min(own, ceiling)]
  }))

/** Fields that make a reading usable, and those without which it is still one. */
const needed = ["supplierName", "invoiceNumber", "invoiceDate", "currency", "amountTTC"] as const
const wanted = ["amountHT", "amountTVA"] as const

/** The document in all: every field has to be right, and what is missing was not found. Receipts have no VAT to show. */
export const documentConfidence = (fields: InvoiceFields, confidences: ReadonlyMap<JudgedField, number>): number => {
  const isReceipt = fields.documentType === "receipt"
  const factors = [
    ...needed.map((field) => confidences.get(field) ?? (isReceipt && field === "invoiceNumber" ? 0.95 : unfounded)),
    ...wanted.map((field) => confidences.get(field) ?? (isReceipt ? 0.97 : 0.85))
  ]
  return confidences.size === 0 ? 0 : Math.round(factors.reduce((product, factor) => product * factor, 1) * 1000) / 1000
}
