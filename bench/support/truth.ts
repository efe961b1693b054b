import { Option, Schema } from "effect"

const Values = Schema.Record(Schema.String, Schema.NullOr(Schema.String))

/** One line of `truth.jsonl`: a file of the corpus and what it says. */
const Truth = Schema.Struct({
  file: Schema.String,
  set: Schema.String,
  fields: Schema.optionalKey(Values),
  alt: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(Schema.String))),
  visible: Schema.optionalKey(Schema.Record(Schema.String, Schema.Boolean)),
  /** Receipts: date as printed, total, company. */
  label: Schema.optionalKey(Schema.Struct({ date: Schema.String, total: Schema.String, company: Schema.String }))
})
export type Truth = typeof Truth.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Truth))

export const parseTruth = (jsonLines: string): ReadonlyArray<Truth> =>
  jsonLines.split("\n").flatMap((line) => Option.toArray(decode(line)))

export const scoredFields = ["supplierName", "invoiceNumber", "invoiceDate", "currency", "amountHT", "amountTVA", "amountTTC"] as const
export type ScoredField = (typeof scoredFields)[number]
