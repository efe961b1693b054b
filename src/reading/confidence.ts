import type { InvoiceFields, JudgedField } from "../domain/InvoiceFields.ts"
import type { ReadingSource, Warning } from "../domain/Reading.ts"
import { documentWeights, fieldWeights, type Weights } from "./confidenceWeights.ts"
import type { Grounds } from "./grounds.ts"
import { groundNames } from "./grounds.ts"

const logistic = (value: number): number => 1 / (1 + Math.exp(-value))
const logit = (probability: number): number => Math.log(probability / (1 - probability))

/** No value is certain, and none without hope. */
const bounded = (probability: number): number => Math.min(0.995, Math.max(0.02, probability))

const thousandths = (value: number): number => Math.round(value * 1000) / 1000

/** XML that reads as an invoice and does not contradict itself says what its maker's program knew. */
const eInvoiceConfidence = 0.995
/** What the page shows differently may be the XML's fault. */
const differing = 0.9
/** Somebody should look at it. */
const blamed = 0.5

/** How often a value with these grounds is right. */
const probabilityOf = (weights: Weights, grounds: Grounds): number =>
  bounded(logistic(groundNames.reduce((sum, name) => sum + (weights[name] ?? 0) * (grounds[name] ?? 0), weights.start)))

/** How sure one known field is, 0 to 1. Warnings about it lower that, whatever else speaks for it. */
export const fieldConfidence = (
  field: JudgedField,
  source: ReadingSource,
  grounds: Grounds,
  warnings: ReadonlyArray<Warning>,
  weights: Weights = fieldWeights[field]
): number => {
  const own = source === "e-invoice" ? eInvoiceConfidence : probabilityOf(weights, grounds)
  const against = warnings.filter((warning) => warning.field === field)
  const most = against.length === 0 ? 1 : against.every((warning) => warning.code === "differs-from-page") ? differing : blamed
  return thousandths(Math.min(own, most))
}

/** Fields that make a reading usable, and those without which it is still one. */
const needed = ["supplierName", "invoiceNumber", "invoiceDate", "currency", "amountTTC"] as const
const wanted = ["amountHT", "amountTVA"] as const
const extra = ["dueDate", "iban"] as const

/** How often what was not found is not there; receipts print neither a number of their own nor always a VAT. */
const absent = { needed: 0.5, wanted: 0.85, numberOfReceipt: 0.95, wantedOfReceipt: 0.97 }

/** The chance that all fields are right, if they were right and wrong independently of each other. */
export const productOf = (source: ReadingSource, { documentType }: InvoiceFields, confidences: ReadonlyMap<JudgedField, number>): number => {
  const isReceipt = documentType === "receipt"
  // XML says what its maker meant: check digits that are wrong are a reason to look, not to doubt what was read.
  const others = source === "e-invoice" ? [] : extra
  const factors = [
    ...needed.map((field) => confidences.get(field) ?? (isReceipt && field === "invoiceNumber" ? absent.numberOfReceipt : absent.needed)),
    ...wanted.map((field) => confidences.get(field) ?? (isReceipt ? absent.wantedOfReceipt : absent.wanted)),
    ...others.map((field) => confidences.get(field) ?? 1)
  ]
  return factors.reduce((product, factor) => product * factor, 1)
}

/**
 * How sure the document is in all: every field has to be right. Of those that come out at 0.9 or more at least 97 of
 * 100 are; what is claimed below is about as often right as it says.
 */
export const documentConfidence = (source: ReadingSource, fields: InvoiceFields, confidences: ReadonlyMap<JudgedField, number>): number => {
  if (confidences.size === 0) return 0
  const product = bounded(productOf(source, fields, confidences))
  if (source === "e-invoice") return thousandths(product)
  const { slope, start } = documentWeights[source]
  return thousandths(bounded(logistic(start + slope * logit(product))))
}
