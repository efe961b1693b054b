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

/**
 * How sure one field is (0 to 1), where on which page it stands (null: not found on any page), and what speaks for it.
 * docs/reading.md explains it. Readings of earlier versions have the first three alone.
 */
export const FieldEvidence = Schema.Struct({
  confidence: Schema.Finite,
  page: Schema.NullOr(Schema.Int),
  /** In the units of `pageSize`, from the top left corner. */
  box: Schema.NullOr(Box),
  /** As it was read, before anybody corrected it: amounts as decimal strings, dates as YYYY-MM-DD. */
  value: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** Points of a PDF, pixels of a picture. */
  pageSize: Schema.optionalKey(Schema.NullOr(Schema.Struct({ width: Schema.Finite, height: Schema.Finite }))),
  /** The words on the page that say what it is. */
  label: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** By name, how far each ground for it holds, 0 to 1. */
  checks: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
})
export type FieldEvidence = typeof FieldEvidence.Type

/** Evidence by field; fields that are not known have none. */
export const Evidence = Schema.Record(Schema.Literals(provenFields), Schema.optionalKey(FieldEvidence))
export type Evidence = typeof Evidence.Type

/** A verified reading of one document: what is stored, shown and judged. */
export const Reading = Schema.Struct({
  source: ReadingSource,
  fields: InvoiceFields,
  /** 0 to 1 for the document in all; calibrated: of those at 0.9 and above at least 97 of 100 are right in every field. */
  confidence: Schema.Finite,
  needsReview: Schema.Boolean,
  warnings: Schema.Array(Warning),
  evidence: Evidence
})
export type Reading = typeof Reading.Type
