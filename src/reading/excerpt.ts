import type { Page, Word } from "../domain/Page.ts"

/** Numbers, dates and names stand on the first pages, totals on those or the last ones. */
const firstPages = 4
const lastPages = 3
/** An ordinary page has 200 to 600 words; beyond this the middle is left out, not the head and the foot. */
const wordsPerPage = 1_200
/** Of all pages together: what is read of a document takes a bounded time, whatever it holds. */
const wordsInAll = 4_000
/** Nothing that an invoice says is as long; lines of dots and text without blanks are. */
const longestWord = 100

const shortened = (word: Word): Word => word.text.length <= longestWord ? word : { ...word, text: word.text.slice(0, longestWord) }

const thinned = (page: Page, most: number): Page => {
  const words = page.words.length <= most
    ? page.words
    : page.words.toSorted((a, b) => a.box.y0 - b.box.y0).filter((_, index, all) => index < most / 2 || index >= all.length - most / 2)
  return { ...page, words: words.map(shortened) }
}

/** The first page, the last, the second, the last but one, …: where there is not room for all, the inner ones go without. */
const byWorth = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => index % 2 === 0 ? index / 2 : count - (index + 1) / 2)

/** As much of a long document as reading it needs, so that a catalogue of 100 pages costs no more than an invoice. */
export const excerpt = (pages: ReadonlyArray<Page>): ReadonlyArray<Page> => {
  const outer = pages.filter((_, index) => index < firstPages || index >= pages.length - lastPages)
  const kept = new Map<number, Page>()
  let room = wordsInAll
  for (const index of byWorth(outer.length)) {
    const page = outer[index]
    if (page === undefined) continue
    const own = thinned(page, Math.min(wordsPerPage, room))
    room -= own.words.length
    kept.set(index, own)
  }
  return outer.map((page, index) => kept.get(index) ?? page)
}
