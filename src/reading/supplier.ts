import { buyerLabel, creditTitle, invoiceTitle, otherTitle, quoteTitle, receiptTitle, sellerLabel } from "./fieldLabels.ts"
import { labelOf } from "./amountLabels.ts"
import { datesIn } from "./dates.ts"
import { type Cell, type Line, overlapX } from "./lines.ts"
import { fold } from "./text.ts"

/** Legal forms in Europe and where its languages are spoken, as they end a company's name. */
const legalForm =
  /\b(s\.?a\.?r\.?l\.?|s\.?a\.?s\.?u?|e\.?u\.?r\.?l\.?|s\.?n\.?c|s\.?c\.?i|s\.?c\.?o\.?p|eirl|gie|gmbh( ?& ?co\.? ?kg)?|ug|ag|kg|ohg|gbr|e\.? ?k\.?|e\.? ?v\.?|a\. ?g\.|eg|se|b\.?v\.?|n\.?v\.?|v\.?o\.?f\.?|ltd\.?|limited|llc|llp|inc\.?|corp\.?|plc|pty|pvt|co\.|s\.?l\.?u?|s\.?a\.?|s\.?r\.?l\.?s?|s\.?p\.?a\.?|sdn\.? ?bhd\.?|s\/b|bvba|sprl|srl|oy|ab|a\/s|aps)(?=[\s,.;)]|$)/
/** Words that begin a firm's name where no legal form ends it. */
const trade = /^(ets|etablissements?|entreprise|societe|ste|maison|garage|cabinet|atelier|firma|menuiserie|plomberie|electricite|boulangerie|pharmacie|librairie|quincaillerie|restaurant|hotel)\b/
const address =
  /\b(rue|avenue|av\.|bd|boulevard|chemin|route|allee|impasse|quai|place de|zone|zi|za|zac|bp|cedex|lieu-?dit)\b|stra(ss|s|b)e\b|str\.|\bweg\b|weg \d|gasse|platz\b|allee \d|\b(street|road|avenue|drive|lane|suite|floor|jalan|jln|taman|lot)\b|straat|laan\b|plein \d|\b(calle|via|piazza|corso|plaza)\b|\b[a-z]{0,2}-?\d{4,5} [a-z]{2}|^\d+[,\s]|\b\d{4} ?[a-z]{2} [a-z]/
const contact = /@|\bwww\.|https?:|\btel\b|telefon|telephone|\bfax\b|phone|fon\b|mobil|e-?mail/
const numbered = /siret|siren|\btva\b|\bvat\b|\bust\b|\bust[.-]|steuer|\bbtw\b|\biva\b|\bgst\b|\biban\b|\bbic\b|\brcs\b|\bape\b|gln\b|hrb\b|hra\b|kvk|nummer|number|-nr\b|\bnr\b|\bn°|reg\b|capital|konto|lief-/
const notName =
  /geschaftsf|gerant|director|amtsgericht|bank\b|banque|sparkasse|seite \d|page \d|^page\b|date\b|datum|merci|thank|welcome|bienvenue|conditions|payment|zahlung|beschreibung|description|designation|quantit|menge|total|montant|amount|betrag|copie|original|duplicat|kopie|www|geachte|dear|madame|monsieur|sehr geehrte|bonjour|invoice to|tax invoice|cashier|table|document|powered|vielen dank|telephone|magasin|horaires|ouvert|bestell|lieferung|geliefert|versand/
const sentence = /[a-z]{3,}( [a-z]{2,}){6,}/

