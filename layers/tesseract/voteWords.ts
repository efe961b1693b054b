import type { Box, Word } from "../../src/domain/Page.ts"

/** Words of two passes are about the same print when they share this much of the smaller one's height and width. */
const sameHeight = 0.5
const sameWidth = 0.5
/** A box that is so many times higher than another covers several lines, or a line and what stands above it. */
const tooHigh = 4

/** What a pass that saw nothing at a place says against the words that others saw there. */
const silence = 0.25

const height = (box: Box): number => box.y1 - box.y0
const width = (box: Box): number => box.x1 - box.x0

const middle = (from: number, to: number): number => (from + to) / 2

/** The engine's boxes are rough: some are as high as their line's spacing, some begin in the word before. */
const isSamePrint = ({ box: a, text }: Word, { box: b, text: other }: Word): boolean => {
  const [ha, hb] = [height(a), height(b)]
  if (Math.max(ha, hb) > tooHigh * Math.min(ha, hb)) return false
  if (Math.abs(middle(a.y0, a.y1) - middle(b.y0, b.y1)) > sameHeight * Math.min(ha, hb)) return false
  const overlap = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0)
  if (overlap >= sameWidth * Math.min(width(a), width(b))) return true
  return text === other && Math.abs(middle(a.x0, a.x1) - middle(b.x0, b.x1)) < Math.max(width(a), width(b))
}

/** What one pass reads at a place: one word, or several where others see one. */
interface Reading {
  readonly words: ReadonlyArray<Word>
  readonly key: string
  readonly confidence: number
}

/** How texts are compared: blanks, and which of several dashes and quotes it is, make no difference. */
const keyOf = (text: string): string => text.replaceAll(/[—–−]/g, "-").replaceAll(/[’‘`´]/g, "'").replaceAll(/[“”„«»]/g, '"')

const readingOf = (words: ReadonlyArray<Word>): Reading => {
  const inOrder = words.toSorted((a, b) => a.box.x0 - b.box.x0)
  const size = inOrder.reduce((sum, word) => sum + word.text.length, 0)
  return {
    words: inOrder,
    key: keyOf(inOrder.map((word) => word.text).join("")),
    confidence: inOrder.reduce((sum, word) => sum + word.confidence * word.text.length, 0) / Math.max(1, size)
  }
}

/** Words of all passes by the print they are about: `groups[i]` has a list of words per pass. */
const groupsOf = (passes: ReadonlyArray<ReadonlyArray<Word>>): ReadonlyArray<ReadonlyArray<ReadonlyArray<Word>>> => {
  const all = passes.flatMap((words, pass) => words.map((word) => ({ pass, word })))
  const inOrder = all.map((_, index) => index).toSorted((a, b) => (all[a]?.word.box.y0 ?? 0) - (all[b]?.word.box.y0 ?? 0))
  const parent = all.map((_, index) => index)
  const root = (index: number): number => {
    let at = index
    while (parent[at] !== at) at = parent[at] = parent[parent[at] ?? at] ?? at
    return at
  }
  for (const [at, index] of inOrder.entries()) {
    const one = all[index]
    if (one === undefined) continue
    for (let next = at + 1; next < inOrder.length; next++) {
      const other = all[inOrder[next] ?? 0]
      if (other === undefined || other.word.box.y0 > one.word.box.y1) break
      if (other.pass !== one.pass && isSamePrint(one.word, other.word)) parent[root(inOrder[next] ?? 0)] = root(index)
    }
  }
  const groups = new Map<number, Array<Array<Word>>>()
  for (const [index, { pass, word }] of all.entries()) {
    const group = groups.get(root(index)) ?? passes.map(() => [])
    groups.set(root(index), group)
    group[pass]?.push(word)
  }
  return [...groups.values()]
}

/** Of several readings of one print the one that most certainty stands behind; as sure as the others let it be. */
const elect = (readings: ReadonlyArray<Reading>, silent: number): ReadonlyArray<Word> => {
  const votes = new Map<string, Array<Reading>>()
  for (const reading of readings) votes.set(reading.key, [...votes.get(reading.key) ?? [], reading])
  const weight = (those: ReadonlyArray<Reading>): number => those.reduce((sum, reading) => sum + reading.confidence, 0)
  const ranked = [...votes.values()].toSorted((a, b) => weight(b) - weight(a))
  const [winners = []] = ranked
  const won = weight(winners)
  if (won < silent * silence) return []
  const doubt = winners.reduce((product, { confidence }) => product * (1 - 0.9 * confidence), 1)
  const share = won / weight(readings)
  const confidence = Math.min(0.99, (1 - doubt) * share)
  const best = winners.reduce((a, b) => b.confidence > a.confidence ? b : a)
  return best.words.map((word) => ({ ...word, confidence }))
}

/**
 * Puts several passes over the same page together, word by word: at each place the reading that the passes are surest
 * of, and as its confidence how far they agree. Boxes of all passes are in one frame.
 */
export const voteWords = (passes: ReadonlyArray<ReadonlyArray<Word>>): ReadonlyArray<Word> => {
  if (passes.length < 2) return passes[0] ?? []
  return groupsOf(passes).flatMap((group) => {
    const readings = group.filter((words) => words.length > 0).map(readingOf)
    return elect(readings, passes.length - readings.length)
  })
}
