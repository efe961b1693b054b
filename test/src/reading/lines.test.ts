import { describe, expect, it } from "vitest"
import { linesOf } from "../../../src/reading/lines.ts"
import { inOwnFrame, upright } from "../../../src/reading/upright.ts"
import { pageOf } from "./pageOf.ts"

const cells = (page: ReturnType<typeof pageOf>) => linesOf([page]).map((line) => line.cells.map((cell) => cell.text))

describe("lines of print", () => {
  it("run across columns, which wide gaps part", () => {
    expect(cells(pageOf("Total HT        100,00 €\nTVA             20,00 €"))).toEqual([["Total HT", "100,00 €"], ["TVA", "20,00 €"]])
  })
  it("stay lines on a page that was scanned askew", () => {
    const page = pageOf("Facture numéro 12345 du douze mars deux mille vingt-quatre à Lyon\nTotal toutes taxes comprises de la facture présente           100,00")
    const slanted = { ...page, words: page.words.map((word) => ({ ...word, box: { ...word.box, y0: word.box.y0 + word.box.x0 * 0.03, y1: word.box.y1 + word.box.x0 * 0.03 } })) }
    expect(cells(slanted)).toEqual(cells(page))
  })
  it("join pieces of a word that a PDF's writer split", () => {
    const [first, second] = pageOf("12 34").words
    if (first === undefined || second === undefined) throw new Error("two words expected")
    const touching = { ...second, box: { ...second.box, x0: first.box.x1, x1: first.box.x1 + 12 } }
    expect(linesOf([{ number: 1, width: 100, height: 100, words: [first, touching] }])[0]?.text).toBe("1234")
  })
})

describe("a page on its side", () => {
  const page = pageOf("Facture numéro douze\nTotal toutes taxes comprises\nMontant hors taxes inclus")
  const turned = { ...page, width: page.height, height: page.width, words: page.words.map((word) => ({ ...word, box: { x0: page.height - word.box.y1, y0: word.box.x0, x1: page.height - word.box.y0, y1: word.box.x1 } })) }
  it("is brought upright", () => expect(cells(upright(turned))).toEqual(cells(page)))
  it("keeps its own frame for the places that are shown", () => {
    const back = upright(turned).words.map((word) => inOwnFrame(word.box, turned))
    expect(back).toEqual(turned.words.map((word) => word.box))
  })
  it("that stands upright is left alone", () => expect(upright(page)).toBe(page))
})
