import { Option } from "effect"
import { type CalendarDate, fromParts } from "../domain/CalendarDate.ts"
import { fold } from "./text.ts"

/** Month names and their usual short forms (folded): French, English, German, Dutch, Spanish, Italian. */
const months: ReadonlyArray<ReadonlyArray<string>> = [
  ["janvier", "janv", "january", "jan", "januar", "jaenner", "januari", "enero", "ene", "gennaio", "genn", "gen"],
  ["fevrier", "fevr", "fev", "february", "febr", "feb", "februar", "februari", "febrero", "febbraio", "febb"],
  ["mars", "march", "mar", "marz", "maerz", "mrz", "maart", "mrt", "marzo"],
  ["avril", "avr", "april", "apr", "abril", "abr", "aprile"],
  ["mai", "may", "mei", "mayo", "maggio", "magg", "mag"],
  ["juin", "june", "jun", "juni", "junio", "giugno", "giu"],
  ["juillet", "juil", "july", "jul", "juli", "julio", "luglio", "lug"],
  ["aout", "aou", "august", "aug", "augustus", "agosto", "ago"],
  ["septembre", "september", "sept", "sep", "septiembre", "set", "settembre", "sett"],
  ["octobre", "october", "oct", "oktober", "okt", "octubre", "ottobre", "ott"],
  ["novembre", "november", "nov", "noviembre", "novembre"],
  ["decembre", "december", "dec", "dezember", "dez", "diciembre", "dic", "dicembre"]
]
const monthOf = new Map(months.flatMap((names, index) => names.map((name) => [name, index + 1] as const)))
const monthName = [...monthOf.keys()].toSorted((a, b) => b.length - a.length).join("|")

/** Which of two small numbers is the day. */
export type DayOrder = "day-first" | "month-first"

export interface FoundDate {
  readonly date: CalendarDate
  /** Where it stands in the folded text. */
  readonly start: number
  readonly end: number
  /** Day and month could be exchanged. */
  readonly ambiguous: boolean
  /** Written as eight digits, which may also be a number: believed beside a label only. */
  readonly bare: boolean
}

const separator = String.raw`\s?[./\-]\s?`
const patterns: ReadonlyArray<readonly ["iso" | "numeric" | "dayName" | "nameDay" | "bare", RegExp]> = [
  ["iso", new RegExp(String.raw`(?<![\d./-])((?:19|20)\d\d)${separator}(\d{1,2})${separator}(\d{1,2})(?![\d/])`, "g")],
  ["numeric", new RegExp(String.raw`(?<![\d./])(\d{1,2})${separator}(\d{1,2})${separator}((?:19|20)\d\d|\d\d)(?![\d/]|[.,]\d)`, "g")],
  ["dayName", new RegExp(String.raw`(?<!\d)(\d{1,2})(?:er|st|nd|rd|th|\.|o)?[\s./\-]{0,2}(?:de |of |di )?(${monthName})(?![a-z])[.,]?[\s./\-']{0,3}(?:de[l]? )?((?:19|20)\d\d|\d\d)(?!\d)`, "g")],
  ["nameDay", new RegExp(String.raw`\b(${monthName})\.?[\s\-]?(\d{1,2})(?:st|nd|rd|th)?,?[\s\-]{1,2}((?:19|20)\d\d)(?!\d)`, "g")],
  ["bare", /(?<![\d./a-z-])(20[0-4]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d./-])/g]
]

/** Years from here on are misread, or no years: nobody is invoiced so far ahead. */
const latestYear = 2050

const fullYear = (text: string): number => text.length === 4 ? Number(text) : 2000 + Number(text)

const partsOf = (kind: (typeof patterns)[number][0], match: RegExpExecArray, order: DayOrder): readonly [number, number, number] => {
  const [, a = "", b = "", c = ""] = match
  switch (kind) {
    case "iso":
    case "bare":
      return [Number(a), Number(b), Number(c)]
    case "dayName":
      return [fullYear(c), monthOf.get(b) ?? 0, Number(a)]
    case "nameDay":
      return [fullYear(c), monthOf.get(a) ?? 0, Number(b)]
    case "numeric": {
      const [first, second] = [Number(a), Number(b)]
      const monthFirst = second > 12 && !match[0].includes(".") || (order === "month-first" && first <= 12)
      return monthFirst ? [fullYear(c), first, second] : [fullYear(c), second, first]
    }
  }
}

/** Digits that recognition took for letters, inside what looks like a date. */
const unblurDate = (text: string): string =>
  text.replace(/(?<![a-z])[\dolis]{1,2}[./-][\dolis]{1,2}[./-][\dolis]{2,4}(?![a-z])/g, (shape) =>
    /\d.*\d/.test(shape) ? shape.replace(/o/g, "0").replace(/[li]/g, "1").replace(/s/g, "5") : shape)

/** A cell of an invoice has a line's length and a date or two: more are bounded, whatever a page is filled with. */
const longestText = 1_000
const mostDates = 20

/** All dates of a text in any usual convention; `order` settles 03/04/25. Dates that do not exist are none. */
export const datesIn = (text: string, order: DayOrder = "day-first"): ReadonlyArray<FoundDate> => {
  const folded = unblurDate(fold(text.slice(0, longestText)))
  const found: Array<FoundDate> = []
  for (const [kind, pattern] of patterns) {
    for (const match of folded.matchAll(pattern)) {
      const start = match.index
      const end = start + match[0].length
      if (found.length >= mostDates) break
      if (found.some((other) => start < other.end && other.start < end)) continue
      const [year, month, day] = partsOf(kind, match, order)
      const date = year >= 1990 && year < latestYear ? Option.getOrNull(fromParts(year, month, day)) : null
      if (date !== null) found.push({ date, start, end, ambiguous: kind === "numeric" && month <= 12 && day <= 12 && month !== day, bare: kind === "bare" })
    }
  }
  return found.toSorted((a, b) => a.start - b.start)
}

/** The order that the document's own dates prove (a number above 12 is a day); day first where none does. */
export const dayOrderOf = (texts: ReadonlyArray<string>, hint: DayOrder = "day-first"): DayOrder => {
  let dayFirst = 0
  let monthFirst = 0
  for (const text of texts) {
    for (const match of fold(text).matchAll(/(?<![\d./-])(\d{1,2})[./-](\d{1,2})[./-](?:(?:19|20)\d\d|\d\d)(?![\d./-])/g)) {
      if (Number(match[1]) > 12 && Number(match[2]) <= 12) dayFirst++
      // Nobody puts the month first and dots between: that is a time of day.
      else if (Number(match[2]) > 12 && Number(match[1]) <= 12 && !match[0].includes(".")) monthFirst++
    }
  }
  return dayFirst === monthFirst ? hint : dayFirst > monthFirst ? "day-first" : "month-first"
}
