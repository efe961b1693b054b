import { describe, expect, it } from "vitest"
import { hasText } from "../../../src/reading/blankPages.ts"
import { textLayerMakesSense } from "../../../src/reading/textLayer.ts"
import { nastyDocuments } from "./nastyDocuments.ts"
import { pageOf } from "./pageOf.ts"

describe("a text layer that can be read instead of the picture", () => {
  for (const { name, text } of nastyDocuments) {
    it(`${name}`, () => expect(textLayerMakesSense([pageOf(text)])).toBe(true))
  }
})

describe("a text layer that hides a scan", () => {
  it("is thin: a scanner's stamp", () => expect(textLayerMakesSense([pageOf("Scanned by CamScanner\nPage 1")])).toBe(false))
  it("is thin on each of many pages: a scanner's note", () => {
    const notes = Array.from({ length: 10 }, (_, index) => pageOf(`Numérisé par Scanner Pro 7 le 12/03/2024 page ${index + 1}`, { number: index + 1 }))
    expect(textLayerMakesSense(notes)).toBe(false)
  })
  it("is a letterhead without any sum: the letter was scanned", () => {
    const letterhead = "Toitures Fictives Martin SARL\n12 rue des Ardoises 69007 Lyon\nTél 04 72 00 00 00\nSIRET 123 456 789 00012 RCS Lyon\nwww.toitures-martin.example"
    expect(textLayerMakesSense([pageOf(letterhead)])).toBe(false)
    expect(textLayerMakesSense([pageOf(`${letterhead}\nFacture 2024-17 du 12/03/2024\nTotal TTC 120,00 €`)])).toBe(true)
  })
  it("is empty", () => expect(textLayerMakesSense([pageOf("")])).toBe(false))
  it("has letters of a font without mapping", () => {
    expect(textLayerMakesSense([pageOf("\uE001\uE002\uE003 \uE004\uE005 \uE006 12 ".repeat(20))])).toBe(false)
  })
  it("is garbage of an earlier recognition", () => {
    expect(textLayerMakesSense([pageOf("kdjfhg mnbvc xq#zt 4;l p!!q wrtzp ~~ hgfds ]] lkj$hg vbnm sdf%gh 12 qwrt\n".repeat(5))])).toBe(false)
  })
  it("has no number at all", () => expect(textLayerMakesSense([pageOf("Lorem ipsum dolor sit amet consectetur\n".repeat(6))])).toBe(false))
})

describe("usable text", () => {
  it("is a few words or numbers", () => expect(hasText([pageOf("Total TTC 12,00")])).toBe(true))
  it("is not dust", () => expect(hasText([pageOf(". , | ~ ' a b ;; -- _")])).toBe(false))
  it("is not what was guessed from shadows", () => expect(hasText([pageOf("Etat Sie ent Tres oui", { confidence: 0.1 })])).toBe(false))
})
