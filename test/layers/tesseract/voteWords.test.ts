import { describe, expect, it } from "vitest"
import { voteWords } from "../../../layers/tesseract/voteWords.ts"
import type { Word } from "../../../src/domain/Page.ts"
import { pageOf } from "../../src/reading/pageOf.ts"

const seen = (text: string, confidence: number) => pageOf(text, { confidence }).words
const inOrder = (words: ReadonlyArray<Word>): string =>
  words.toSorted((a, b) => a.box.y0 - b.box.y0 || a.box.x0 - b.box.x0).map(({ text }) => text).join(" ")
const certaintyOf = (words: ReadonlyArray<Word>, text: string): number => words.find((word) => word.text === text)?.confidence ?? 0

describe("words that several passes saw", () => {
  it("are the reading that most certainty stands behind, place by place", () => {
    const voted = voteWords([seen("Total TTC 24,00 €", 0.9), seen("Total TTC 2A,00 €", 0.6), seen("Tctal TTC 24,00 €", 0.5)])
    expect(inOrder(voted)).toBe("Total TTC 24,00 €")
  })
  it("are surer where the passes agree, and less sure where they do not", () => {
    const voted = voteWords([seen("facture 12 du 4", 0.8), seen("facture 12 du 9", 0.7)])
    expect(certaintyOf(voted, "facture")).toBeGreaterThan(0.85)
    expect(certaintyOf(voted, "4")).toBeLessThan(0.6)
  })
  it("may be one word for one pass and two for another", () => {
    const joined = voteWords([seen("Montant 1 234,50 dû", 0.8), seen("Montant 1_234,50 dû", 0.5), seen("Montant 1_234,50 dû", 0.4)])
    expect(inOrder(joined)).toBe("Montant 1_234,50 dû")
  })
  it("are kept when only one pass saw them clearly, and dropped when they were guessed", () => {
    const line = seen("Facture\nNuméro 2024-17", 0.9)
    const without = seen("Facture", 0.9)
    expect(inOrder(voteWords([line, without, without]))).toBe("Facture Numéro 2024-17")
    expect(inOrder(voteWords([seen("Facture\n~;", 0.2), without, without]))).toBe("Facture")
  })
  it("are the same although their boxes are rough", () => {
    const moved = seen("05 44 44 90", 0.9).map((word, index) => ({ ...word, box: { ...word.box, y0: word.box.y0 - 4, y1: word.box.y1 + 4, x0: word.box.x0 + (index === 1 ? 8 : 0), x1: word.box.x1 + (index === 1 ? 8 : 0) } }))
    expect(inOrder(voteWords([seen("05 44 44 90", 0.9), moved]))).toBe("05 44 44 90")
  })
  it("of a single pass stay as they are", () => {
    const words = seen("Facture 12", 0.4)
    expect(voteWords([words])).toEqual(words)
  })
})
