import type { JudgedField } from "../domain/InvoiceFields.ts"
import type { GroundName } from "./grounds.ts"

/** The worth of one ground for one field, in logits; `start` is that of having a value at all. */
export type Weights = Readonly<Partial<Record<GroundName, number>>> & { readonly start: number }

/** Fitted by `npm run calibrate`; see there. */
export const fieldWeights: Readonly<Record<JudgedField, Weights>> = {
  supplierName: { start: -2.93, found: 0.21, legible: 1.47, label: 0.89, lead: 1.63, repeated: 0.72, shape: 2.15 },
  invoiceNumber: { start: -2.83, found: 0.14, legible: 0.88, label: 0.03, lead: 1.12, shape: 4.12 },
  invoiceDate: { start: -0.57, found: 1.83, lead: 1.98, clearDay: 0.95 },
  dueDate: { start: -0.65, found: 1.76, legible: 1.64, order: 1.48 },
  currency: { start: -0.73, found: 1.84, legible: 1.84, only: 1.84 },
  amountHT: { start: -0.13, found: 1.24, legible: 0.53, sum: 2.02 },
  amountTVA: { start: -0.23, found: 0.11, legible: 0.52, sum: 2.52, allFound: 0.69 },
  amountTTC: { start: 0.8, found: 1.05, label: 0.35, sum: 1.48 },
  iban: { start: -0.72, found: 1.75, legible: 1.65, checkDigits: 1.75 }
}

/** From the product of the fields' confidences to the document's, in logits: fields are seldom wrong alone. */
export const documentWeights = { start: -1.73, slope: 3.44 }
