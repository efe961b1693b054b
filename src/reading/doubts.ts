import type { InvoiceFields, JudgedField } from "../domain/InvoiceFields.ts"
import type { Warning } from "../domain/Reading.ts"
import { fieldWeights } from "./confidenceWeights.ts"
import { type GroundName, groundNames, type Grounds } from "./grounds.ts"

/** What it means that a ground does not hold, as a person would say it after "because". */
const because: Readonly<Record<GroundName, string>> = {
  found: "the value does not stand on a page as such",
  legible: "the characters are hard to read",
  label: "no clear words beside it say what it is",
  lead: "something else on the page could be meant as well",
  repeated: "it stands on the document only once",
  shape: "it does not look like one",
  clearDay: "day and month could be the other way round",
  sum: "the amounts could not be checked against each other",
  rate: "no VAT rate that exists fits the amounts",
  allLabelled: "not all amounts are named by words beside them",
  allFound: "not all amounts stand on the page",
  only: "other amounts are called the same",
  largest: "there is a larger amount on the page",
  checkDigits: "the check digits are wrong",
  order: "it does not follow the date of the invoice"
}

/** The ground whose lack weighs most. That a value stands there only once is ordinary: it is named when nothing else is lacking. */
const weakest = (field: JudgedField, grounds: Grounds): GroundName | null => {
  const losses = groundNames.flatMap((name) => {
    const loss = (fieldWeights[field][name] ?? 0) * (1 - (grounds[name] ?? 1))
    return loss < 0.05 ? [] : [{ name, loss }]
  }).toSorted((a, b) => b.loss - a.loss)
  return (losses.find(({ name }) => name !== "repeated") ?? losses[0])?.name ?? null
}

const doubtOf = (field: JudgedField, grounds: Grounds): Warning => {
  const worst = weakest(field, grounds)
  return { code: "doubtful", field, message: worst === null ? "The value is not certain." : `The value is not certain, because ${because[worst]}.` }
}

/** Sums without which an invoice is only half read; their lack is a reason to look, not a fault. */
const sums = ["amountHT", "amountTVA"] as const

/**
 * Why a document has to be looked at of which nothing else was noticed: its least certain fields, and the sums that were
 * not found.
 */
export const doubtsOf = (
  fields: InvoiceFields,
  confidences: ReadonlyMap<JudgedField, number>,
  grounds: ReadonlyMap<JudgedField, Grounds>
): ReadonlyArray<Warning> => {
  const missing = fields.documentType === "receipt" ? [] : sums.filter((field) => fields[field] === null)
  const sorted = [...confidences].toSorted((a, b) => a[1] - b[1])
  const doubtful = sorted.filter(([, confidence]) => confidence < 0.93)
  return [
    ...missing.map((field): Warning => ({ code: "not-found", field, message: "This was not found on the document." })),
    ...(doubtful.length > 0 || missing.length > 0 ? doubtful : sorted.slice(0, 1)).map(([field]) => doubtOf(field, grounds.get(field) ?? {}))
  ]
}
