import { labelOf } from "./amountLabels.ts"
import { datesIn } from "./dates.ts"
import { creditTitle, foreignNumber, fullNumberLabel, invoiceTitle, receiptTitle } from "./fieldLabels.ts"
import { type Cell, type Line, overlapX } from "./lines.ts"

export interface NumberCandidate {
  readonly number: string
  readonly score: number
}

const filler = /^[\s:#.°º=|*\-–(]*(?:(?:n[°º.]|(?:no|nr|num|number|numero|nummer)\b)[\s:#.°º=-]*)?/i

/** Words that stand between a label and other things than a number. */
const notPrefix = /^(du|de|of|vom|von|van|am|le|no|nr|date|datum|total|page|the|and|an|a|en|to|in|on|est|est|eur|rm|der|die|vat|tva|iban|bic|swift|rib|siret|siren|ust|btw|iva|tel|fax|kto|blz)$/i

/** The number at the start of a text, if one stands there. */
const numberAt = (text: string): string | null => {
  const rest = text.replace(filler, "")
  const spaced = /^(\d{1,3}(?: \d{3})+|\d{2,6}(?: \d{2,8}){1,3})$/.exec(rest.trim())?.[1]
  const prefixed = /^([A-Z]{1,4}) ([A-Z0-9][\w\-/.]*\d[\w\-/.]*)/i.exec(rest)
  const token = spaced ?? (prefixed !== null && !notPrefix.test(prefixed[1] ?? "") ? `${prefixed[1]} ${prefixed[2]}` : /^[A-Z0-9][A-Z0-9\-/._\\+]*/i.exec(rest)?.[0])
  const number = token?.replace(/[-/._\\+]+$/, "").trim() ?? ""
  return isPlausible(number) ? number : null
}

const isPlausible = (number: string): boolean => {
  if (!/\d/.test(number) || number.length > 30) return false
  const [date] = datesIn(number)
  if (date !== undefined && !date.bare && date.end - date.start >= number.length - 1) return false
  // Amounts, percentages and sizes are no numbers of invoices; nor are words that end in a digit.
  if (/^\d+[.,]\d{2}$/.test(number) || /^\d{1,2}:\d{2}/.test(number)) return false
  const letters = number.replace(/[^A-Za-z]/g, "").length
  return letters <= 14 && letters <= number.replace(/\D/g, "").length * 3
}

interface Beside {
  readonly text: string
  readonly worth: number
}

const below = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): ReadonlyArray<Beside> =>
  lines.slice(line.index + 1, line.index + 4).filter((next) => next.page === line.page)
    .flatMap((next, index) => {
      const under = next.cells.find((candidate) => overlapX(candidate.box, cell.box) > 0.3)
      return under === undefined ? [] : [{ text: under.plain, worth: -1 - index * 0.7 }]
    }).slice(0, 2)

/** What stands to the right of a cell, or below it in its column, where a number may be. */
const beside = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): ReadonlyArray<Beside> => {
  const right = line.cells[line.cells.indexOf(cell) + 1]
  return [...(right === undefined ? [] : [{ text: right.plain, worth: 0 }]), ...below(lines, line, cell)]
}

