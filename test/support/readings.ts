import { BigDecimal, Schema } from "effect"
import { CalendarDate } from "../../src/domain/CalendarDate.ts"
import { type InvoiceFields, unknownFields } from "../../src/domain/InvoiceFields.ts"
import type { Reading } from "../../src/domain/Reading.ts"

export const money = BigDecimal.fromStringUnsafe
export const day = Schema.decodeSync(CalendarDate)

/** Fields of a small invoice; what is given replaces them. */
export const someFields = (change: Partial<InvoiceFields> = {}): InvoiceFields => ({
  ...unknownFields,
  documentType: "invoice",
  supplierName: "Toitures Martin",
  invoiceNumber: "FA-2026-0147",
  invoiceDate: day("2026-03-29"),
  dueDate: day("2026-04-28"),
  currency: "EUR",
  amountHT: money("1000.00"),
  amountTVA: money("200.00"),
  amountTTC: money("1200.00"),
  iban: "FR7630006000011234567890189",
  vatLines: [{ rate: money("20.00"), base: money("1000.00"), amount: money("200.00") }],
  ...change
})

export const someReading = (change: Partial<InvoiceFields> = {}): Reading => ({
  source: "pdf-text",
  fields: someFields(change),
  confidence: 0.9,
  needsReview: false,
  warnings: [],
  evidence: {}
})
