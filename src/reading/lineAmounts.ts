import { BigDecimal } from "effect"
import type { Box, Word } from "../domain/Page.ts"
import { toCents } from "../domain/Money.ts"
import { type DecimalMark, parseAmount, unblur } from "./amounts.ts"
import { withoutCurrency } from "./currency.ts"
import { correct } from "./lexicon.ts"
import { type Line, union } from "./lines.ts"
import { fold } from "./text.ts"

/** A number on a line that may be an amount of money. */
export interface LineAmount {
  readonly line: Line
  /** In hundredths, exact: sums are compared to the cent. */
  readonly cents: bigint
  readonly value: BigDecimal.BigDecimal
  readonly decimals: number
  /** Which sign was certainly meant as the decimal one. */
  readonly mark: DecimalMark | null
  readonly hasCurrency: boolean
  readonly isPercent: boolean
  readonly box: Box
  /** Folded words on the line between the amount before and this one, and the ones after it in its cell. */
  readonly before: string
  readonly after: string
}

interface Placed {
  readonly word: Word
  readonly cell: number
  readonly bare: string
  readonly folded: string
  readonly hasCurrency: boolean
}

const currencySign = /[€$£₹]|^(EUR|USD|GBP|CHF|CAD|AUD|INR|MYR|RM|Rs\.?)$|^RM(?=\d)/

const place = (line: Line): ReadonlyArray<Placed> =>
  line.cells.flatMap((cell, index) =>
    cell.words.map((word) => {
      const bare = withoutCurrency(word.text).trim().replace(/^[|:;*~=_[\]]+|[|:;*~=_[\]]+$/g, "").trim()
      const folded = fold(word.text)
      return {
        word,
        cell: index,
        bare: word.confidence < 1 ? unblur(bare) : bare,
        folded: word.confidence < 1 ? correct(folded) : folded,
        hasCurrency: currencySign.test(word.text)
      }
    })
  )

const gap = (left: Placed, right: Placed): number => (right.word.box.x0 - left.word.box.x1) / Math.max(1, right.word.box.y1 - right.word.box.y0)

const narrow = 0.75

/** Twelve digits in groups, decimals and a sign: longer ones are no amounts. */
const longestNumber = 24

/** How many words from `from` on make one number: thousands set apart, a split decimal, a sign of its own. */
const reach = (words: ReadonlyArray<Placed>, from: number): { readonly text: string; readonly to: number } | null => {
  const first = words[from]
  if (first === undefined) return null
  let text = first.bare
  let to = from
  if (/^[-−–]$/.test(text)) {
    const next = words[from + 1]
    if (next === undefined || !/^[\d(]/.test(next.bare) || gap(first, next) > 1) return null
    text = `-${next.bare}`
    to = from + 1
  }
  if (!/\d/.test(text)) return null
  for (;;) {
    const here = words[to]
    const next = words[to + 1]
    if (here === undefined || next === undefined || text.length > longestNumber || gap(here, next) > narrow) break
    const grouped = /^[-−–(]?\d{1,3}( \d{3})*$/.test(text) && /^\d{3}([.,]\d{1,4})?[-−–)]?$/.test(next.bare)
    const split = /^[-−–(]?\d[\d .,]*[.,]$/.test(text) && /^\d{2}[-−–)]?$/.test(next.bare)
    const marked = /^[-−–(]?\d[\d .]*$/.test(text) && /^[.,]\d{2}[-−–)]?$/.test(next.bare)
    const negative = /\d$/.test(text) && /^[-−–]$/.test(next.bare) && (words[to + 2] === undefined || words[to + 2]?.cell !== next.cell)
    if (grouped) text += ` ${next.bare}`
    else if (split || marked || negative) text += next.bare
    else break
    to++
  }
  return { text, to }
}

const textOf = (words: ReadonlyArray<Placed>): string =>
  words.map((word, index) => `${index === 0 ? "" : word.cell === words[index - 1]?.cell ? " " : "  "}${word.folded}`).join("")

/** Numbers on a line from left to right; numbers inside codes, dates and identifiers are none. */
export const amountsOnLine = (line: Line, pageMark: DecimalMark | null): ReadonlyArray<LineAmount> => {
  const words = place(line)
  const found: Array<LineAmount> = []
  let labelFrom = 0
  for (let from = 0; from < words.length; from++) {
    const run = reach(words, from)
    if (run === null) continue
    const glued = /^([\p{L}@(:.-]{1,30}[:@(]\s*)?([-−–(]?\d[\d.,'’‘´` ]*\d[)\-−–]?|\d)\s?(%?)[).:,]?(?:[A-Z]{1,3})?$/iu.exec(run.text)
    const digits = glued?.[2]
    const parsed = digits === undefined ? null : parseAmount(digits, pageMark)
    if (glued === null || parsed === null || BigDecimal.normalize(parsed.value).scale > 4 || run.text.replace(/\D/g, "").length > 13) continue
    const next = words[run.to + 1]
    const taken = words.slice(from, run.to + 1)
    const end = words.findIndex((word, index) => index > run.to && (word.cell !== taken.at(-1)?.cell || /\d/.test(word.bare)))
    const isPercent = glued[3] === "%" || next !== undefined && next.bare.startsWith("%")
    found.push({
      line,
      cents: toCents(parsed.value).value,
      value: parsed.value,
      decimals: parsed.decimals,
      mark: parsed.mark,
      hasCurrency: taken.some((word) => word.hasCurrency) || next?.hasCurrency === true && /^\W*(€|EUR|CHF|USD|GBP|\$|£)\W*$/i.test(next.word.text) ||
        words[from - 1]?.hasCurrency === true,
      isPercent,
      box: union(taken.map((word) => word.word.box)),
      before: `${textOf(words.slice(labelFrom, from))} ${fold(glued[1] ?? "")}`.trim(),
      after: textOf(words.slice(run.to + 1, end === -1 ? undefined : end))
    })
    // A rate, a quantity or a stray mark: the words before it go on.
    if (parsed.decimals > 0 && !isPercent) labelFrom = run.to + 1
    from = run.to
  }
  return found
}

/** The decimal mark that most amounts of the document certainly use. */
export const markOf = (lines: ReadonlyArray<Line>): DecimalMark | null => {
  let commas = 0
  let dots = 0
  for (const line of lines) {
    for (const cell of line.cells) {
      for (const word of cell.words) {
        const mark = parseAmount(withoutCurrency(word.text).trim())?.mark
        if (mark === ",") commas++
        else if (mark === ".") dots++
      }
    }
  }
  return commas === dots ? null : commas > dots ? "," : "."
}
