import { addressWords as address, surroundingsOf } from "./addresses.ts"
import { buyerLabel, creditTitle, invoiceTitle, otherTitle, quoteTitle, receiptTitle, sellerLabel } from "./fieldLabels.ts"
import { labelOf } from "./amountLabels.ts"
import { datesIn } from "./dates.ts"
import { type Cell, type Line, overlapX } from "./lines.ts"
import { fold } from "./text.ts"

/** Legal forms in Europe and where its languages are spoken, as they end a company's name. */
const legalForm =
  /\b(s\.?a\.?r\.?l\.?|s\.?a\.?s\.?u?|e\.?u\.?r\.?l\.?|s\.?n\.?c|s\.?c\.?i|s\.?c\.?o\.?p|eirl|gie|gmbh( ?& ?co\.? ?kg)?|ug|ag|kg|ohg|gbr|e\.? ?k\.?|e\.? ?v\.?|a\. ?g\.|eg|se|b\.?v\.?|n\.?v\.?|v\.?o\.?f\.?|ltd\.?|limited|llc|llp|inc\.?|corp\.?|plc|pty|pvt|co\.|s\.?l\.?u?|s\.?a\.?|s\.?r\.?l\.?s?|s\.?p\.?a\.?|s\.?a\.?p\.?a\.?|s\.?l\.?l\.?|g?es\.? ?m\.? ?b\.? ?h\.?|mbh|gmbh ?& ?co\.? ?ohg|e\. ?u\.|a\. ?m\. ?b\. ?a\.|scrl|sdn\.? ?bhd\.?|s\/b|bvba|sprl|srl|oy|ab|a\/s|aps)(?=[\s,.;)]|$)/
/** Words of trades that firms are called by where no legal form ends the name. */
const trade =
  /^(ets|etablissements?|entreprise|societe|ste|maison|garage|cabinet|atelier|firma|menuiserie|maconnerie|plomberie|electricite|peinture|couverture|charpente|chauffage|carrelage|toiture|boulangerie|pharmacie|librairie|quincaillerie|restaurant|hotel|reformas|construcciones|carpinteria|suministros|fontaneria|instalaciones|edilizia|idraulica|falegnameria|serramenti|officina|ristorante|praxis|stadtwerke|autohaus|elektro|sanitar|loodgieter|schilder)\b|\b[a-z]{3,}(bau|technik|handel|werke|betrieb|[a-z]erei|bedrijf|werken|kontor|service|services|merchants?|supplies|builders|plumbing|roofing|electrical|kitchens)\b|(&|\bund|\bet|\band|\ben|\be|\by) (sohne?|fils|freres|sons?|co|zonen|figli|hijos|partner|associes)\b/
const contact = /@|\bwww\.|https?:|\btel\b|telefon|telephone|\bfax\b|phone|fon\b|mobil|e-?mail/
const numbered = /siret|siren|\btva\b|\bvat\b|\bust\b|\bust[.-]|steuer|\bbtw\b|\biva\b|\bgst\b|\biban\b|\bbic\b|\brcs\b|\bape\b|gln\b|hrb\b|hra\b|kvk|nummer|number|-nr\b|\bnr\b|\bn°|reg\b|capital|konto|lief-/
const notName =
  /geschaftsf|gerant|director|amtsgericht|bank\b|banque|sparkasse|seite \d|page \d|^page\b|\bdate\b|datum\b|entreprise individuelle|entrepreneur|micro-?entreprise|tribunal|siege social|\bmerci\b|\bthank|welcome|bienvenue|\bdetails?\b|\binformations?\b|\baddress\b|\badresse\b|signat|conditions|payment|zahlung|beschreibung|description|designation|quantit|\bmenge\b|\btotal\b|\bmontant|\bamount|betrag\b|\bcopie\b|\boriginal\b|duplicat|\bkopie\b|www|\bgeachte|\bdear\b|madame|monsieur|sehr geehrte|bonjour|invoice to|tax invoice|\bcashier|\btable\b|\bdocument|powered|vielen dank|telephone|magasin|\bhoraires|\bouvert\b|\bbestell|\blieferung|\bgeliefert|\bversand\b/
const sentence = /[a-z]{3,}( [a-z]{2,}){6,}/

/** Where a comma ends the name and the address begins. */
const beforeAddress = (text: string): string => {
  for (const match of text.matchAll(/, /g)) if (address.test(fold(text.slice(match.index + 2)).slice(0, 60))) return text.slice(0, match.index)
  return text
}

/** The name at the start of a line that goes on with the address or the capital. */
const nameIn = (text: string): string =>
  beforeAddress(text.slice(0, 200))
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
  return !/[:€$]$/.test(name) && !/^\d{4} ?[A-Z]{2}\b|^\d{5} \p{L}/u.test(name)
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

const labelledBuyer = (line: Line, cell: Cell): boolean => {
  const left = line.cells[line.cells.indexOf(cell) - 1]
  return left !== undefined && isBuyerHeading(left) && left.text.length < 25
}

const shortLabel = (cell: Cell, label: RegExp): boolean => label.test(cell.folded) && cell.text.length < 60

/** The word for the buyer over an address; "customer no. 4711" is over none. */
const isBuyerHeading = (cell: Cell): boolean => shortLabel(cell, buyerLabel) && !/\d|n[°º]|\bn\.|\b(no|nr|num|number|nummer|numero|code|cod\w*|ref|compte|account)\b/.test(cell.folded)

/** Lines of a column that stand further apart than this many heights of print belong to different things. */
const columnGap = 2.5