const candidatesAt = (lines: ReadonlyArray<Line>, line: Line, cell: Cell, end: number, score: number, looksAround: boolean): ReadonlyArray<NumberCandidate> => {
  const rest = cell.plain.slice(end)
  const startsWithDate = datesIn(rest).some((date) => !date.bare && rest.slice(0, date.start).replace(filler, "").trim() === "")
  const own = startsWithDate ? null : numberAt(rest)
  if (own !== null) return [{ number: own, score: score + 1 }]
  // Only where the label says so in full is a number believed that could be a date.
  const dated = looksAround ? /^[\s:#.]*(\d{4}[-/.]\d{2}[-/.]\d{2})\s*$/.exec(rest)?.[1] : undefined
  if (dated !== undefined) return [{ number: dated, score: score - 3 }]
  // "Invoice date" and the like: the label went on and meant something else.
  if (!looksAround || /[a-z]{3}/i.test(rest.replace(filler, ""))) return []
  for (const { text, worth } of beside(lines, line, cell)) {
    const number = numberAt(text)
    if (number !== null) return [{ number, score: score + worth }]
    if (worth === 0 && /[a-z]{3}/i.test(text) && !/\d/.test(text)) continue
  }
  return []
}

/** "Facture de travaux RG-3523", "Fattura di vendita 3630/22": the title says what for before the number comes. */
const afterKind = (cell: Cell, end: number, score: number): ReadonlyArray<NumberCandidate> => {
  const kind = /^ (\/ )?(?:d'|(?:de|di|del|della|van|of|for|pour|fur) )?([a-z]{4,14})(?= \S*\d)/.exec(cell.folded.slice(end))
  if (kind === null) return []
  const [, besides, word = ""] = kind
  // "Facture client 4711" as a title, "Rechnung / Lieferschein 4711": other papers and people, but this one's number.
  const isTitle = besides !== undefined || word === "client" && /^\W*factures? client/.test(cell.folded)
  if (!isTitle && foreignNumber.test(word) || labelOf(word) !== null && !isTitle || datesIn(cell.folded.slice(end)).length > 0) return []
  const number = numberAt(cell.plain.slice(end + kind[0].length))
  return number === null || number.length < 4 ? [] : [{ number, score }]
}

/** A title whose right neighbour is a number and nothing else, the likelier with letters in it. */
const besideTitle = (line: Line, cell: Cell, score: number): ReadonlyArray<NumberCandidate> => {
  const right = line.cells[line.cells.indexOf(cell) + 1]
  if (right === undefined || /\d/.test(cell.folded) || !/^([A-Z]{1,5}[-/. ]?)?\d[\w\-/.]{2,}$/.test(right.plain)) return []
  const number = numberAt(right.plain)
  return number === null ? [] : [{ number, score: /^[A-Z]/.test(number) ? score : score - 1 }]
}

const endsInNumberWord = /^[^\d]*\b(?:n[°º]|nr|no|num[a-z]*)\W*$/

const labelled = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): ReadonlyArray<NumberCandidate> => {
  const top = line.page === 1 && line.depth < 0.5 ? 1 : 0
  const found: Array<NumberCandidate> = []
  const full = fullNumberLabel.exec(cell.folded)
  if (full !== null) {
    const around = `${cell.folded.slice(0, full.index)} ${full[0].replace(/(?:bill|document|doc|ticket|cash sales?|^ref(?:erence)?\.?)/, "")}`
    const foreign = foreignNumber.test(around) && !/^\W*$/.test(around) ? 5 : 0
    found.push(...candidatesAt(lines, line, cell, full.index + full[0].length, 10 + top - foreign, true))
  }
  for (const title of [creditTitle, invoiceTitle, receiptTitle]) {
    const match = title.exec(cell.folded)
    if (match === null) continue
    const foreign = foreignNumber.test(cell.folded.slice(0, match.index)) ? 5 : 0
    const word = /^[a-z]*/.exec(cell.folded.slice(match.index + match[0].length))?.[0] ?? ""
    if (word.length > 2) continue
    // A column of a small table that is headed by the bare word.
    const isHeading = line.cells.length >= 3 && cell.folded.replace(/\W/g, "") === match[0].replace(/\W/g, "")
    if (isHeading) found.push(...below(lines, line, cell).flatMap(({ text }) => numberAt(text) ?? []).slice(0, 1).map((number) => ({ number, score: 6 + top })))
    found.push(...candidatesAt(lines, line, cell, match.index + match[0].length + word.length, 6 + top - foreign - (title === receiptTitle ? 1 : 0), false))
    found.push(...besideTitle(line, cell, 5 + top - foreign), ...afterKind(cell, match.index + match[0].length, 4.5 + top - foreign))
    // Recognition takes a wide blank after "Rechnung des Versicherers Nr." for the gap between two columns.
    if (endsInNumberWord.test(cell.folded.slice(match.index + match[0].length)) && !foreignNumber.test(cell.folded)) {
      found.push(...candidatesAt(lines, line, cell, cell.plain.length, 6 + top, true))
    }
  }
  const bare = /(?:^|\s)(?:n[°º]|(?:no|nr|numero|number|nummer|reference)\b)[ .:#°º]*/.exec(cell.folded)
  // Bookkeeping programs call the number of the paper itself its reference: not "your", not "order".
  const own = /^\W*ref(?:erence)?\.? ?:/.exec(cell.folded)
  if (own !== null && lines.some((other) => other.page === line.page && other.cells.some((title) => /^\W*(facture|avoir|invoice|rechnung|factuur|factura|fattura)\W*$/.test(title.folded)))) {
    found.push(...candidatesAt(lines, line, cell, own[0].length, 4 + top, false))
  }
  // "Number: 4711" in a block of data, the title elsewhere on the page.
  const alone = /^\W*(?:n[°º]|no|nr|num(?:ero|ber|mer)?|nummer)\.?(?:\W*:|\W*$|(?= \S*\d))/.exec(cell.folded)
  if (alone !== null && lines.some((other) => other.page === line.page && other.cells.some((title) => title.text.length < 40 && (invoiceTitle.test(title.folded) || creditTitle.test(title.folded))))) {
    found.push(...candidatesAt(lines, line, cell, alone[0].length, 3.7 + top, true))
  }
  if (bare !== null && full === null && !foreignNumber.test(cell.folded.slice(0, bare.index + 1))) {
    const near = lines.slice(Math.max(0, line.index - 2), line.index + 1).filter((other) => other.page === line.page)
    const isTitled = near.some((other) => (invoiceTitle.test(other.folded) || creditTitle.test(other.folded)) && other.text.length < 60)
    // A small table under the title: its column is headed by the bare word.
    const isHeading = line.cells.length >= 2 && /^\W*[a-z]+\W*$/.test(cell.folded)
    if (isTitled) found.push(...candidatesAt(lines, line, cell, bare.index + bare[0].length, 5 + top, isHeading))
  }
  return found
}

/** Without blanks, upper case: how numbers are compared. */
export const squash = (number: string): string => number.replace(/\s/g, "").toUpperCase()

/** Candidates for the number, the best first; `score` from 4.5 on is believed, from 9 on the label says so in full. */
export const invoiceNumberCandidates = (lines: ReadonlyArray<Line>, taken: ReadonlyArray<string | null>): ReadonlyArray<NumberCandidate> => {
  const candidates = lines.flatMap((line) => line.cells.flatMap((cell) => labelled(lines, line, cell)))
    .filter((candidate) => !taken.includes(squash(candidate.number)))
  const sums = new Map<string, NumberCandidate & { readonly count: number }>()
  for (const { number, score } of candidates) {
    const key = squash(number)
    const before = sums.get(key)
    sums.set(key, { number: before?.number ?? number, score: Math.max(score, before?.score ?? 0), count: (before?.count ?? 0) + 1 })
  }
  return [...sums.values()].map((entry) => {
    const year = /^(19|20)\d\d$/.test(entry.number) ? -4 : 0
    const short = entry.number.length < 2 ? -3 : 0
    return { number: entry.number, score: entry.score + Math.min(2, (entry.count - 1) * 0.5) + year + short }
  }).toSorted((a, b) => b.score - a.score)
}

/** The number of the invoice: what stands by a label that names it, or right after the title. */
export const invoiceNumberOf = (lines: ReadonlyArray<Line>, taken: ReadonlyArray<string | null>): string | null => {
  const [best] = invoiceNumberCandidates(lines, taken)
  return best !== undefined && best.score >= 4.5 ? best.number : null
}
