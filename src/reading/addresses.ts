import { type Cell, type Line, overlapX } from "./lines.ts"

/**
 * Address blocks: whose they are shows by what stands around them. A letterhead tells how to reach and to pay the
 * firm; the window of a letter tells a name, a street and a town.
 */

/** Streets and other parts of addresses, in folded text. */
export const addressWords =
  /\b(rue|avenue|av\.|bd|boulevard|chemin|route|allee|impasse|quai|place de|zone|zi|za|zac|bp|cedex|lieu-?dit|postfach|postbus)\b|stra(ss|s|b)e\b|str\.|\bweg\b|weg \d|gasse|platz\b|allee \d|\b(street|road|avenue|drive|lane|suite|floor|jalan|jln|taman|lot)\b|straat|laan\b|plein \d|\b(calle|avda\.?|poligono|via|piazza|corso|plaza)\b|\bc\/ |^(unit|suite|apt|flat|bat|batiment|haus|block)\.? \d|\b[a-z]{0,2}-?\d{4,5} [a-z]{2}|^\d+[,\s]|\b\d{4} ?[a-z]{2} [a-z]/

/** Post code and town: continental, Dutch, British, American. */
const town = /(?:^|[\s,·•|-])(?:[a-z]{1,3}[ -])?\d{4,5} +\p{L}{2}|\b\d{4} ?[a-z]{2} \p{L}|\b[a-z]{1,2}\d[\da-z]? ?\d[a-z]{2}\b|\b[a-z]{2},? \d{5}(?:-\d{4})?\b|, [a-z]+ \d{5}\b/u

/** Not the VAT number: of a firm that is written to it is printed as well. */
const reachable =
  /@|\bwww\.|https?:|\btel\b|telefon|telephone|\bfax\b|\bfon\b|phone|siret|siren|\brcs\b|\bape\b|hrb\b|hra\b|kvk|handelsreg|steuer-?n|\biban\b|\bbic\b|\babn\b|company reg|\brea \d|inhaber|geschaftsf|gerant|capital/

/** A line of its own over the name. */
const salutation = /^\W*(an( die| den| das)?|herrn?( und frau)?|frau|firma|fa\.?|familie|eheleute|madame|monsieur|m(r\.?)? et mme|societe|spett\.?(le|abile)?( ditta)?)\W*$/
/** People are written to with their titles; firms are not, but for the word itself. */
const person = /^\W*(herrn?|frau|familie|fam\.|eheleute|madame|monsieur|mme|m\.|m(r\.?)? et mme|mr\.?|mrs\.?|ms\.|dhr\.?|mevr\.?|de heer|sra?\.|sig\.(ra)?|spett\.?(le|abile)) +[a-z]/

const careOf = /^\W*(c\/o|z\. ?hd|zu handen|t\. ?a\. ?v|a l'attention|att(n|ention)?\b|a\/?c\.? de|aan de)/

const height = (cell: Cell): number => cell.box.y1 - cell.box.y0

const sharesColumn = (a: Cell, b: Cell): boolean => overlapX(a.box, b.box) > 0.3 || Math.abs(a.box.x0 - b.box.x0) < 12

/** A cell with those that stand close to it on its right: bars and points between parts of an address cut it into cells. */
const stretch = (line: Line, cell: Cell): string => {
  let text = cell.folded
  let last = cell
  for (const next of line.cells.slice(line.cells.indexOf(cell) + 1)) {
    if (next.box.x0 - last.box.x1 > 3 * height(next)) break
    text += ` ${next.folded}`
    last = next
  }
  return text
}

/** Between two lines of a column stand at most those of a few others. */
const reach = 40

/** What stands under (or over) a cell in its own column, each line right beside the last: at most `count`, folded. */
const neighbours = (lines: ReadonlyArray<Line>, line: Line, cell: Cell, count: number, step: 1 | -1): ReadonlyArray<string> => {
  const found: Array<string> = []
  let last = cell
  for (let index = line.index + step; found.length < count && Math.abs(index - line.index) <= reach; index += step) {
    const next = lines[index]
    if (next === undefined || next.page !== line.page) break
    const gap = step === 1 ? next.box.y0 - last.box.y1 : last.box.y0 - next.box.y1
    if (gap > 1.4 * Math.max(height(last), height(cell))) break
    const beside = next.cells.find((candidate) => sharesColumn(candidate, cell))
    if (beside === undefined) continue
    found.push(stretch(next, beside))
    last = beside
  }
  return found
}

export interface Surroundings {
  /** Name, street and town stand on one line: how a sender prints itself over the window of an envelope. */
  readonly isSenderLine: boolean
  /** A town stands under the name, without a gap. */
  readonly isAddressed: boolean
  /** So do telephone, web, bank or register. */
  readonly isReachable: boolean
  /** What stands right over it, folded; "" where nothing does. */
  readonly over: string
  /** "Herrn", "Madame" before it, "c/o" under it: people that are written to. */
  readonly isAddressee: boolean
}

/** What stands around a name. Lines are those of the whole document. */
export const surroundingsOf = (lines: ReadonlyArray<Line>, line: Line, cell: Cell, name: string): Surroundings => {
  const rest = stretch(line, cell).slice(name.length)
  const below = neighbours(lines, line, cell, 7, 1)
  const townAt = below.slice(0, 5).findIndex((next) => town.test(next))
  const block = townAt < 0 ? below.slice(0, 3) : below
  const above = neighbours(lines, line, cell, 2, -1)
  const beforeTown = rest.slice(0, town.exec(rest)?.index ?? 0)
  return {
    isSenderLine: /[a-z]{3}/.test(beforeTown),
    over: above[0] ?? "",
    isAddressed: townAt >= 0,
    isReachable: reachable.test(rest) || block.some((next) => reachable.test(next)),
    isAddressee: above.some((next) => salutation.test(next) || person.test(next)) || person.test(cell.folded) || below.slice(0, 3).some((next) => careOf.test(next))
  }
}
