import type { DocumentType } from "../domain/InvoiceFields.ts"
import { creditTitle, invoiceTitle, otherTitle, quoteTitle, receiptTitle } from "./fieldLabels.ts"
import type { Cell, Line } from "./lines.ts"

const titles: ReadonlyArray<readonly [DocumentType, RegExp]> = [
  ["credit-note", creditTitle],
  ["quote", quoteTitle],
  ["other", otherTitle],
  ["invoice", invoiceTitle],
  ["receipt", receiptTitle]
]

/** "Your quote of 3 May", "order number": the word names another paper. */
const refersElsewhere = /\b(votre|vos|selon|suivant|suite a|conform|ref|ihre?|gemass|laut|your|our|as per|uw|volgens|vs\.?|su|segun|vostro|come da|numero de commande)\b/

/** "Delivery note:  LS-77", or a heading among others over its value: the word names a paper that belongs to this one. */
const isLabel = (line: Line, cell: Cell): boolean => {
  const right = line.cells[line.cells.indexOf(cell) + 1]
  return /[:#]\W*$|(\bnr|\bno|n[°º]|\bnum|number|nummer|numero)\W*$/.test(cell.folded) || /^(n[°ºo.]|nr)?[\s:.]*[a-z]{0,4}[-/]?\d/.test(right?.folded ?? "") || line.cells.filter((other) => /[a-z]{3}/.test(other.folded)).length >= 3
}

/**
 * What the paper calls itself. A title is short, high on the first page or large; the strongest one counts, so that an
 * invoice that mentions a quote stays an invoice.
 */
export const documentTypeOf = (lines: ReadonlyArray<Line>): DocumentType | null => {
  const first = lines[0]?.page
  const page = lines.filter((line) => line.page === first)
  const heights = page.flatMap((line) => line.cells.map((cell) => cell.box.y1 - cell.box.y0)).toSorted((a, b) => a - b)
  const usual = heights[Math.floor(heights.length / 2)] ?? 1
  const scores = new Map<DocumentType, number>()
  for (const line of page) {
    for (const cell of line.cells) {
      const named = titles.find(([, pattern]) => pattern.test(cell.folded))
      if (named === undefined) continue
      const [type, pattern] = named
      const at = pattern.exec(cell.folded)?.index ?? 0
      const size = Math.min(4, Math.max(0, (cell.box.y1 - cell.box.y0) / usual - 1) * 4)
      const start = at < 3 ? 2 : 0
      const short = cell.text.length < 20 ? 2 : cell.text.length < 50 ? 1 : -1
      const top = line.depth < 0.35 ? 2 : line.depth < 0.5 ? 1 : 0
      const numbered = /(n[°ºo]|nr|no|#|number|nummer)\b|[a-z]*-?\d{3}/.test(cell.folded.slice(at)) ? at < 3 ? 2 : 1 : 0
      const elsewhere = refersElsewhere.test(cell.folded.slice(0, Math.max(at, 0))) ? 5 : 0
      // Other papers are named on invoices more often than the other way round.
      const label = type !== "other" ? 0 : isLabel(line, cell) ? 5 : 1
      const score = size + start + short + top + numbered - elsewhere - label
      scores.set(type, Math.max(scores.get(type) ?? 0, score))
    }
  }
  const [best] = [...scores].toSorted((a, b) => b[1] - a[1])
  return best !== undefined && best[1] >= 2.5 ? best[0] : null
}
