import { Option } from "effect"
import { datesIn } from "../../src/reading/dates.ts"
import type { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import type { Evidence } from "../../src/domain/Reading.ts"
import * as Money from "../../src/domain/Money.ts"
import { editDistance, fold } from "../../src/reading/text.ts"
import { type ScoredField, scoredFields, type Truth } from "./truth.ts"

export type Verdict = "right" | "wrong" | "missing"

/** What became of one field of one file. */
export interface Judgement {
  readonly field: ScoredField
  readonly verdict: Verdict
  /** How sure the reader was, 0 to 1; 0 where it gave nothing. */
  readonly claimed: number
  readonly expected: string
  readonly given: string | null
}

const letters = (text: string): string => fold(text).replace(/[^a-z0-9]/g, "")

/** 0 to 1; a part such as the name without its legal form counts as the whole. */
const similarity = (a: string, b: string): number => {
  const [x, y] = [letters(a), letters(b)]
  const [short, long] = x.length < y.length ? [x, y] : [y, x]
  if (short === "") return 0
  if (long.includes(short) && short.length >= Math.min(4, long.length)) return 1
  return 1 - editDistance(x, y, long.length) / long.length
}

const amount = (text: string): string | null =>
  Option.getOrNull(Option.map(Money.parse(text.replace(/[^\d.-]/g, "")), (value) => Money.format(Money.toCents(value))))

const compact = (text: string): string => text.replace(/\s/g, "").toLowerCase()

/** Amounts to the cent, dates as dates, numbers without blanks and case, names by likeness. */
const isSame = (field: ScoredField, expected: string, given: string): boolean => {
  switch (field) {
    case "supplierName":
      return similarity(expected, given) >= 0.8
    case "invoiceNumber":
    case "iban":
      return compact(expected) === compact(given)
    case "invoiceDate":
    case "dueDate":
      return (datesIn(expected)[0]?.date ?? expected) === given
    case "currency":
      return expected === given
    case "amountHT":
    case "amountTVA":
    case "amountTTC":
      return amount(expected) === amount(given)
  }
}

const textOf = (fields: InvoiceFields, field: ScoredField): string | null => {
  switch (field) {
    case "amountHT":
    case "amountTVA":
    case "amountTTC": {
      const value = fields[field]
      return value === null ? null : Money.format(value)
    }
    default:
      return fields[field]
  }
}

interface Expectation {
  readonly field: ScoredField
  /** Each of them is right. */
  readonly values: readonly [string, ...ReadonlyArray<string>]
}

/** What is expected of a file by field; only what can be seen on the page counts where that is said. */
const expectedOf = ({ alt, fields, label, visible }: Truth): ReadonlyArray<Expectation> => {
  const printed: ReadonlyArray<readonly [ScoredField, string | null | undefined]> = [["invoiceDate", label?.["date"]], ["amountTTC", label?.["total"]]]
  const values = label === undefined || label === null ? scoredFields.map((field) => [field, fields?.[field]] as const) : printed
  return values.flatMap(([field, value]): ReadonlyArray<Expectation> =>
    value === null || value === undefined || value.trim() === "" || visible?.[field] === false ? [] : [{ field, values: [value, ...alt?.[field] ?? []] }])
}

/** Compares what was read with the truth, field by field; fields that the truth does not have are not judged. */
export const judge = (truth: Truth, fields: InvoiceFields, evidence: Evidence): ReadonlyArray<Judgement> =>
  expectedOf(truth).map(({ field, values }) => {
    const given = textOf(fields, field)
    const verdict = given === null ? "missing" : values.some((value) => isSame(field, value, given)) ? "right" : "wrong"
    return { field, verdict, claimed: given === null ? 0 : evidence[field]?.confidence ?? 0, expected: values[0], given }
  })
