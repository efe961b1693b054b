import { describe, expect, it } from "vitest"
import { labelOf } from "../../../src/reading/amountLabels.ts"
import { parsePages } from "../../../src/reading/parsedPages.ts"
import { fold } from "../../../src/reading/text.ts"
import { isRateOf, rateOf } from "../../../src/reading/vatTable.ts"
import { pageOf } from "./pageOf.ts"

describe("what the words beside an amount say", () => {
  const cases: ReadonlyArray<readonly [string, string | null]> = [
    ["Total HT", "ht"],
    ["Montant net H.T.", "ht"],
    ["Rechnungssumme ohne USt.", "ht"],
    ["Totaal exclusief BTW", "ht"],
    ["Base imponible", "ht"],
    ["TVA 20 %", "tva"],
    ["zzgl. 19 % MwSt.", "tva"],
    ["dont TVA 5,5 %", "tva"],
    ["VAT payable", "tva"],
    ["Total TTC", "ttc"],
    ["Summe inkl. USt", "ttc"],
    ["Total (inclusive of GST)", "ttc"],
    ["Bruttosumme", "ttc"],
    ["Net à payer", "due"],
    ["Net à payer TTC", "due"],
    ["Te betalen", "due"],
    ["Zahlbetrag", "due"],
    ["Acompte versé", "paid"],
    ["Retenue de garantie 5 %", "paid"],
    ["Erhaltene Anzahlungen", "paid"],
    ["Montant TTC de l'acompte", "ttc"],
    ["Sous-total", "subtotal"],
    ["Grand total", "total"],
    ["Rounding adjustment", "rounding"],
    ["Rendu", "change"],
    ["Espèces", "tendered"],
    ["Capital social", "other"],
    ["Gesamtbetrag der Zuschläge", "other"],
    ["Total qty", "other"],
    ["Plomberie", null]
  ]
  for (const [words, kind] of cases) {
    it(`${words}: ${kind ?? "nothing"}`, () => expect(labelOf(fold(words))?.kind ?? null).toBe(kind))
  }
})

describe("a row of the VAT breakdown", () => {
  const rows = (line: string) => parsePages([pageOf(line)]).rows.map(({ base, gross, rate, tax }) => ({ base, gross, rate, tax }))
  it("proves itself by the rate that it prints", () => {
    expect(rows("TVA 5,50 %    543,00    29,87")).toEqual([{ rate: 550n, base: 54300n, tax: 2987n, gross: null }])
  })
  it("proves itself by its sum", () => {
    expect(rows("41,31    8,68    49,99")).toEqual([{ rate: 2100n, base: 4131n, tax: 868n, gross: 4999n }])
  })
  it("is not any row of numbers", () => {
    expect(rows("Chaise    12,00    45,00    540,00")).toEqual([])
  })
})

describe("rates", () => {
  it("allow the cents that rounding leaves, no more", () => {
    expect(isRateOf(550n, 54300n, 2987n)).toBe(true)
    expect(isRateOf(550n, 54300n, 2990n)).toBe(false)
  })
  it("are found by base and tax", () => expect(rateOf(4131n, 868n)).toBe(2100n))
  it("that do not exist are none", () => expect(rateOf(10000n, 1110n)).toBeNull())
})
