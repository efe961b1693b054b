import type { JudgedField } from "../domain/InvoiceFields.ts"
import type { GroundName } from "./grounds.ts"

/** The worth of one ground for one field, in logits; `start` is that of having a value at all. */
export type Weights = Readonly<Partial<Record<GroundName, number>>> & { readonly start: number }

/** A straight line over logits. */
export interface Line {
  readonly start: number
  readonly slope: number
}

/** Fitted by `npm run calibrate`; see there. */
export const fieldWeights: Readonly<Record<JudgedField, Weights>> = {
  supplierName: { start: -3.07, found: 0.22, legible: 0.83, label: 0.58, lead: 2.41, repeated: 1.13, shape: 2.5 },
  invoiceNumber: { start: -2.99, found: 0.15, legible: 0.78, label: 0.05, lead: 1.24, shape: 4.54 },
  invoiceDate: { start: -0.62, found: 1.86, lead: 2.35, clearDay: 0.86 },
  dueDate: { start: -0.63, found: 1.88, legible: 1.65, order: 1.62 },
  currency: { start: -0.52, found: 1.73, legible: 1.73, only: 2.15 },
  amountHT: { start: -0.08, found: 1.33, legible: 0.47, sum: 2.2 },
  amountTVA: { start: -0.3, found: 0.04, legible: 0.33, sum: 2.92, allFound: 0.91 },
  amountTTC: { start: 0.78, found: 0.85, legible: 0.61, label: 0.2, sum: 1.56 },
  iban: { start: -0.69, found: 1.86, legible: 1.69, checkDigits: 1.86 }
}

/** From the product of the fields' confidences to the document's, in logits: fields are seldom wrong alone. */
export const documentWeights: Readonly<Record<"pdf-text" | "ocr", Line>> = {
  "pdf-text": { start: -1.5, slope: 3.01 },
  "ocr": { start: -2.87, slope: 3.54 }
}
