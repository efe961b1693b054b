import type { Box } from "../../src/domain/Page.ts"
import { glyphWidth } from "./glyphWidths.ts"
import type { PdfPage } from "./openPdf.ts"

/** Text smaller than this (points) is not there to be read. */
const smallestSize = 1

interface Point {
  readonly x: number
  readonly y: number
}

/** A run of characters in page units as seen: it starts at `start`, runs along `along`, stands up along `up`. */
export interface Run {
  readonly text: string
  readonly start: Point
  readonly length: number
  readonly along: Point
  readonly up: Point
  readonly size: number
  readonly ascent: number
  readonly descent: number
}

export type TextContent = Awaited<ReturnType<PdfPage["getTextContent"]>>
type TextItem = Extract<TextContent["items"][number], { str: string }>

const at = (from: Point, direction: Point, distance: number): Point => ({ x: from.x + direction.x * distance, y: from.y + direction.y * distance })

const multiply = (m: ReadonlyArray<number>, n: ReadonlyArray<number>): readonly [number, number, number, number, number, number] => {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = m
  const [p = 1, q = 0, r = 0, s = 1, t = 0, u = 0] = n
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f]
}

export const runOf = (item: TextItem, styles: TextContent["styles"], viewport: ReadonlyArray<number>): Run | null => {
  const [a, b, c, d, e, f] = multiply(viewport, item.transform)
  const [width, size] = [Math.hypot(a, b), Math.hypot(c, d)]
  if (!(width > 0) || !(size >= smallestSize) || !Number.isFinite(e + f)) return null
  const style = styles[item.fontName]
  return {
    text: item.str,
    start: { x: e, y: f },
    length: item.width * Math.hypot(viewport[0] ?? 1, viewport[1] ?? 0),
    along: { x: a / width, y: b / width },
    up: { x: c / size, y: d / size },
    size,
    ascent: style !== undefined && style.ascent > 0.3 && style.ascent < 1.5 ? style.ascent : 0.8,
    descent: style !== undefined && style.descent < 0 && style.descent > -0.8 ? style.descent : -0.2
  }
}

export const boxOf = (run: Run): Box => {
  const end = at(run.start, run.along, run.length)
  const corners = [run.start, end].flatMap((point) => [at(point, run.up, run.ascent * run.size), at(point, run.up, run.descent * run.size)])
  const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)]
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) }
}

/** The words of a run, each with its share of the run's length. */
export const wordRuns = (run: Run): ReadonlyArray<Run> => {
  const widths = Array.from(run.text, (character) => glyphWidth(character) * character.length)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const words: Array<Run> = []
  let [text, from, reached] = ["", 0, 0]
  const close = (): void => {
    if (text !== "") words.push({ ...run, text, start: at(run.start, run.along, from), length: reached - from })
    text = ""
  }
  Array.from(run.text).forEach((character, index) => {
    if (/\s/.test(character)) close()
    else {
      if (text === "") from = reached
      text += character
    }
    reached += ((widths[index] ?? 0) / total) * run.length
  })
  close()
  return words
}

/** `word` and `next` as one, where `next` goes on where `word` ends: producers cut words where the font or the kerning changes. */
export const joined = (word: Run, next: Run): Run | null => {
  const end = at(word.start, word.along, word.length)
  const [dx, dy] = [next.start.x - end.x, next.start.y - end.y]
  const gap = dx * word.along.x + dy * word.along.y
  const drop = Math.abs(dx * word.up.x + dy * word.up.y)
  const sameDirection = word.along.x * next.along.x + word.along.y * next.along.y > 0.99
  const sameSize = next.size < 1.5 * word.size && word.size < 1.5 * next.size
  return sameDirection && sameSize && Math.abs(gap) < 0.12 * word.size && drop < 0.15 * word.size
    ? { ...word, text: word.text + next.text, length: word.length + gap + next.length, size: Math.max(word.size, next.size) }
    : null
}
