import { Option, Schema } from "effect"

const Values = Schema.Record(Schema.String, Schema.NullOr(Schema.String))

/** One line of `truth.jsonl`: a file and what it says. Only `file` and `set` have to be there. */
const Truth = Schema.Struct({
  file: Schema.String,
  set: Schema.String,
  fields: Schema.optionalKey(Schema.NullOr(Values)),
  /** Other right answers. */
  alt: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Array(Schema.String)))),
  /** Whether a field can be read on the page; where it cannot, it is not scored. */
  visible: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Boolean))),
  /** Receipts: date as printed, total, company. */
  label: Schema.optionalKey(Schema.NullOr(Values))
})
export type Truth = typeof Truth.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Truth))

/** The truths of a file of JSON lines, and the numbers (from 1) of lines that are none. */
export const parseTruth = (jsonLines: string): { readonly truths: ReadonlyArray<Truth>; readonly unreadable: ReadonlyArray<number> } => {
  const lines = jsonLines.split(/\r?\n/).map((line, index) => ({ number: index + 1, isEmpty: line.trim() === "", truth: decode(line) }))
  return {
    truths: lines.flatMap(({ truth }) => Option.toArray(truth)),
    unreadable: lines.flatMap(({ isEmpty, number, truth }) => isEmpty || Option.isSome(truth) ? [] : [number])
  }
}

/** What is compared, where the truth has it. */
export const scoredFields = ["supplierName", "invoiceNumber", "invoiceDate", "dueDate", "currency", "amountHT", "amountTVA", "amountTTC", "iban"] as const
export type ScoredField = (typeof scoredFields)[number]
