import type { protos } from "@google-cloud/vision"
import type { Box, Page, Word } from "../../src/domain/Page.ts"

type VisionPage = protos.google.cloud.vision.v1.IPage
type VisionWord = protos.google.cloud.vision.v1.IWord
type Polygon = protos.google.cloud.vision.v1.IBoundingPoly

export interface Size {
  readonly width: number
  readonly height: number
}

/** The upright box around a polygon. PDFs come with places as parts of the page (0 to 1), pictures in pixels. */
const boxOf = (polygon: Polygon | null | undefined, page: Size): Box => {
  const parts = polygon?.normalizedVertices ?? []
  const points = parts.length > 0
    ? parts.map(({ x, y }) => ({ x: (x ?? 0) * page.width, y: (y ?? 0) * page.height }))
    : (polygon?.vertices ?? []).map(({ x, y }) => ({ x: x ?? 0, y: y ?? 0 }))
  if (points.length === 0) return { x0: 0, y0: 0, x1: 0, y1: 0 }
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) }
}

const around = (a: Box, b: Box): Box => ({
  x0: Math.min(a.x0, b.x0),
  y0: Math.min(a.y0, b.y0),
  x1: Math.max(a.x1, b.x1),
  y1: Math.max(a.y1, b.y1)
})

const ratio = (value: number | null | undefined): number => Math.min(1, Math.max(0, value ?? 0))

const textOf = (word: VisionWord): string => (word.symbols ?? []).map(({ text }) => text ?? "").join("")

const breakBefore = (word: VisionWord): boolean => word.symbols?.[0]?.property?.detectedBreak?.isPrefix === true

const breakAfter = (word: VisionWord): boolean => {
  const found = word.symbols?.at(-1)?.property?.detectedBreak
  return found !== null && found !== undefined && found.isPrefix !== true && found.type !== "UNKNOWN" && found.type !== 0
}

/**
 * Vision cuts at punctuation: "1,50" comes as three words. What stands between two breaks is one word here; it is
 * as sure as its least sure part.
 */
const joinWords = (words: ReadonlyArray<VisionWord>, size: Size): ReadonlyArray<Word> => {
  const joined: Array<Word> = []
  let open: Word | null = null
  for (const word of words) {
    const part: Word = { text: textOf(word), box: boxOf(word.boundingBox, size), confidence: ratio(word.confidence) }
    const whole: Word = open === null || breakBefore(word)
      ? part
      : { text: open.text + part.text, box: around(open.box, part.box), confidence: Math.min(open.confidence, part.confidence) }
    if (open !== null && whole === part) joined.push(open)
    open = breakAfter(word) ? null : whole
    if (open === null) joined.push(whole)
  }
  return open === null ? joined : [...joined, open]
}

/**
 * One page of Vision's answer (pages → blocks → paragraphs → words → symbols). `fallback` is the size where the
 * answer names none, as for a page without text; `scale` takes places back to the picture before it was scaled down.
 */
export const toPage = (number: number, page: VisionPage | undefined, fallback: Size, scale: number): Page => {
  const size = page?.width && page.height ? { width: page.width, height: page.height } : { width: fallback.width / scale, height: fallback.height / scale }
  const paragraphs = (page?.blocks ?? []).flatMap((block) => block.paragraphs ?? [])
  const words = paragraphs.flatMap((paragraph) => joinWords(paragraph.words ?? [], size)).filter(({ text }) => text.trim() !== "")
  return {
    number,
    width: size.width * scale,
    height: size.height * scale,
    words: scale === 1
      ? words
      : words.map((word) => ({
        ...word,
        box: { x0: word.box.x0 * scale, y0: word.box.y0 * scale, x1: word.box.x1 * scale, y1: word.box.y1 * scale }
      }))
  }
}
