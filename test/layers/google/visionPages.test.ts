import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { toPage } from "../../../layers/google/visionPages.ts"
import { word } from "../../emulators/vision.ts"

const size = { width: 100, height: 200 }
const place = { x: 0, y: 0, width: 1, height: 1 }
const page = (words: Array<ReturnType<typeof word>>) => ({ ...size, blocks: [{ paragraphs: [{ words }] }] })

describe("a page of Vision's answer", () => {
  const pieces = Schema.Array(Schema.Struct({ text: Schema.Literals(["Total", "1", ",", "50", "€"]), ends: Schema.NullOr(Schema.Literals(["SPACE", "LINE_BREAK"])) }))
  it.prop("loses no character, and cuts exactly at the breaks", [pieces], ([parts]) => {
    const { words } = toPage(1, page(parts.map(({ ends, text }) => word(text, place, { ends }))), size, 1)
    const printed = parts.map(({ ends, text }) => text + (ends === null ? "" : " ")).join("").trim()
    assert.strictEqual(words.map(({ text }) => text).join(" "), printed)
  })

  it("knows a break that stands before a word", () => {
    const second = { ...word("B", place, { ends: null }), symbols: [{ text: "B", property: { detectedBreak: { type: "SPACE" as const, isPrefix: true } } }] }
    assert.deepStrictEqual(toPage(1, page([word("A", place, { ends: null }), second]), size, 1).words.map(({ text }) => text), ["A", "B"])
  })

  it("stands what is missing: no blocks, no box, no confidence, no symbols", () => {
    assert.deepStrictEqual(toPage(3, undefined, size, 2), { number: 3, width: 100, height: 200, words: [] })
    const [only, ...others] = toPage(1, page([{ symbols: [{ text: "x" }] }, {}]), size, 1).words
    assert.deepStrictEqual([only, others.length], [{ text: "x", box: { x0: 0, y0: 0, x1: 0, y1: 0 }, confidence: 0 }, 0])
  })

  it("puts the upright box around a slanting word", () => {
    const slanting = { symbols: [{ text: "x" }], boundingBox: { vertices: [{ x: 10, y: 5 }, { x: 20 }, { x: 22, y: 8 }, { x: 12, y: 13 }] } }
    assert.deepStrictEqual(toPage(1, page([slanting]), size, 1).words[0]?.box, { x0: 10, y0: 0, x1: 22, y1: 13 })
  })
})
