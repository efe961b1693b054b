import type { Page } from "../domain/Page.ts"

/** Numbers, dates and names stand on the first pages, totals on those or the last ones. */
const firstPages = 4
const lastPages = 3
/** An ordinary page has 200 to 600 words; beyond this the middle is left out, not the head and the foot. */
const wordsPerPage = 1_200

const thinned = (page: Page): Page => {
  if (page.words.length <= wordsPerPage) return page
  const words = page.words.toSorted((a, b) => a.box.y0 - b.box.y0)
  return { ...page, words: [...words.slice(0, wordsPerPage / 2), ...words.slice(-wordsPerPage / 2)] }
}

/** As much of a long document as reading it needs, so that a catalogue of 100 pages costs no more than an invoice. */
export const excerpt = (pages: ReadonlyArray<Page>): ReadonlyArray<Page> =>
  pages.filter((_, index) => index < firstPages || index >= pages.length - lastPages).map(thinned)
