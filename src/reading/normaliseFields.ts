import { BigDecimal } from "effect"
import { type InvoiceFields, type JudgedField, type LineItem } from "../domain/InvoiceFields.ts"
import { type Money, toCents } from "../domain/Money.ts"
import type { Warning } from "../domain/Reading.ts"

/** Longer names and numbers are not names and numbers; the database takes them without harm. */
const maxText = 200
const maxLines = 1_000
/** numeric(14,2): twelve digits before the point. */
const tooLarge = BigDecimal.make(10n ** 12n, 0)

/** Text that PostgreSQL and JSON take: no NUL or control characters, no half of a character, one line, bounded. */
const cleanText = (text: string | null): string | null => {
  const clean = (text ?? "")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\uFFFD]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
  const bounded = clean.length <= maxText ? clean : clean.slice(0, maxText).replace(/\p{Cs}$/u, "").trim()
  return bounded === "" ? null : bounded
}

const isStorable = (amount: Money): boolean => BigDecimal.isLessThan(BigDecimal.abs(amount), tooLarge)

const storable = (amount: Money | null): Money | null => amount !== null && isStorable(amount) ? amount : null

const identifier = (text: string | null, shape: RegExp): string | null => {
  const id = cleanText(text)?.replace(/[\s.\-/]/g, "").toUpperCase() ?? ""
  return shape.test(id) ? id : null
}

const lineItem = (item: LineItem): ReadonlyArray<LineItem> => {
  const description = cleanText(item.description)
  return description === null
    ? []
    : [{ description, quantity: storable(item.quantity), unitPrice: storable(item.unitPrice), amount: storable(item.amount) }]
}

/**
 * Fields as they may be stored, whoever found them, with a warning for every amount that had to be dropped.
 * Sums are rounded to the cent.
 */
export const normaliseFields = (fields: InvoiceFields): { readonly fields: InvoiceFields; readonly warnings: ReadonlyArray<Warning> } => {
  const warnings: Array<Warning> = []
  const sum = (field: JudgedField, amount: Money | null): Money | null => {
    if (amount === null) return null
    if (isStorable(amount)) return toCents(amount)
    warnings.push({ code: "amount-out-of-range", field, message: "The amount is too large to be one of an invoice and was left out." })
    return null
  }
  const currency = fields.currency?.trim().toUpperCase() ?? ""
  return {
    warnings,
    fields: {
      documentType: fields.documentType,
      supplierName: cleanText(fields.supplierName),
      invoiceNumber: cleanText(fields.invoiceNumber),
      invoiceDate: fields.invoiceDate,
      dueDate: fields.dueDate,
      currency: /^[A-Z]{3}$/.test(currency) ? currency : null,
      amountHT: sum("amountHT", fields.amountHT),
      amountTVA: sum("amountTVA", fields.amountTVA),
      amountTTC: sum("amountTTC", fields.amountTTC),
      vatLines: fields.vatLines.slice(0, maxLines).map((line) => ({
        rate: storable(line.rate),
        base: storable(line.base),
        amount: storable(line.amount)
      })),
      supplierVatNumber: identifier(fields.supplierVatNumber, /^[A-Z]{2,3}[A-Z0-9+*]{2,15}$/),
      supplierSiren: identifier(fields.supplierSiren, /^\d{9}$/),
      supplierSiret: identifier(fields.supplierSiret, /^\d{14}$/),
      iban: identifier(fields.iban, /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/),
      lineItems: fields.lineItems.slice(0, maxLines).flatMap(lineItem)
    }
  }
}
