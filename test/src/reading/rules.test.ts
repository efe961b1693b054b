import { BigDecimal } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type InvoiceFields, unknownFields } from "../../../src/domain/InvoiceFields.ts"
import { format } from "../../../src/domain/Money.ts"
import { extractByRules } from "../../../src/reading/rules.ts"
import { englishDocuments } from "./englishDocuments.ts"
import { foreignDocuments } from "./foreignDocuments.ts"
import { frenchDocuments } from "./frenchDocuments.ts"
import { germanDocuments } from "./germanDocuments.ts"
import { nastyDocuments } from "./nastyDocuments.ts"
import { pageOf } from "./pageOf.ts"
import { southernDocuments } from "./southernDocuments.ts"
import { tradeDocuments } from "./tradeDocuments.ts"
import { variedDocuments } from "./variedDocuments.ts"

const inWords = (fields: InvoiceFields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, BigDecimal.isBigDecimal(value) ? format(value) : value]))

describe("invoices that mislead a careless reader", () => {
  for (const { name, says, text } of nastyDocuments) {
    it(`${name}`, () => {
      expect(inWords(extractByRules([pageOf(text)]))).toMatchObject(says)
    })
  }
})

describe("invoices of many countries and trades", () => {
  for (const { name, says, text } of [...variedDocuments, ...foreignDocuments, ...tradeDocuments, ...germanDocuments, ...frenchDocuments, ...englishDocuments, ...southernDocuments]) {
    it(`${name}`, () => {
      expect(inWords(extractByRules([pageOf(text)]))).toMatchObject(says)
    })
  }
})

describe("the order of things on the page", () => {
  const rows = [
    "Tuiles             100     2,50       250,00",
    "Liteaux             40     3,00       120,00",
    "Faîtage             10    13,00       130,00",
    "Main d'oeuvre       12    45,00       540,00",
    "Location nacelle     1   160,00       160,00"
  ]
  const text = (items: ReadonlyArray<string>): string => `
Couverture Morel SARL
Facture n° C-2024-7
Date : 04/09/2024
Désignation        Qté     PU HT     Montant HT
${items.join("\n")}
                         Total HT    1 200,00 €
                         TVA 20 %      240,00 €
                         Total TTC   1 440,00 €
`
  it("any permutation of the rows of a table gives the same totals", () => {
    fc.assert(fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (items) => {
      expect(inWords(extractByRules([pageOf(text(items))]))).toMatchObject({ amountHT: "1200.00", amountTVA: "240.00", amountTTC: "1440.00" })
    }), { numRuns: 60 })
  })
  it("any order in which the words come gives the same fields", () => {
    const page = pageOf(text(rows))
    const expected = extractByRules([page])
    fc.assert(fc.property(fc.shuffledSubarray([...page.words], { minLength: page.words.length }), (words) => {
      expect(extractByRules([{ ...page, words }])).toEqual(expected)
    }), { numRuns: 30 })
  })
  it("reads the items of a clear table", () => {
    expect(extractByRules([pageOf(text(rows))]).lineItems.map((item) => item.description)).toEqual(["Tuiles", "Liteaux", "Faîtage", "Main d'oeuvre", "Location nacelle"])
  })
  it("claims no items where they do not add up", () => {
    expect(extractByRules([pageOf(text(rows.slice(1)))]).lineItems).toEqual([])
  })
  it("reads totals on the last page of many", () => {
    const filler = Array.from({ length: 40 }, (_, index) => pageOf(`Détail ${index}\n${rows.join("\n")}`, { number: index + 2 }))
    const pages = [pageOf("Couverture Morel SARL\nFacture n° C-2024-7\nDate : 04/09/2024"), ...filler, pageOf("Total HT 1 200,00\nTVA 20 % 240,00\nTotal TTC 1 440,00", { number: 42 })]
    expect(inWords(extractByRules(pages))).toMatchObject({ invoiceNumber: "C-2024-7", invoiceDate: "2024-09-04", amountTTC: "1440.00" })
  })
})

describe("recognised text", () => {
  it("is read through blurred labels and digits", () => {
    const page = pageOf(`
Couverture Morel SARL
Facfure n° C-2024-7
Date : 04/O9/2024
Totol HT       1 2OO,00 €
TVA 20 %         240,00 €
Tofal TTC      1 44O,00 €
`, { confidence: 0.8 })
    expect(inWords(extractByRules([page]))).toMatchObject({ invoiceDate: "2024-09-04", amountHT: "1200.00", amountTVA: "240.00", amountTTC: "1440.00" })
  })
  const total = (text: string): unknown => inWords(extractByRules([pageOf(text, { confidence: 0.9 })]))["amountTTC"]
  it("is corrected where what was paid and given back says so", () => {
    expect(total("RECEIPT\n12/03/2024\nTotal    58.20\nCash    100.20\nChange   47.00")).toBe("53.20")
  })
  it("is not corrected where the total is printed twice", () => {
    expect(total("RECEIPT\n12/03/2024\nTotal    58.20\nCard     58.20\nCash    100.20\nChange   47.00")).toBe("58.20")
  })
  it("knows a dollar sign that was taken for a five", () => {
    expect(total("RECEIPT\n12/03/2024\nTea      $8.20\nNett total    58.20\nCash     $8.20")).toBe("8.20")
  })
  it("finds a date whose parts stand far apart", () => {
    expect(extractByRules([pageOf("RECEIPT\nCheck 7   30 Dec    2017 18:40\nTotal   5.00", { confidence: 0.9 })]).invoiceDate).toBe("2017-12-30")
  })
  it("is read from a photo that lies on its side, either way", () => {
    const page = pageOf(nastyDocuments[0]?.text ?? "")
    const clockwise = { ...page, width: page.height, height: page.width, words: page.words.map((word) => ({ ...word, box: { x0: page.height - word.box.y1, y0: word.box.x0, x1: page.height - word.box.y0, y1: word.box.x1 } })) }
    const counter = { ...page, width: page.height, height: page.width, words: page.words.map((word) => ({ ...word, box: { x0: word.box.y0, y0: page.width - word.box.x1, x1: word.box.y1, y1: page.width - word.box.x0 } })) }
    for (const turned of [clockwise, counter]) expect(extractByRules([turned])).toEqual(extractByRules([page]))
  })
})

describe("where there is nothing to read", () => {
  it("knows nothing of no pages", () => {
    expect(extractByRules([])).toEqual(unknownFields)
  })
  it("knows nothing of prose", () => {
    expect(inWords(extractByRules([pageOf("Once upon a time there was\na house by the sea, and nobody\nlived in it for many years.")]))).toMatchObject({
      invoiceNumber: null,
      amountTTC: null,
      invoiceDate: null
    })
  })
})
