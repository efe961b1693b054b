import { assert, describe, it } from "@effect/vitest"
import { promptFor } from "../../layers/openai/prompt.ts"
import type { Page } from "../../src/domain/Page.ts"
import { pagesOfPrompt } from "./emulatedCloud.ts"

const page = (number: number, texts: ReadonlyArray<string>): Page => ({
  number,
  width: 660,
  height: 800,
  words: texts.map((text, index) => ({ text, box: { x0: 60, y0: 20 + 20 * index, x1: 60 + 6 * text.length, y1: 32 + 20 * index }, confidence: 1 }))
})

describe("the emulated model", () => {
  it("sees the pages that the prompt shows: each word on its page and line", () => {
    const pages = pagesOfPrompt(promptFor({ pages: [page(1, ["Facture", "Total"]), page(2, ["Suite"])], repair: null }, null).map(({ content }) => String(content)).join("\n"))
    assert.deepStrictEqual(pages.map(({ number, words }) => [number, words.map(({ text }) => text)]), [[1, ["Facture", "Total"]], [2, ["Suite"]]])
    const [first, second] = pages[0]?.words ?? []
    assert.isBelow(first?.box.y1 ?? 0, second?.box.y0 ?? 0)
  })
})
