import type { Page } from "../../src/domain/Page.ts"
import { type Line, linesOf } from "../../src/reading/lines.ts"

/** Characters in which the width of a page is laid out: enough for the columns of an invoice. */
const columns = 110

/** About 15,000 tokens: more than any ten pages of invoice hold, and a bound on what one document can cost. */
const maxCharacters = 40_000

/** Of a longer text the end is kept as well: that is where totals stand. */
const tailCharacters = 10_000

/** The frame around the document in the prompt. A document that writes it itself must not be able to close it. */
export const frame = { open: "<invoice-text>", close: "</invoice-text>" } as const

const harmless = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters mean nothing on paper
  text.replace(/[\u0000-\u001F\u007F-\u009F]/g, " ").replace(/<(?=\s*\/?\s*invoice-text)/gi, "(")

const layOut = (line: Line, width: number): string =>
  line.cells.reduce((text, cell) => {
    const column = width > 0 ? Math.min(columns, Math.max(0, Math.round((cell.box.x0 / width) * columns))) : 0
    const gap = text === "" ? column : Math.max(2, column - text.length)
    return text + " ".repeat(gap) + harmless(cell.text)
  }, "")

const shorten = (text: string): string => {
  if (text.length <= maxCharacters) return text
  const head = text.slice(0, maxCharacters - tailCharacters)
  const tail = text.slice(-tailCharacters)
  // Whole lines only: half an amount would be a wrong amount.
  return `${head.slice(0, head.lastIndexOf("\n"))}\n[…]\n${tail.slice(tail.indexOf("\n") + 1)}`
}

/** The words of the pages as text, line by line and roughly in their columns; at most 40,000 characters. */
export const pageText = (pages: ReadonlyArray<Page>): string => {
  const lines = linesOf(pages)
  const parts = pages.map((page) => {
    const own = lines.filter((line) => line.page === page.number).map((line) => layOut(line, page.width))
    return [`--- page ${page.number} ---`, ...own].join("\n")
  })
  return shorten(parts.join("\n\n"))
}
