import { BigDecimal } from "effect"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Money } from "../domain/Money.ts"
import { squash } from "./invoiceNumber.ts"
import { letters } from "./supplier.ts"

/** What several passes over the same pages make of one field. */
interface Vote<A> {
  readonly value: A
  readonly count: number
}

/** The values that were read, the most frequent first; among equals the one of the earlier reading. */
const count = <A>(values: ReadonlyArray<A | null>, key: (value: A) => string): ReadonlyArray<Vote<A>> => {
  const votes = new Map<string, Vote<A>>()
  for (const value of values) {
    if (value === null) continue
    const before = votes.get(key(value))
    votes.set(key(value), { value: before?.value ?? value, count: (before?.count ?? 0) + 1 })
  }
  return [...votes.values()].toSorted((a, b) => b.count - a.count)
}

/** Readings that must say the same: two, and this share of all; of those that say anything it must be more than half. */
const fewest = 2
const leastShare = 0.3

const agreed = <A>(values: ReadonlyArray<A | null>, key: (value: A) => string): A | null => {
  const [first] = count(values, key)
  const known = values.filter((value) => value !== null).length
  return first !== undefined && first.count >= Math.max(fewest, leastShare * values.length) && first.count > known / 2 ? first.value : null
}

const mostRead = <A>(values: ReadonlyArray<A | null>, key: (value: A) => string): A | null => count(values, key)[0]?.value ?? null

const text = (value: string): string => value
const cents = (value: Money): string => BigDecimal.format(BigDecimal.scale(value, 2))

interface Parts {
  readonly ht: Money | null
  readonly tva: Money | null
}

const addsUp = ({ ht, tva }: Parts, ttc: Money): boolean => ht !== null && tva !== null && BigDecimal.equals(BigDecimal.sum(ht, tva), ttc)

/** Sum without VAT and VAT of the readings that have the agreed total: those that add up to it before others. */
const partsOf = (readings: ReadonlyArray<InvoiceFields>, ttc: Money | null): Parts => {
  const whole = ttc === null ? readings : readings.filter(({ amountTTC }) => amountTTC !== null && cents(amountTTC) === cents(ttc))
  const parts = whole.map(({ amountHT, amountTVA }): Parts => ({ ht: amountHT, tva: amountTVA }))
  const sums = ttc === null ? [] : parts.filter((part) => addsUp(part, ttc))
  const [sum] = count(sums, ({ ht, tva }) => `${ht === null ? "" : cents(ht)}+${tva === null ? "" : cents(tva)}`)
  if (sum !== undefined) return sum.value
  const known = { ht: agreed(readings.map(({ amountHT }) => amountHT), cents), tva: agreed(readings.map(({ amountTVA }) => amountTVA), cents) }
  return ttc !== null && known.ht !== null && known.tva !== null && !addsUp(known, ttc) ? { ht: null, tva: null } : known
}

/**
 * The fields that several readings of the same pages agree on. What recognition garbles it garbles differently each
 * time, and a label that one pass missed another one read: what most of them find is hardly wrong, and what they
 * contradict each other on is left out. Numbers with check digits are right in whichever reading they stand. The first
 * reading decides what cannot be voted on.
 */
export const agreeOnFields = (readings: readonly [InvoiceFields, ...ReadonlyArray<InvoiceFields>]): InvoiceFields => {
  const [first] = readings
  if (readings.length < 3) return first
  const amountTTC = agreed(readings.map((reading) => reading.amountTTC), cents)
  const { ht, tva } = partsOf(readings, amountTTC)
  const sums = readings.find((reading) =>
    reading.vatLines.length > 0 && tva !== null && reading.amountTVA !== null && cents(reading.amountTVA) === cents(tva))
  return {
    ...first,
    documentType: mostRead(readings.map(({ documentType }) => documentType), text),
    supplierName: agreed(readings.map(({ supplierName }) => supplierName), letters),
    invoiceNumber: agreed(readings.map(({ invoiceNumber }) => invoiceNumber), squash),
    invoiceDate: agreed(readings.map(({ invoiceDate }) => invoiceDate), text),
    dueDate: agreed(readings.map(({ dueDate }) => dueDate), text),
    currency: mostRead(readings.map(({ currency }) => currency), text),
    amountHT: ht,
    amountTVA: tva,
    amountTTC,
    vatLines: sums?.vatLines ?? [],
    supplierVatNumber: mostRead(readings.map(({ supplierVatNumber }) => supplierVatNumber), text),
    supplierSiren: mostRead(readings.map(({ supplierSiren }) => supplierSiren), text),
    supplierSiret: mostRead(readings.map(({ supplierSiret }) => supplierSiret), text),
    iban: mostRead(readings.map(({ iban }) => iban), text)
  }
}

/** What of a reading is compared, as texts. */
const claims = (fields: InvoiceFields): ReadonlyArray<string | null> => [
  fields.supplierName === null ? null : letters(fields.supplierName),
  fields.invoiceNumber === null ? null : squash(fields.invoiceNumber),
  fields.invoiceDate,
  ...[fields.amountHT, fields.amountTVA, fields.amountTTC].map((amount) => amount === null ? null : cents(amount))
]

/** Which of the readings says most of what was agreed on; the earlier one of equals. There the fields have their places. */
export const nearestReading = (fields: InvoiceFields, readings: readonly [InvoiceFields, ...ReadonlyArray<InvoiceFields>]): number => {
  const wanted = claims(fields)
  const shared = readings.map((reading) => claims(reading).filter((claim, index) => claim !== null && claim === wanted[index]).length)
  return shared.indexOf(Math.max(...shared))
}
