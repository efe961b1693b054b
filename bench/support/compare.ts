import { Option } from "effect"
import { datesIn } from "../../src/reading/dates.ts"
import type { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import * as Money from "../../src/domain/Money.ts"
import { editDistance, fold } from "../../src/reading/text.ts"
import { type ScoredField, scoredFields, type Truth } from "./truth.ts"

export type Verdict = "right" | "wrong" | "missing"

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

/** The rules of the corpus: amounts to the cent, dates as dates, numbers without blanks and case, names by likeness. */
const isSame = (field: ScoredField, expected: string, given: string): boolean => {
  switch (field) {
    case "supplierName":
      return similarity(expected, given) >= 0.8
    case "invoiceNumber":
      return expected.replace(/\s/g, "").toLowerCase() === given.replace(/\s/g, "").toLowerCase()
    case "invoiceDate":
      return (datesIn(expected)[0]?.date ?? expected) === given
    case "currency":
      return expected === given
    case "amountHT":
    case "amountTVA":
    case "amountTTC":
      return amount(expected) === given
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

/** What is expected of a file by field; only what can be seen on the page counts where that is said. */
const expectedOf = (truth: Truth): ReadonlyArray<{ readonly field: ScoredField; readonly values: ReadonlyArray<string> }> => {
  if (truth.label !== undefined) {
    return [{ field: "invoiceDate", values: [truth.label.date] }, { field: "amountTTC", values: [truth.label.total] }]
  }
  return scoredFields.flatMap((field) => {
    const value = truth.fields?.[field]
    return value === null || value === undefined || truth.visible?.[field] === false ? [] : [{ field, values: [value, ...truth.alt?.[field] ?? []] }]
  })
}

export const judge = (truth: Truth, fields: InvoiceFields): ReadonlyArray<{ readonly field: ScoredField; readonly verdict: Verdict }> =>
  expectedOf(truth).map(({ field, values }) => {
    const given = textOf(fields, field)
    return { field, verdict: given === null ? "missing" : values.some((value) => isSame(field, value, given)) ? "right" : "wrong" }
  })