/** The name at the start of a line that goes on with the address or the capital. */
const nameIn = (text: string): string =>
  text
    .replace(/^[\s:|*•●·\-–—_.,;'"‘’“”]+/, "")
    .split(/\s+[-–—●•·|]+\s+|\s+[-–—]\s?|\s[●•·|]\s?|\s{3,}|, (?=\d)|\bau capital\b|\s+(?:SIRET|TVA|RCS|R\.C\.S|USt)\b|\s*\((?=[\w\s.:-]*\d)/i)[0]
    ?.replace(/\s+/g, " ")
    .replace(/[\s,;:|\-–]+$/, "")
    .trim() ?? ""

const isName = (name: string): boolean => {
  const folded = fold(name)
  const letters = name.replace(/[^\p{L}]/gu, "").length
  if (letters < 3 || name.length > 80 || letters < name.replace(/[\s]/g, "").length * 0.55) return false
  if (!/\p{L}{2}/u.test(name) || contact.test(folded) || datesIn(folded).length > 0) return false
  if ([invoiceTitle, creditTitle, quoteTitle, otherTitle].some((title) => title.test(folded)) || receiptTitle.test(folded) && folded.length < 20) return false
  return !/[:€$]$/.test(name)
}

export interface NameCandidate {
  readonly name: string
  readonly score: number
}

/** Letters and digits only: for comparing a name with a domain. */
export const letters = (text: string): string => fold(text).replace(/[^a-z0-9]/g, "")

const mailHosts = /^(gmail|outlook|hotmail|yahoo|orange|wanadoo|free|sfr|laposte|icloud|gmx|web|t-online|localhost|live)$/

/** The middle parts of the web and mail addresses on the page. */
const domainsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.flatMap((line) => [...line.folded.matchAll(/(?:@|www\.|https?:\/\/)([a-z0-9.-]+)\.[a-z]{2,4}\b/g)])
    .map((match) => match[1]?.replace(/^www\./, "").split(".").at(-1) ?? "")
    .filter((domain) => domain.length >= 3 && !mailHosts.test(domain))
    .map(letters)

const shortLabel = (cell: Cell, label: RegExp): boolean => label.test(cell.folded) && cell.text.length < 60

/** Whether the lines above in the same column say that this is the buyer's address. */
const underBuyer = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): boolean => {
  for (const above of lines.slice(Math.max(0, line.index - 7), line.index).toReversed()) {
    if (above.page !== line.page) return false
    const over = above.cells.filter((candidate) => overlapX(candidate.box, cell.box) > 0.2)
    if (over.some((candidate) => shortLabel(candidate, sellerLabel))) return false
    if (over.some((candidate) => shortLabel(candidate, buyerLabel))) return true
  }
  return shortLabel(cell, buyerLabel)
}

/** Names right under or beside a word for the seller: below it the first line that is a name and no number. */
const labelledNames = (lines: ReadonlyArray<Line>): ReadonlyArray<NameCandidate> =>
  lines.flatMap((line) =>
    line.cells.flatMap((cell): ReadonlyArray<NameCandidate> => {
      const match = sellerLabel.exec(cell.folded)
      if (match === null || line.depth > 0.75 && line.page === 1 && !/holder|inhaber/.test(match[0]) || /holder|inhaber/.test(match[0])) return []
      const rest = nameIn(cell.plain.slice(match[0].length).trim() === "" ? "" : cell.text.slice(cell.text.length - cell.plain.slice(match[0].length).length))
      const isClear = match[0].length > 5 || /:/.test(match[0])
      if (rest !== "") return isClear && /[:]/.test(match[0]) && isName(rest) ? [{ name: rest, score: 11 }] : []
      if (!isClear) return []
      const below = lines.slice(line.index + 1, line.index + 6).filter((next) => next.page === line.page)
        .flatMap((next) => next.cells.filter((candidate) => overlapX(candidate.box, cell.box) > 0.2 || Math.abs(candidate.box.x0 - cell.box.x0) < 10))
      const first = below.findIndex((candidate) => {
        const name = nameIn(candidate.text)
        return isName(name) && !numbered.test(fold(name)) && !address.test(fold(name))
      })
      const found = below[first]
      if (found === undefined) return []
      const name = nameIn(found.text)
      const next = below[first + 1]
      const second = next === undefined ? "" : nameIn(next.text)
      // A name that runs over two lines ends with its legal form.
      const runsOn = !legalForm.test(fold(name)) && legalForm.test(fold(second)) && !address.test(fold(second))
      return [{ name: runsOn ? `${name} ${second}` : name, score: 11 }]
    })
  )

const printedNames = (lines: ReadonlyArray<Line>): ReadonlyArray<NameCandidate> => {
  const domains = domainsOf(lines)
  const firstPage = lines.filter((line) => line.page === lines[0]?.page)
  const heights = firstPage.flatMap((line) => line.cells.map((cell) => cell.box.y1 - cell.box.y0)).toSorted((a, b) => a - b)
  const usual = heights[Math.floor(heights.length / 2)] ?? 1
  return firstPage.flatMap((line, position) =>
    line.cells.flatMap((cell): ReadonlyArray<NameCandidate> => {
      const name = nameIn(cell.text)
      const folded = fold(name)
      if (!isName(name)) return []
      const hasForm = legalForm.test(folded)
      const fromTop = position < 3 ? 3 : position < 8 ? 2 : line.depth < 0.3 ? 1 : 0
      const size = Math.min(2, Math.max(0, (cell.box.y1 - cell.box.y0) / usual - 1.1) * 3)
      const key = letters(name)
      const domain = key.length >= 4 && domains.some((part) => part.length >= 4 && (key.includes(part) || part.includes(key.slice(0, 12)) && key.length >= 6)) ? 3 : 0
      const nearNumber = firstPage.slice(position, position + 7).some((next) => /siret|\bust|tva :|\bvat\b|\bgst\b|btw|\brcs\b|kvk|handelsreg|amtsgericht/.test(next.folded)) ? 1 : 0
      const against = (underBuyer(lines, line, cell) ? 8 : 0) + (address.test(folded) && !hasForm ? 5 : 0) + (numbered.test(folded) && !hasForm ? 4 : 0) +
        (notName.test(folded) ? 5 : 0) + (sentence.test(folded) ? 5 : 0) + (labelOf(folded) !== null && !hasForm ? 2 : 0) + (/\d/.test(name) && !hasForm ? 1.5 : 0) +
        (/^(dhr|mevr|mr|mrs|m|mme|herrn?|frau|sr|sra|sig)\b\.?/.test(folded) && !hasForm ? 5 : 0)
      return [{ name, score: (hasForm ? 4 : trade.test(folded) ? 2 : 0) + fromTop + size + domain + nearNumber - against }]
    })
  )
}

/** Candidates for the seller's name, the best first; from 4 on they are believed. */
export const supplierCandidates = (lines: ReadonlyArray<Line>): ReadonlyArray<NameCandidate> => {
  const best = new Map<string, NameCandidate>()
  for (const candidate of [...labelledNames(lines), ...printedNames(lines)]) {
    const key = letters(candidate.name)
    const before = best.get(key)
    best.set(key, before === undefined ? candidate : { name: before.name, score: Math.max(before.score, candidate.score) + 1 })
  }
  return [...best.values()].toSorted((a, b) => b.score - a.score)
}

/**
 * The seller's name: under the word for it, else the company name that place, size of print, legal form, web address
 * and company numbers speak for. Never a name from the buyer's address.
 */
export const supplierNameOf = (lines: ReadonlyArray<Line>): string | null => {
  const [first] = supplierCandidates(lines)
  return first !== undefined && first.score >= 4 ? first.name : null
}
