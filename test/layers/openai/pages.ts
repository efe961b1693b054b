import type { Page, Word } from "../../../src/domain/Page.ts"

/** A word of ten-point print; six points a letter. */
export const at = (x: number, y: number, text: string): Word => ({
  text,
  box: { x0: x, y0: y, x1: x + text.length * 6, y1: y + 10 },
  confidence: 1
})

export const pageOf = (number: number, words: ReadonlyArray<Word>): Page => ({ number, width: 600, height: 800, words })
