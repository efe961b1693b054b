import { BigDecimal } from "effect"
import type { CalendarDate } from "../domain/CalendarDate.ts"
import type { InvoiceFields, ProvenField } from "../domain/InvoiceFields.ts"
import { type Money, toCents } from "../domain/Money.ts"
import type { Warning } from "../domain/Reading.ts"
import { ibanIsSound, sirenIsSound, siretIsSound } from "./checkDigits.ts"
import { rateExists, sellerCountry } from "./countryRates.ts"
import { vatNumberCheck } from "./vatNumbers.ts"

const warning = (code: string, field: ProvenField | null, message: string): Warning => ({ code, field, message })

/** A coin's rounding of the total (Switzerland, Sweden) is no contradiction. */
const coin = BigDecimal.make(5n, 2)
const roundingCurrencies = new Set(["CHF", "MYR", "SEK", "NOK", "DKK", "SGD", "AUD", "NZD", "ZAR"])

const differs = (a: Money, b: Money, slack: Money): boolean => BigDecimal.isGreaterThan(BigDecimal.abs(BigDecimal.subtract(toCents(a), toCents(b))), slack)

const none = BigDecimal.make(0n, 2)
const cent = BigDecimal.make(1n, 2)

const isNumber = (value: Money | null): value is Money => value !== null

const sumOf = (values: ReadonlyArray<Money>): Money => values.reduce((total, value) => BigDecimal.sum(total, value), none)

/** Whether HT + TVA = TTC to the cent; null where one of them is not known. */
export const totalsAgree = ({ amountHT, amountTTC, amountTVA, currency }: InvoiceFields): boolean | null =>
  amountHT === null || amountTVA === null || amountTTC === null
    ? null
    : !differs(BigDecimal.sum(amountHT, amountTVA), amountTTC, roundingCurrencies.has(currency ?? "") ? coin : none)

/** Each rate's tax is its share of the base: to the cent, and one more for every few lines that were rounded alone. */
const ratesAgree = (fields: InvoiceFields): boolean =>
  fields.vatLines.every(({ amount, base, rate }) =>
    rate === null || base === null || amount === null ||
    !differs(BigDecimal.multiply(base, BigDecimal.multiply(rate, cent)), amount, BigDecimal.make(BigInt(2 + Math.floor(fields.lineItems.length / 4)), 2)))

const breakdownAgrees = (fields: InvoiceFields): boolean => {
  const taxes = fields.vatLines.map((line) => line.amount)
  const known = taxes.filter(isNumber)
  return fields.amountTVA === null || known.length === 0 || known.length < taxes.length || !differs(sumOf(known), fields.amountTVA, cent)
}

/** What the rates are applied to is no more than HT; less it may be, where what bears no tax is not in the breakdown. */
const basesFit = (fields: InvoiceFields): boolean => {
  const bases = fields.vatLines.map((line) => line.base)
  const known = bases.filter(isNumber)
  return fields.amountHT === null || known.length === 0 || known.length < bases.length ||
    !BigDecimal.isGreaterThan(BigDecimal.abs(sumOf(known)), BigDecimal.sum(BigDecimal.abs(fields.amountHT), cent))
}

/**
 * Whether the fields contradict each other: HT + TVA is not TTC, or the breakdown is not the VAT. An e-invoice that
 * does is better read from its page.
 */
export const contradictsItself = (fields: InvoiceFields): boolean =>
  totalsAgree(fields) === false || !breakdownAgrees(fields) || !ratesAgree(fields)

const amountChecks = (fields: InvoiceFields): ReadonlyArray<Warning> => {
  const country = sellerCountry(fields)
  return [
    ...(totalsAgree(fields) === false ? [warning("totals-disagree", "amountTTC", "HT and VAT do not add up to the total with VAT.")] : []),
    ...(ratesAgree(fields) ? [] : [warning("vat-rate-disagrees", "amountTVA", "The VAT of a rate is not that share of its base.")]),
    ...(breakdownAgrees(fields) ? [] : [warning("vat-breakdown-disagrees", "amountTVA", "The VAT of the single rates does not add up to the VAT in all.")]),
    ...(basesFit(fields) ? [] : [warning("vat-bases-disagree", "amountHT", "The amounts that the single rates are applied to are more than the total without VAT.")]),
    ...(country !== null && fields.vatLines.some(({ rate }) => rate !== null && !rateExists(country, rate))
      ? [warning("vat-rate-unknown", "amountTVA", "A VAT rate does not exist in the supplier's country.")]
      : [])
  ]
}

const numberChecks = (fields: InvoiceFields): ReadonlyArray<Warning> => [
  ...(fields.iban !== null && !ibanIsSound(fields.iban) ? [warning("iban-wrong", "iban", "The check digits of the IBAN are wrong.")] : []),
  ...(fields.supplierVatNumber !== null && vatNumberCheck(fields.supplierVatNumber) === "wrong"
    ? [warning("vat-number-wrong", "supplierVatNumber", "The check digits of the supplier's VAT number are wrong.")]
    : []),
  ...(fields.supplierSiret !== null && !siretIsSound(fields.supplierSiret)
    ? [warning("siret-wrong", "supplierSiret", "The check digits of the supplier's SIRET are wrong.")]
    : fields.supplierSiren !== null && !sirenIsSound(fields.supplierSiren)
    ? [warning("siren-wrong", "supplierSiren", "The check digits of the supplier's SIREN are wrong.")]
    : [])
]

const dateChecks = ({ dueDate, invoiceDate }: InvoiceFields, today: CalendarDate): ReadonlyArray<Warning> => [
  ...(invoiceDate !== null && invoiceDate > today ? [warning("date-in-future", "invoiceDate", "The invoice date is in the future.")] : []),
  ...(invoiceDate !== null && dueDate !== null && dueDate < invoiceDate ? [warning("due-before-invoice", "dueDate", "The due date is before the invoice date.")] : [])
]

const typeChecks = ({ documentType }: InvoiceFields): ReadonlyArray<Warning> =>
  documentType === "quote"
    ? [warning("is-a-quote", null, "The document is a quote, not an invoice.")]
    : documentType === "other"
    ? [warning("not-an-invoice", null, "The document does not seem to be an invoice.")]
    : []

/** What is missing of what every invoice has. */
const missingChecks = (fields: InvoiceFields): ReadonlyArray<Warning> =>
  (["supplierName", "invoiceNumber", "invoiceDate", "amountTTC", "currency"] as const)
    .filter((field) => fields[field] === null && !(field === "invoiceNumber" && fields.documentType === "receipt"))
    .map((field) => warning("not-found", field, "This was not found on the document."))

/** Everything about the fields that a person should look at; what French building firms ordinarily send is not. */
export const checkFields = (fields: InvoiceFields, today: CalendarDate): ReadonlyArray<Warning> => [
  ...missingChecks(fields),
  ...amountChecks(fields),
  ...numberChecks(fields),
  ...dateChecks(fields, today),
  ...typeChecks(fields)
]
