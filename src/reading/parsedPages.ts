import type { Page } from "../domain/Page.ts"
import type { DecimalMark } from "./amounts.ts"
import { currencyOf } from "./currency.ts"
import { type DayOrder, dayOrderOf } from "./dates.ts"
import { excerpt } from "./excerpt.ts"
import { type Identifiers, identifiersOf } from "./identifiers.ts"
import { type LabelledAmount, labelAmounts } from "./labelledAmounts.ts"
import { amountsOnLine, type LineAmount, markOf } from "./lineAmounts.ts"
import { type Line, linesOf } from "./lines.ts"
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

export const parsePages = (pages: ReadonlyArray<Page>): ParsedPages => {
  const lines = linesOf(excerpt(pages).map(upright))
  const mark = markOf(lines)
  const amountsByLine = lines.map((line) => amountsOnLine(line, mark))
  const texts = lines.map((line) => line.text)
  const identifiers = identifiersOf(lines)
  const currency = currencyOf(texts, [identifiers.vatNumber, identifiers.iban, identifiers.siren === null ? null : `FR${identifiers.siren}`])
  return {
    lines,
    mark,
    // Dollars of the United States come with the month first, where no date of the page says otherwise.
    dayOrder: dayOrderOf(texts, currency === "USD" && american.test(texts.join(" ")) ? "month-first" : "day-first"),
    currency,
    identifiers,
    amountsByLine,
    labelled: labelAmounts(amountsByLine, lines),
    rows: amountsByLine.flatMap((amounts) => vatRowOf(amounts) ?? [])
  }
}
