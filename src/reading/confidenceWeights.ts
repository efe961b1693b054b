import type { JudgedField } from "../domain/InvoiceFields.ts"
import type { GroundName } from "./grounds.ts"

/** The worth of one ground for one field, in logits; `start` is that of having a value at all. */
export type Weights = Readonly<Partial<Record<GroundName, number>>> & { readonly start: number }

/** Fitted by `npm run calibrate`; see there. */
export const fieldWeights: Readonly<Record<JudgedField, Weights>> = {
  supplierName: { start: 0.18, found: 0.3, legible: 0.3, label: 1, lead: 1.78, repeated: 1.92, shape: 0.3 },
  invoiceNumber: { start: -0.47, lead: 2.59, shape: 2.53 },
  invoiceDate: { start: 0.45, found: 0.74, legible: 0.74, label: 0.92, lead: 1.36, clearDay: 0.69 },
  dueDate: { start: 0.9, found: 1.4, legible: 1.4, order: 1.4 },
  currency: { start: 0.99, found: 1.53, legible: 1.53, only: 1.53 },
  amountHT: { start: 0.6, found: 0.96, legible: 0.96, label: 0.76, sum: 0.96, rate: 0.68, allLabelled: 0.5, allFound: 0.76, only: 0.51 },
  amountTVA: { start: 0.74, found: 0.75, legible: 1.18, label: 0.59, sum: 1.18, rate: 0.6, allLabelled: 0.49, allFound: 0.75, only: 0.36 },
  amountTTC: { start: 0.57, found: 0.93, legible: 0.93, label: 0.93, sum: 0.74, rate: 0.54, allLabelled: 0.42, allFound: 0.59, only: 0.37, largest: 0.81 },
  iban: { start: 0.93, found: 1.44, legible: 1.44, checkDigits: 1.44 }
}

/** From the product of the fields' confidences to the document's, in logits: fields are seldom wrong alone. */
export const documentWeights = { start: -3.38, slope: 2.84 }
