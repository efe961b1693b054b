import type { Page } from "../domain/Page.ts"
import type { DecimalMark } from "./amounts.ts"
import { currencyOf } from "./currency.ts"
import { type DayOrder, dayOrderOf } from "./dates.ts"
import { excerpt } from "./excerpt.ts"
import { type Identifiers, identifiersOf } from "./identifiers.ts"
import { type LabelledAmount, labelAmounts } from "./labelledAmounts.ts"
import { amountsOnLine, type LineAmount, markOf } from "./lineAmounts.ts"
import { type Line, linesOf } from "./lines.ts"
import { atOnce, type Steps } from "./turns.ts"
import { upright } from "./upright.ts"
import { type VatRow, vatRowOf } from "./vatTable.ts"

/** What is worked out once for a document and serves all fields. */
export interface ParsedPages {
  readonly lines: ReadonlyArray<Line>
  readonly mark: DecimalMark | null
  readonly dayOrder: DayOrder
  readonly currency: string | null
  readonly identifiers: Identifiers
  readonly amountsByLine: ReadonlyArray<ReadonlyArray<LineAmount>>
  readonly labelled: ReadonlyArray<LabelledAmount>
  readonly rows: ReadonlyArray<VatRow>
}

/** A state with its ZIP code, or the country: a dollar sign alone may be recognition's mistake. */
const american = /\b[A-Z]{2},? \d{5}(-\d{4})?\b|\d{5} [A-Z][a-z]+, [A-Z]{2}\b|\bUSA?\b|United States/

/** Documents that are being worked on: the extractor and the verification ask for the same one after the other. */
const parsed = new WeakMap<ReadonlyArray<Page>, ParsedPages>()

const linesInStep = 80

/** Goes over lines in steps, so that no step takes long. */
function* overLines<A, B>(values: ReadonlyArray<A>, of: (part: ReadonlyArray<A>) => ReadonlyArray<B>): Steps<ReadonlyArray<B>> {
  const results: Array<B> = []
  for (let from = 0; from < values.length; from += linesInStep) {
    results.push(...of(values.slice(from, from + linesInStep)))
    yield
  }
  return results
}

function* parse(pages: ReadonlyArray<Page>): Steps<ParsedPages> {
  const lines: Array<Line> = []
  for (const page of excerpt(pages)) {
    lines.push(...linesOf([upright(page)], lines.length))
    yield
  }
  const mark = markOf(lines)
  const amountsByLine = yield* overLines(lines, (part) => part.map((line) => amountsOnLine(line, mark)))
  const texts = lines.map((line) => line.text)
  const identifiers = identifiersOf(lines)
  yield
  const currency = currencyOf(texts, [identifiers.vatNumber, identifiers.iban, identifiers.siren === null ? null : `FR${identifiers.siren}`])
  yield
  return {
    lines,
    mark,
    // Dollars of the United States come with the month first, where no date of the page says otherwise.
    dayOrder: dayOrderOf(texts, currency === "USD" && american.test(texts.join(" ")) ? "month-first" : "day-first"),
    currency,
    identifiers,
    amountsByLine,
    labelled: yield* overLines(amountsByLine, (part) => labelAmounts(part, lines)),
    rows: yield* overLines(amountsByLine, (part) => part.flatMap((amounts) => vatRowOf(amounts) ?? []))
  }
}

/** What is on the pages, worked out in steps the first time. */
export function* parsingOf(pages: ReadonlyArray<Page>): Steps<ParsedPages> {
  const before = parsed.get(pages)
  if (before !== undefined) return before
  const result = yield* parse(pages)
  parsed.set(pages, result)
  return result
}

/** The same at once. */
export const parsePages = (pages: ReadonlyArray<Page>): ParsedPages => atOnce(parsingOf(pages))
