import type { Page } from "../domain/Page.ts"

/** Words below this were guessed from dust and shadows. */
const leastConfidence = 0.3
const fewestWords = 3

/** Whether there is any usable text at all: at least a few words or numbers that were read with some certainty. */
export const hasText = (pages: ReadonlyArray<Page>): boolean => {
  let count = 0
  for (const page of pages) {
    for (const word of page.words) {
      if (word.confidence >= leastConfidence && /\p{L}{3}|\d{2}/u.test(word.text)) count++
      if (count >= fewestWords) return true
    }
  }
  return false
}
