import { assert, describe, it } from "vitest"
import { openPage, openPdf } from "../../../layers/pdf/openPdf.ts"
import { pageWords } from "../../../layers/pdf/pageWords.ts"
import { utf8 } from "../../support/badFiles/bytes.ts"
import { catalog, rawPdf } from "../../support/badFiles/rawPdf.ts"

/** One page of 400 × 600 points with these drawing instructions. */
const wordsOf = async (instructions: string, rotate = 0) => {
  const pdf = await openPdf(
    rawPdf([
      catalog,
      { dictionary: `/Type /Pages /Kids [5 0 R] /Count 1 /MediaBox [0 0 400 600] /Rotate ${rotate}` },
      { dictionary: "/Type /Font /Subtype /Type1 /BaseFont /Helvetica" },
      { dictionary: "", bytes: utf8(instructions) },
      { dictionary: "/Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >>" }
    ]),
    { canvas: false }
  )
  return pageWords(await openPage(pdf, 1), 1)
}

const texts = (page: { readonly words: ReadonlyArray<{ readonly text: string }> }) => page.words.map((word) => word.text)

describe("the text layer of a page", () => {
  it("gives each word its own box, origin top left", async () => {
    const page = await wordsOf("BT /F1 10 Tf 100 500 Td (Total 1234,56) Tj ET")
    assert.deepStrictEqual(texts(page), ["Total", "1234,56"])
    const [total, amount] = page.words
    assert.closeTo(total?.box.x0 ?? 0, 100, 0.1)
    assert.closeTo(total?.box.x1 ?? 0, 100 + 22.2, 1.5)
    assert.closeTo(amount?.box.x0 ?? 0, 100 + 25, 1.5)
    assert.isTrue((total?.box.y0 ?? 0) < 100 && (total?.box.y1 ?? 0) >= 100 && (total?.box.y1 ?? 0) < 104)
  })

  it.each([90, 180, 270])("turns boxes with a page that is shown turned by %i degrees", async (rotate) => {
    const page = await wordsOf("BT /F1 10 Tf 100 500 Td (Facture) Tj ET", rotate)
    const box = page.words[0]?.box ?? { x0: 0, y0: 0, x1: 0, y1: 0 }
    assert.deepStrictEqual([page.width, page.height], rotate === 180 ? [400, 600] : [600, 400])
    const start = { 90: [500, 100], 180: [300, 500], 270: [100, 300] }[rotate] ?? []
    assert.isTrue(box.x0 - 1 <= (start[0] ?? 0) && (start[0] ?? 0) <= box.x1 + 1, JSON.stringify(box))
    assert.isTrue(box.y0 - 1 <= (start[1] ?? 0) && (start[1] ?? 0) <= box.y1 + 1, JSON.stringify(box))
    assert.strictEqual(box.x1 - box.x0 > box.y1 - box.y0, rotate === 180)
  })

  it("takes text that runs upwards", async () => {
    const page = await wordsOf("BT /F1 10 Tf 0 1 -1 0 50 300 Tm (Montant) Tj ET")
    const box = page.words[0]?.box ?? { x0: 0, y0: 0, x1: 0, y1: 0 }
    assert.isTrue(box.y1 - box.y0 > 2 * (box.x1 - box.x0))
    assert.closeTo(box.y1, 300, 1)
  })

  it("takes the invisible text that scanners add, and leaves out what lies beside the page", async () => {
    assert.deepStrictEqual(texts(await wordsOf("BT 3 Tr /F1 10 Tf 100 500 Td (reconnu) Tj ET BT /F1 10 Tf 900 500 Td (dehors) Tj ET")), ["reconnu"])
  })

  it("joins a word that the producer cut, and not two cells of a table", async () => {
    assert.deepStrictEqual(texts(await wordsOf("BT /F1 10 Tf 100 500 Td [(Fac) -10 (ture)] TJ ET")), ["Facture"])
    assert.deepStrictEqual(texts(await wordsOf("BT /F1 10 Tf 100 500 Td (Prix) Tj 60 0 Td (12,00) Tj ET")), ["Prix", "12,00"])
  })

  it("takes a word painted twice for boldness once", async () => {
    assert.deepStrictEqual(texts(await wordsOf("BT /F1 10 Tf 100 500 Td (NET) Tj ET BT /F1 10 Tf 100.3 500 Td (NET) Tj ET")), ["NET"])
  })
})
