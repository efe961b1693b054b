import type { Page, Word } from "../../../src/domain/Page.ts"

const letter = 6
const size = 10
const leading = 14

/**
 * A page as a typewriter prints it: one letter is 6 units wide, a line 14 high; three blanks and more make a column.
 * `confidence` below 1 is recognised text.
 */
export const pageOf = (text: string, options: { readonly number?: number; readonly confidence?: number } = {}): Page => {
  const lines = text.replace(/^\n/, "").split("\n")
  const words = lines.flatMap((line, row): ReadonlyArray<Word> =>
    [...line.matchAll(/\S+/gu)].map((match) => ({
      text: match[0],
      confidence: options.confidence ?? 1,
      box: {
        x0: 40 + match.index * letter,
        y0: 40 + row * leading,
        x1: 40 + (match.index + match[0].length) * letter,
        y1: 40 + row * leading + size
      }
    }))
  )
  return { number: options.number ?? 1, width: 700, height: Math.max(842, 80 + lines.length * leading), words }
}
