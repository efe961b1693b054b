import type { Box, Page, Word } from "../domain/Page.ts"

/** Quarter turns clockwise that bring the text upright. */
type Turn = 0 | 1 | 3

const turned = (box: Box, page: Page, turn: Turn): Box => {
  switch (turn) {
    case 0:
      return box
    case 1:
      return { x0: page.height - box.y1, y0: box.x0, x1: page.height - box.y0, y1: box.x1 }
    case 3:
      return { x0: box.y0, y0: page.width - box.x1, x1: box.y1, y1: page.width - box.x0 }
  }
}

const isTall = (word: Word): boolean => word.box.y1 - word.box.y0 > 1.2 * (word.box.x1 - word.box.x0)

/**
 * Which way a page lies: recognition gives boxes in the picture's own frame, so the words of a photo taken sideways
 * stand upright, one below the other. The order in which they come tells up from down.
 */
const turnOf = (page: Page): Turn => {
  const long = page.words.filter((word) => word.text.length >= 4)
  if (long.length < 5 || long.filter(isTall).length < long.length * 0.6) return 0
  let down = 0
  for (let index = 1; index < page.words.length; index++) {
    const [before, after] = [page.words[index - 1], page.words[index]]
    if (before === undefined || after === undefined) continue
    const sameLine = Math.abs(before.box.x0 - after.box.x0) < (before.box.x1 - before.box.x0)
    if (sameLine) down += Math.sign(after.box.y0 - before.box.y0)
  }
  return down >= 0 ? 3 : 1
}

/** The page with its text upright. */
export const upright = (page: Page): Page => {
  const turn = turnOf(page)
  return turn === 0 ? page : {
    ...page,
    width: page.height,
    height: page.width,
    words: page.words.map((word) => ({ ...word, box: turned(word.box, page, turn) }))
  }
}

/** A box on the upright page, back in the page's own frame. */
export const inOwnFrame = (box: Box, page: Page): Box => {
  switch (turnOf(page)) {
    case 0:
      return box
    case 1:
      return { x0: box.y0, y0: page.height - box.x1, x1: box.y1, y1: page.height - box.x0 }
    case 3:
      return { x0: page.width - box.y1, y0: box.x0, x1: page.width - box.y0, y1: box.x1 }
  }
}
