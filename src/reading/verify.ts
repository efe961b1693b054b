import type { CalendarDate } from "../domain/CalendarDate.ts"
import { type InvoiceFields, judgedFields, type JudgedField } from "../domain/InvoiceFields.ts"
import type { Page } from "../domain/Page.ts"
import type { Evidence, Reading, ReadingSource, Warning } from "../domain/Reading.ts"
import { checkFields } from "./checks.ts"
import { documentConfidence, fieldConfidence } from "./confidence.ts"
import { doubtsOf } from "./doubts.ts"
import { placesOf } from "./evidence.ts"
import { furtherEvidence } from "./furtherEvidence.ts"
import { type Grounds, groundsOf } from "./grounds.ts"
import { evidenceOf } from "./shownEvidence.ts"
import { normaliseFields } from "./normaliseFields.ts"
import { notationWarnings } from "./notation.ts"
import { parsingOf } from "./parsedPages.ts"
import { textLayerMakesSense } from "./textLayer.ts"
import { atOnce, type Steps } from "./turns.ts"

/** Documents from here on may be taken over unseen: at least 97 of 100 such are right in every field. */
const reviewBelow = 0.9

/** Fields that a page shows just as the XML says them; names are shortened and decorated on paper. */
const comparedWithPage: ReadonlyArray<JudgedField> = ["invoiceNumber", "invoiceDate", "amountTTC"]

const missingOnPage = (source: ReadingSource, known: ReadonlyArray<JudgedField>, found: ReadonlySet<JudgedField>): ReadonlyArray<Warning> =>
  known.filter((field) => !found.has(field)).flatMap((field): ReadonlyArray<Warning> => {
    if (source !== "e-invoice") {
      // A VAT or a sum without VAT may be worked out; a currency may follow from the country.
      return ["amountHT", "amountTVA", "currency"].includes(field)
        ? []
        : [{ code: "not-on-page", field, message: "The value was not found on the pages." }]
    }
    return comparedWithPage.includes(field)
      ? [{ code: "differs-from-page", field, message: "The e-invoice says something else than the page that people see." }]
      : []
  })

/**
 * Proves what an extractor claims, whoever it was: cleans the fields so that they may be stored, checks arithmetic,
 * rates, check digits and dates, looks every value up on the pages, and says how sure each field and the whole are.
 * The e-invoice's values are kept where the page differs, and flagged. Never fails: where nothing is usable the
 * confidence is 0.
 */
export const verify = (input: Claim): Reading => atOnce(verification(input))

/** What an extractor claims, and the pages to prove it against. */
export interface Claim {
  readonly source: ReadingSource
  readonly fields: InvoiceFields
  readonly pages: ReadonlyArray<Page>
  readonly today: CalendarDate
  /** What was noticed before, such as an embedded XML that had to be left aside. */
  readonly extraWarnings?: ReadonlyArray<Warning>
}

/** The same in steps. */
export function* verification(input: Claim): Steps<Reading> {
  const { fields, warnings: dropped } = normaliseFields(input.fields)
  const known = judgedFields.filter((field) => fields[field] !== null)
  const parsed = yield* parsingOf(input.pages)
  const places = placesOf(fields, parsed, input.pages)
  yield
  const isComparable = input.source !== "e-invoice" || textLayerMakesSense(input.pages)
  const warnings = [
    ...input.extraWarnings ?? [],
    ...dropped,
    ...checkFields(fields, input.today),
    ...(isComparable ? missingOnPage(input.source, known, new Set(places.keys())) : []),
    ...(input.source === "e-invoice" ? [] : notationWarnings(fields, parsed))
  ]
  const grounds = new Map<JudgedField, Grounds>()
  for (const field of known) {
    grounds.set(field, groundsOf(field, input.source, fields, parsed, places))
    yield
  }
  const confidences = new Map(known.map((field) => [field, fieldConfidence(field, input.source, grounds.get(field) ?? {}, warnings)] as const))
  const confidence = documentConfidence(input.source, fields, confidences)
  const reasons = warnings.length === 0 && confidence < reviewBelow ? doubtsOf(fields, confidences, grounds) : warnings
  const evidence: Evidence = Object.fromEntries(known.map((field) => {
    const found = { confidence: confidences.get(field) ?? 0, grounds: grounds.get(field) ?? {}, place: places.get(field) }
    return [field, evidenceOf(field, fields, found, parsed.lines, input.pages)]
  }))
  return {
    source: input.source,
    fields,
    confidence,
    needsReview: confidence < reviewBelow || reasons.length > 0,
    warnings: reasons,
    evidence: { ...evidence, ...furtherEvidence(input.source, fields, parsed, input.pages) }
  }
}
