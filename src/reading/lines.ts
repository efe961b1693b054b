import type { Box, Page, Word } from "../domain/Page.ts"
import { correct } from "./lexicon.ts"
import { plain } from "./text.ts"

/** Words that stand together on one line, without a gap that a column would make. */
export interface Cell {
  readonly text: string
  /** Without accents; blurred label words set right where the page was recognised. */
  readonly plain: string
  /** `plain` in lower case, letter by letter at the same places. */
  readonly folded: string
  readonly words: ReadonlyArray<Word>
  readonly box: Box
}

/** A line of print from left to right, across all columns. */
export interface Line {
  readonly page: number
  /** Position in reading order over the whole document. */
  readonly index: number
  readonly cells: ReadonlyArray<Cell>
  readonly box: Box
  readonly text: string
  readonly folded: string
  /** Where the line stands on its page: 0 top, 1 bottom. */
  readonly depth: number
}

const height = (box: Box): number => box.y1 - box.y0
const middle = (box: Box): number => (box.y0 + box.y1) / 2

export const union = (boxes: ReadonlyArray<Box>): Box => ({
  x0: boxes.reduce((least, box) => Math.min(least, box.x0), Infinity),
  y0: boxes.reduce((least, box) => Math.min(least, box.y0), Infinity),
  x1: boxes.reduce((most, box) => Math.max(most, box.x1), -Infinity),
  y1: boxes.reduce((most, box) => Math.max(most, box.y1), -Infinity)
})

/** Share of the narrower of two boxes that lies above or below the other. */
export const overlapX = (a: Box, b: Box): number => {
  const shared = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0)
  return shared <= 0 ? 0 : shared / Math.max(1e-6, Math.min(a.x1 - a.x0, b.x1 - b.x0))
}

const overlapY = (a: Box, b: Box): number =>
  (Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0)) / Math.max(1e-6, Math.min(height(a), height(b)))

const isPrint = (word: Word): boolean => /[\p{L}\p{N}€$£%#@]/u.test(word.text) || /^[-–—:.,'|*+&/()·•=]$/.test(word.text)

/** Rows of words: each word joins the row whose last word it stands beside, so that a slanting line stays one. */
const rowsOf = (words: ReadonlyArray<Word>): ReadonlyArray<ReadonlyArray<Word>> => {
  const heights = words.map((word) => height(word.box)).sort((a, b) => a - b)
  const usual = heights[Math.floor(heights.length / 2)] ?? 1
  const rows: Array<{ words: Array<Word>; last: Box }> = []
  // Rows by the band of the page they end in, so that a word looks at its neighbours only.
  const bands = new Map<number, Array<(typeof rows)[number]>>()
  const bandOf = (box: Box) => Math.floor(middle(box) / (usual * 4))
  for (const word of words.toSorted((a, b) => a.box.x0 - b.box.x0)) {
    const band = bandOf(word.box)
    const near = [band - 1, band, band + 1].flatMap((index) => bands.get(index) ?? [])
    let home: (typeof rows)[number] | undefined
    let distance = Infinity
    for (const row of near) {
      const away = Math.abs(middle(row.last) - middle(word.box))
      if (away < distance && overlapY(row.last, word.box) >= 0.5) {
        home = row
        distance = away
      }
    }
    if (home === undefined) {
      home = { words: [], last: word.box }
      rows.push(home)
      bands.set(band, [...(bands.get(band) ?? []), home])
    } else if (bandOf(home.last) !== band) {
      const old = bandOf(home.last)
      bands.set(old, (bands.get(old) ?? []).filter((row) => row !== home))
      bands.set(band, [...(bands.get(band) ?? []), home])
    }
    home.words.push(word)
    // Commas and dashes are too flat to say where the line runs.
    if (height(word.box) >= usual * 0.6 || home.words.length === 1) home.last = word.box
  }
  return rows.map((row) => row.words)
}

const correctWord = (word: string): string => {
  const lower = word.toLowerCase()
  const corrected = correct(lower)
  return corrected === lower ? word : corrected
}

const cellOf = (words: ReadonlyArray<Word>): Cell => {
  const box = union(words.map((word) => word.box))
  let text = ""
  let previous: Word | null = null
  for (const word of words) {
    // Text pieces that touch were one word before the PDF's writer split them.
    const touches = previous !== null && word.confidence === 1 && word.box.x0 - previous.box.x1 < 0.03 * height(word.box)
    text += `${previous === null || touches ? "" : " "}${word.text}`
    previous = word
  }
  const recognised = words.some((word) => word.confidence < 1)
  const bare = plain(text)
  const corrected = recognised ? bare.split(" ").map(correctWord).join(" ") : bare
  return { text, plain: corrected, folded: corrected.toLowerCase(), words, box }
}

/** A gap wider than this many heights of print starts a new column. */
const columnGap = 1

const cellsOf = (row: ReadonlyArray<Word>): ReadonlyArray<Cell> => {
  const groups: Array<Array<Word>> = []
  let right = -Infinity
  for (const word of row) {
    const group = groups.at(-1)
    const size = Math.max(height(word.box), group === undefined ? 0 : height(group.at(-1)?.box ?? word.box))
    if (group === undefined || word.box.x0 - right > columnGap * size || word.text === "|") groups.push([word])
    else group.push(word)
    right = Math.max(right, word.box.x1)
  }
  return groups.map((group) => cellOf(group)).filter((cell) => /[\p{L}\p{N}€$£%#]/u.test(cell.text))
}

/** Lines of all pages in reading order: top to bottom, each from left to right. The first has the position `from`. */
export const linesOf = (pages: ReadonlyArray<Page>, from = 0): ReadonlyArray<Line> => {
  let index = from
  return pages.flatMap((page) =>
    rowsOf(page.words.filter(isPrint))
      .map((row) => cellsOf(row))
      .filter((cells) => cells.length > 0)
      .map((cells) => ({ cells, box: union(cells.map((cell) => cell.box)) }))
      .toSorted((a, b) => middle(a.box) - middle(b.box))
      .map(({ box, cells }): Line => ({
        page: page.number,
        index: index++,
        cells,
        box,
        text: cells.map((cell) => cell.text).join("  "),
        folded: cells.map((cell) => cell.folded).join("  "),
        depth: page.height > 0 ? middle(box) / page.height : 0
      }))
  )
}
