import type { Page } from "../../src/domain/Page.ts"

/** Words that cross to the parent in one message: decoding them takes it a few milliseconds. */
const wordsPerSlice = 500

/** A page as one or more pages of the same number with a bounded number of words each. */
export function* slicesOf(page: Page): Generator<Page> {
  let from = 0
  do {
    yield { ...page, words: page.words.slice(from, from + wordsPerSlice) }
    from += wordsPerSlice
  } while (from < page.words.length)
}

/** The pages again, in the order of their numbers. */
export const joinSlices = (slices: ReadonlyArray<Page>): ReadonlyArray<Page> => {
  const pages = new Map<number, Page>()
  for (const slice of slices) {
    const before = pages.get(slice.number)
    pages.set(slice.number, before === undefined ? slice : { ...before, words: [...before.words, ...slice.words] })
  }
  return [...pages.values()].sort((a, b) => a.number - b.number)
}