/** Whether the lines above in the same column say that this is the buyer's address. */
const underBuyer = (lines: ReadonlyArray<Line>, line: Line, cell: Cell): boolean => {
  let top = cell.box.y0
  for (const above of lines.slice(Math.max(0, line.index - 7), line.index).toReversed()) {
    if (above.page !== line.page) break
    const over = above.cells.filter((candidate) => overlapX(candidate.box, cell.box) > 0.2)
    if (over.length === 0) continue
    if (top - above.box.y1 > columnGap * (cell.box.y1 - cell.box.y0)) break
    if (over.some((candidate) => shortLabel(candidate, sellerLabel))) return false
    if (over.some(isBuyerHeading)) return true
    top = above.box.y0
  }
  return shortLabel(cell, buyerLabel) || labelledBuyer(line, cell)
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

interface PrintedName extends NameCandidate {
  /** How to reach and to pay the firm stands by it. */
  readonly isReachable: boolean
  /** A name over street and town, and nothing else: whoever is written to looks like that. */
  readonly isWindow: boolean
}

/** What nobody is called, or what belongs to whoever is written to. */
const against = (folded: string, hasForm: boolean, isFirm: boolean): number =>
  (address.test(folded) && !hasForm ? 5 : 0) + (numbered.test(folded) && !hasForm ? 4 : 0) + (notName.test(folded) ? 5 : 0) + (sentence.test(folded) ? 5 : 0) +
  (labelOf(folded) !== null && !isFirm ? 2 : 0) + (/\d/.test(folded) && !hasForm ? 1.5 : 0)

const printedNames = (lines: ReadonlyArray<Line>): ReadonlyArray<NameCandidate> => {
  const domains = domainsOf(lines)
  const firstPage = lines.filter((line) => line.page === lines[0]?.page)
  const heights = firstPage.flatMap((line) => line.cells.map((cell) => cell.box.y1 - cell.box.y0)).toSorted((a, b) => a - b)
  const usual = heights[Math.floor(heights.length / 2)] ?? 1
  const names = firstPage.flatMap((line, position) =>
    line.cells.flatMap((cell): ReadonlyArray<PrintedName> => {
      const name = nameIn(cell.text)
      const folded = fold(name)
      if (!isName(name)) return []
      const hasForm = legalForm.test(folded)
      const { isAddressed, isAddressee, isReachable, isSenderLine, over } = surroundingsOf(lines, line, cell, name)
      const heads = position === 0 && !isAddressed && firstPage.slice(1, 3).some((next) => address.test(next.folded)) ? 1 : 0
      const fromTop = position < 3 ? 3 : position < 8 ? 2 : line.depth < 0.3 ? 1 : 0
      const size = Math.min(2, Math.max(0, (cell.box.y1 - cell.box.y0) / usual - 1.1) * 3)
      const key = letters(name)
      const domain = key.length >= 4 && domains.some((part) => part.length >= 4 && (key.includes(part) || part.includes(key.slice(0, 12)) && key.length >= 6)) ? 3 : 0
      const nearNumber = firstPage.slice(position, position + 7).some((next) => /siret|\bust|tva :|\bvat\b|\bgst\b|btw|\brcs\b|kvk|handelsreg|amtsgericht/.test(next.folded)) ? 1 : 0
      // Trades in the line under a name are what the firm does, not what it is called.
      const isFirm = hasForm || trade.test(folded) && !(position <= 2 && isName(over) && labelOf(over) === null)
      const score = (hasForm ? 4 : isFirm ? 2 : 0) + fromTop + heads + size + domain + nearNumber + (isSenderLine ? 4 : 0) + (isAddressed ? 1 : 0) + (isReachable && (isFirm || isAddressed || isSenderLine) ? 2 : 0) -
        (underBuyer(lines, line, cell) ? 8 : 0) - (isAddressee ? 8 : 0) - against(folded, hasForm, isFirm)
      return [{ name, score, isReachable: isReachable || isSenderLine, isWindow: isAddressed && !isReachable && !isSenderLine }]
    })
  )
  return names.map((own, index) => ({ ...own, score: own.score - fromWindow(names, own, index) }))
}

/** Beside a letterhead that can be reached, a bare address is the one in the window; of two bare ones the second is. */
const fromWindow = (names: ReadonlyArray<PrintedName>, own: PrintedName, index: number): number => {
  const isOther = (other: PrintedName) => other.score >= 4 && letters(other.name) !== letters(own.name)
  if (!own.isWindow) return 0
  return names.some((other) => other.isReachable && isOther(other)) ? 4 : names.slice(0, index).some((other) => other.isWindow && isOther(other)) ? 3 : 0
}

/** Candidates for the seller's name, the best first; from 4 on they are believed. */
export const supplierCandidates = (lines: ReadonlyArray<Line>): ReadonlyArray<NameCandidate> => {
  const best = new Map<string, NameCandidate & { readonly times: number }>()
  for (const candidate of [...labelledNames(lines), ...printedNames(lines)]) {
    const key = letters(candidate.name)
    const before = best.get(key)
    best.set(key, before === undefined ? { ...candidate, times: 1 } : { name: before.name, score: Math.max(before.score, candidate.score), times: before.times + 1 })
  }
  // What comes again and again is an item of the table.
  return [...best.values()].map(({ name, score, times }) => ({ name, score: score + (times > 1 ? 1 : 0) })).toSorted((a, b) => b.score - a.score)
}

/**
 * The seller's name: under the word for it, else the company name that place, size of print, legal form, web address
 * and company numbers speak for. Never a name from the buyer's address.
 */
export const supplierNameOf = (lines: ReadonlyArray<Line>): string | null => {
  const [first] = supplierCandidates(lines)
  return first !== undefined && first.score >= 4 ? first.name : null
}
