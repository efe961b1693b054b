import { Schema } from "effect"
import { InvoiceFields, provenFields } from "./InvoiceFields.ts"
import { Box } from "./Page.ts"

/** Where the fields come from: the XML inside, the text of the PDF, or recognised characters. */
export const ReadingSource = Schema.Literals(["e-invoice", "pdf-text", "ocr"])
export type ReadingSource = typeof ReadingSource.Type

/** Something a person should know: a stable code and a sentence. It holds no more of the invoice than the field's name. */
export const Warning = Schema.Struct({
  code: Schema.String,
  field: Schema.NullOr(Schema.Literals(provenFields)),
  message: Schema.String
})
export type Warning = typeof Warning.Type

/** How sure one field is (0 to 1), and where on which page it stands; null: not found on any page. */
export const FieldEvidence = Schema.Struct({
  confidence: Schema.Finite,
  page: Schema.NullOr(Schema.Int),
  box: Schema.NullOr(Box)
})
export type FieldEvidence = typeof FieldEvidence.Type

/** Evidence by field; fields that are not known have none. */
export const Evidence = Schema.Record(Schema.Literals(provenFields), Schema.optionalKey(FieldEvidence))
export type Evidence = typeof Evidence.Type

/** A verified reading of one document: what is stored, shown and judged. */
export const Reading = Schema.Struct({
  source: ReadingSource,
  fields: InvoiceFields,
  /** 0 to 1 for the document in all; calibrated, so that 0.9 means nine of ten such documents are right in every field. */
  confidence: Schema.Finite,
  needsReview: Schema.Boolean,
  warnings: Schema.Array(Warning),
  evidence: Evidence
})
export type Reading = typeof Reading.Type
