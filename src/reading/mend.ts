import { BigDecimal } from "effect"
import type { InvoiceFields, ProvenField } from "../domain/InvoiceFields.ts"
import { toCents } from "../domain/Money.ts"
import type { Warning } from "../domain/Reading.ts"
import { totalsAgree } from "./checks.ts"
import type { Steps } from "./turns.ts"

/** What the verification has against fields. */
export type ProblemsOf = (fields: InvoiceFields) => Steps<ReadonlyArray<Warning>>

/** Fields that stand or fall together, by the field that their warnings name. */
interface Part {
  readonly blamed: ReadonlyArray<ProvenField>
  /** Null where the other answer does not know it. */
  readonly from: (other: InvoiceFields) => Partial<InvoiceFields> | null
}

const amounts: Part = {
  blamed: ["amountHT", "amountTVA", "amountTTC"],
  from: (other) => totalsAgree(other) === true ? { amountHT: other.amountHT, amountTVA: other.amountTVA, amountTTC: other.amountTTC, vatLines: other.vatLines } : null
}

const parts: ReadonlyArray<Part> = [
  amounts,
  { blamed: ["supplierName"], from: ({ supplierName }) => supplierName === null ? null : { supplierName } },
  { blamed: ["invoiceNumber"], from: ({ invoiceNumber }) => invoiceNumber === null ? null : { invoiceNumber } },
  { blamed: ["invoiceDate"], from: ({ invoiceDate }) => invoiceDate === null ? null : { invoiceDate } },
  { blamed: ["dueDate"], from: ({ dueDate }) => dueDate === null ? null : { dueDate } },
  { blamed: ["iban"], from: ({ iban }) => iban === null ? null : { iban } },
  { blamed: ["supplierVatNumber"], from: ({ supplierVatNumber }) => supplierVatNumber === null ? null : { supplierVatNumber } },
  { blamed: ["supplierSiren", "supplierSiret"], from: ({ supplierSiren, supplierSiret }) => supplierSiren === null ? null : { supplierSiren, supplierSiret } }
]

const isSameTotal = (a: InvoiceFields, b: InvoiceFields): boolean =>
  a.amountTTC !== null && b.amountTTC !== null &&
  BigDecimal.equals(toCents(BigDecimal.abs(a.amountTTC)), toCents(BigDecimal.abs(b.amountTTC)))

/** The sums of the one answer prove each other, those of the other do not, and the totals differ. */
const provesOtherwise = (rules: InvoiceFields, model: InvoiceFields): boolean =>
  totalsAgree(rules) === true && totalsAgree(model) !== true && !isSameTotal(rules, model)

/**
 * A model's answer in which what fails the verification is replaced by what the rules have found, where that passes.
 * Of sums, also where the model's prove nothing and the rules' prove each other.
 */
export function* mending(model: InvoiceFields, rules: InvoiceFields, problemsOf: ProblemsOf): Steps<InvoiceFields> {
  let mended = provesOtherwise(rules, model) ? { ...model, ...amounts.from(rules) } : model
  let problems = yield* problemsOf(mended)
  for (const { blamed, from } of parts) {
    const other = problems.some(({ field }) => field !== null && blamed.includes(field)) ? from(rules) : null
    if (other === null) continue
    const candidate = { ...mended, ...other }
    const left = yield* problemsOf(candidate)
    if (left.length < problems.length) [mended, problems] = [candidate, left]
  }
  return mended
}

/** Both answers prove themselves and name different totals: a person decides. */
export const disagreement = (model: InvoiceFields, rules: InvoiceFields): ReadonlyArray<Warning> =>
  totalsAgree(model) === true && totalsAgree(rules) === true && !isSameTotal(model, rules)
    ? [{ code: "readers-disagree", field: "amountTTC", message: "Two ways of reading the document found different totals." }]
    : []
