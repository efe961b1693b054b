import { Schema } from "effect"
import { DocumentType } from "../InvoiceFields.ts"
import { ReadingSource } from "../Reading.ts"
import { Amount, Day, eventOf, text, textOrNull } from "./eventShape.ts"

const generation = Schema.Int.annotate({ description: "1, and one more each time that somebody had the invoice read again" })

/** Longer texts are cut in the event, so that no row is too large for one. */
export const longestText = 1_000

/** The values of the row after the reading: what people have set by hand is in it as they set it. */
export const InvoiceProcessed = eventOf("invoice.processed", {
  invoiceId: text("the invoice"),
  generation,
  documentType: Schema.NullOr(DocumentType),
  supplierName: textOrNull("cut after 1,000 characters"),
  invoiceNumber: textOrNull("cut after 1,000 characters"),
  invoiceDate: Schema.NullOr(Day),
  dueDate: Schema.NullOr(Day),
  currency: textOrNull("ISO 4217"),
  amountHT: Schema.NullOr(Amount),
  amountTVA: Schema.NullOr(Amount),
  amountTTC: Schema.NullOr(Amount),
  confidence: Schema.Finite.annotate({ description: "0 to 1, for the document in all" }),
  needsReview: Schema.Boolean.annotate({ description: "a person should look at it" }),
  source: ReadingSource
})
export type InvoiceProcessed = typeof InvoiceProcessed.Type

export const InvoiceError = eventOf("invoice.error", {
  invoiceId: text("the invoice"),
  generation,
  errorCode: text("stable, as in the README's table"),
  errorMessage: text("a sentence for the admin")
})
export type InvoiceError = typeof InvoiceError.Type

/** The same for the same outcome of the same generation, however often it is written. */
export const invoiceEventKey = (invoiceId: string, generation: number, outcome: "processed" | "error"): string =>
  `invoice/${invoiceId}/${generation}/${outcome}`
