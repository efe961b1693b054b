import { BigDecimal } from "effect"
import type { Money } from "../domain/Money.ts"

/** Which sign the page uses for decimals, where it shows. */
export type DecimalMark = "," | "."

export interface PrintedAmount {
  readonly value: Money
  /** Digits after the decimal mark: 2 for sums of money, none or more for quantities and unit prices. */
  readonly decimals: number
  /** The mark that was certainly meant as the decimal one, for telling the page's convention. */
  readonly mark: DecimalMark | null
}

/** Blanks that group digits (plain, no-break, narrow no-break, thin, figure) and the Swiss apostrophes. */
const groupMarks = /[ \u00a0\u202f\u2009\u2007'’‘´`]/g

/** What recognition makes of digits. Only applied to text that has digits already. */
const blurred: Readonly<Record<string, string>> = { O: "0", o: "0", Q: "0", D: "0", l: "1", I: "1", "|": "1", i: "1", S: "5", s: "5", B: "8", Z: "2", z: "2" }

/** Letters that stand for digits set right, when most of the text is digits and marks. */
export const unblur = (text: string): string => {
  const digits = text.replace(/[^\d]/g, "").length
  const letters = [...text].filter((character) => blurred[character] !== undefined).length
  return digits > letters && digits + letters >= text.replace(/[.,\-+]/g, "").length
    ? [...text].map((character) => blurred[character] ?? character).join("")
    : text
}

const decimal = (sign: string, whole: string, fraction: string): Money =>
  BigDecimal.make(BigInt(`${sign}${whole}${fraction}` === sign ? "0" : `${sign}${whole}${fraction}`), fraction.length)

/** Groups of three, or of two before the last three as India writes them. */
const isGrouped = (groups: ReadonlyArray<string>): boolean => {
  const [first = "", ...rest] = groups
  const last = rest.at(-1) ?? ""
  const inner = rest.slice(0, -1)
  const threes = /^\d{1,3}$/.test(first) && rest.every((group) => group.length === 3)
  const indian = /^\d{1,2}$/.test(first) && last.length === 3 && inner.every((group) => group.length === 2)
  return rest.length > 0 && (threes || indian)
}

const minus = /^[-−–—]|[-−–—]$|^\(.*\)$/

/**
 * The amount that a text of digits, marks and a sign means, in any convention: 1 234,56 / 1.234,56 / 1,234.56 /
 * 1'234.56 / 12,34,567.89 / 1234,5 / -12.00 / 12,00- / (12.00). Currency signs are taken off before. null: no amount.
 * `pageMark` decides where a text alone cannot: "1.234" is a thousand or a little more than one.
 */
export const parseAmount = (text: string, pageMark: DecimalMark | null = null): PrintedAmount | null => {
  const trimmed = text.trim()
  const sign = minus.test(trimmed) ? "-" : ""
  const bare = trimmed.replace(/^[-−–—+(]+\s*|\s*[-−–—+)]+$/g, "").replace(groupMarks, " ")
  if (!/^\d[\d., ]*$/.test(bare) && !/^[.,]\d+$/.test(bare)) return null
  const dots = bare.split(".").length - 1
  const commas = bare.split(",").length - 1
  const mark: DecimalMark | null = dots > 0 && commas > 0
    ? bare.lastIndexOf(".") > bare.lastIndexOf(",") ? "." : ","
    : dots === 1
    ? "."
    : commas === 1
    ? ","
    : null
  if (mark !== null && bare.split(mark).length === 2) {
    const [whole = "", fraction = ""] = bare.split(mark)
    if (!/^\d+$/.test(fraction)) return null
    const groups = whole.split(/[ .,]/)
    if (groups.length > 1 && !isGrouped(groups)) return null
    const alone = groups.length === 1
    const isThousands = alone && fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole) && pageMark !== mark
    return isThousands
      ? { value: decimal(sign, whole + fraction, ""), decimals: 0, mark: null }
      : { value: decimal(sign, groups.join(""), fraction), decimals: fraction.length, mark: fraction.length === 2 || !alone ? mark : null }
  }
  const groups = bare.split(/[ .,]/)
  if (groups.length > 1 && !isGrouped(groups)) return null
  return { value: decimal(sign, groups.join(""), ""), decimals: 0, mark: null }
}
