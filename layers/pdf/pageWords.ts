import type { Box, Page, Word } from "../../src/domain/Page.ts"
import type { PdfPage } from "./openPdf.ts"
import { boxOf, joined, type Run, runOf, type TextContent, wordRuns } from "./textRuns.ts"

/** More words than any printed page has; what comes beyond is left out. */
const maxWordsPerPage = 20_000

/** Without control characters, private codes and replacement marks: glyphs that the PDF gives no meaning to. */
const legible = (text: string): string => text.replaceAll("\u00AD", "-").replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\uFFFD]/gu, "")

const isOn = (box: Box, width: number, height: number): boolean => box.x1 > 0 && box.y1 > 0 && box.x0 < width && box.y0 < height

/** Bold is sometimes printed by painting the same word twice, a hair apart. */
const isEcho = (word: Word, earlier: Word | undefined): boolean =>
  earlier !== undefined && Math.abs(earlier.box.x0 - word.box.x0) < 1.5 && Math.abs(earlier.box.y0 - word.box.y0) < 1.5

/** The runs of the page, one per word: cut at white space, joined where a word was cut without. */
const wordRunsOf = (content: TextContent, viewport: ReadonlyArray<number>): ReadonlyArray<Run> => {
  const words: Array<Run> = []
  let mayGoOn = false
  for (const item of content.items) {
    if (words.length >= maxWordsPerPage) break
    if (!("str" in item)) continue
    const run = runOf(item, content.styles, viewport)
    if (run === null) continue
    if (/^\s/.test(run.text)) mayGoOn = false
    for (const word of wordRuns(run)) {
      const last = mayGoOn ? words.at(-1) : undefined
      const whole = last === undefined ? null : joined(last, word)
      if (whole === null) words.push(word)
      else words[words.length - 1] = whole
      mayGoOn = false
    }
    mayGoOn = !item.hasEOL && !/\s$/.test(run.text)
  }
  return words
}

/**
 * The text layer of a page in points, as seen: the page's own /Rotate applied, origin top left. Text in any direction
 * is taken, and text in rendering mode 3 (invisible) as well: that is how scanners add what they recognised.
 */
export const pageWords = async (page: PdfPage, number: number): Promise<Page> => {
  const viewport = page.getViewport({ scale: 1 })
  const words: Array<Word> = []
  const latest = new Map<string, Word>()
  for (const run of wordRunsOf(await page.getTextContent(), viewport.transform)) {
    const word = { text: legible(run.text), box: boxOf(run), confidence: 1 }
    if (word.text === "" || !isOn(word.box, viewport.width, viewport.height) || isEcho(word, latest.get(word.text))) continue
    words.push(word)
    latest.set(word.text, word)
  }
  return { number, width: viewport.width, height: viewport.height, words }
}
