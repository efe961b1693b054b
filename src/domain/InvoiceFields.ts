import { Schema } from "effect"
import { CalendarDate } from "./CalendarDate.ts"
import { Money } from "./Money.ts"

/** What the paper is. A quote, an order or a delivery note is not an invoice. */
export const DocumentType = Schema.Literals(["invoice", "credit-note", "receipt", "quote", "other"])
export type DocumentType = typeof DocumentType.Type

/** One line of the VAT breakdown; `rate` in per cent ("20.00"). */
export const VatLine = Schema.Struct({
  rate: Schema.NullOr(Money),
  base: Schema.NullOr(Money),
  amount: Schema.NullOr(Money)
})
export type VatLine = typeof VatLine.Type

/** One item of the invoice table, where the table is clear. */
export const LineItem = Schema.Struct({
  description: Schema.String,
  quantity: Schema.NullOr(Money),
  unitPrice: Schema.NullOr(Money),
  amount: Schema.NullOr(Money)
})
export type LineItem = typeof LineItem.Type

/**
 * What an invoice says. null means "not known", never "zero". Amounts carry the sign that is printed: credit
 * notes come negative or positive, and `documentType` tells the meaning. `amountTTC` is the total with VAT, not the
 * amount left to pay.
 */
export const InvoiceFields = Schema.Struct({
  documentType: Schema.NullOr(DocumentType),
  supplierName: Schema.NullOr(Schema.String),
  invoiceNumber: Schema.NullOr(Schema.String),
  invoiceDate: Schema.NullOr(CalendarDate),
  dueDate: Schema.NullOr(CalendarDate),
  /** ISO 4217, upper case. */
  currency: Schema.NullOr(Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/))),
  amountHT: Schema.NullOr(Money),
  amountTVA: Schema.NullOr(Money),
  amountTTC: Schema.NullOr(Money),
  vatLines: Schema.Array(VatLine),
  /** VAT number with country prefix, without spaces. */
  supplierVatNumber: Schema.NullOr(Schema.String),
  /** French company number: 9 digits (SIREN) or 14 (SIRET). */
  supplierSiren: Schema.NullOr(Schema.String),
  supplierSiret: Schema.NullOr(Schema.String),
  /** ISO 13616, upper case, without spaces. */
  iban: Schema.NullOr(Schema.String),
  lineItems: Schema.Array(LineItem)
})
export type InvoiceFields = typeof InvoiceFields.Type

export const unknownFields: InvoiceFields = {
  documentType: null,
  supplierName: null,
  invoiceNumber: null,
  invoiceDate: null,
  dueDate: null,
  currency: null,
  amountHT: null,
  amountTVA: null,
  amountTTC: null,
  vatLines: [],
  supplierVatNumber: null,
  supplierSiren: null,
  supplierSiret: null,
  iban: null,
  lineItems: []
}

/** The fields that are judged one by one for confidence and evidence. */
export const judgedFields = [
  "supplierName",
  "invoiceNumber",
  "invoiceDate",
  "dueDate",
  "currency",
  "amountHT",
  "amountTVA",
  "amountTTC",
  "iban"
] as const
export type JudgedField = (typeof judgedFields)[number]

/** The fields whose place on the page is shown: a table's is the box around all of its values. */
export const provenFields = [...judgedFields, "supplierVatNumber", "supplierSiren", "supplierSiret", "vatLines", "lineItems"] as const
export type ProvenField = (typeof provenFields)[number]
