import { BigDecimal, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { CalendarDate } from "../../../src/domain/CalendarDate.ts"
import type { InvoiceFields } from "../../../src/domain/InvoiceFields.ts"
import type { Page } from "../../../src/domain/Page.ts"
import { Reading } from "../../../src/domain/Reading.ts"
import { extractByRules } from "../../../src/reading/rules.ts"
import { verify } from "../../../src/reading/verify.ts"
import { pageOf } from "./pageOf.ts"

const today = CalendarDate.make("2026-11-25")
const sound = `
Plâtrerie Exemple SARL
27 rue du Modèle - 49000 Angers
SIRET 732 829 320 00074 - contact@platrerie-exemple.fr

Facture n° : FA-2026-0147
Date de facture : 09/03/2026
Client : Bâtiments Exemplaires SAS

Désignation             Qté     P.U. HT     Montant HT
Cloison placo            10      52,80        528,00
Enduit de finition       20      14,20        284,00

                         Total HT             812,00 €
                         TVA 20 %             162,40 €
                         Total TTC            974,40 €
`
const page = pageOf(sound)
const fields = extractByRules([page])

const readingOf = (changes: Partial<InvoiceFields> = {}, pages: ReadonlyArray<Page> = [page], source: "pdf-text" | "ocr" = "pdf-text") =>
  verify({ source, fields: { ...fields, ...changes }, pages, today })

const blurred = (confidence: number): Page => ({ ...page, words: page.words.map((word) => ({ ...word, confidence })) })

describe("how sure a reading is", () => {
  it("is sure of an invoice that says clearly what everything is, and asks nobody to look", () => {
    const { confidence, needsReview, warnings } = readingOf()
    expect({ isSure: confidence >= 0.9, needsReview, warnings }).toEqual({ isSure: true, needsReview: false, warnings: [] })
  })

  it("is the less sure the worse the page could be read", () => {
    const [sharp, soft, faint] = [0.95, 0.7, 0.45].map((legibility) => readingOf({}, [blurred(legibility)], "ocr").confidence)
    expect(sharp).toBeGreaterThan(soft ?? 1)
    expect(soft).toBeGreaterThan(faint ?? 1)
  })

  it("is less sure of a value that no word on the page speaks for", () => {
    const { evidence } = readingOf({ invoiceNumber: "49000" })
    expect(evidence.invoiceNumber?.confidence).toBeLessThan((readingOf().evidence.invoiceNumber?.confidence ?? 0) - 0.05)
  })

  it("is not sure of amounts that contradict each other", () => {
    const { confidence, evidence } = readingOf({ amountTTC: BigDecimal.fromStringUnsafe("812") })
    expect(evidence.amountTTC?.confidence).toBeLessThanOrEqual(0.5)
    expect(confidence).toBeLessThan(0.9)
  })

  it("never claims certainty", () => {
    for (const { confidence } of Object.values(readingOf().evidence)) expect(confidence).toBeLessThan(1)
  })
})

describe("a reading that a person should look at", () => {
  it("always says why", () => {
    for (const pages of [[blurred(0.45)], [blurred(0.3)], [pageOf("Divers\n12/03/2026   Total 12,00")]]) {
      const { needsReview, warnings } = verify({ source: "ocr", fields: extractByRules(pages), pages, today })
      expect(needsReview).toBe(true)
      expect(warnings.length).toBeGreaterThan(0)
    }
  })

  it("names the field in doubt and what is lacking, in words", () => {
    const { warnings } = readingOf({}, [blurred(0.2)], "ocr")
    expect(warnings.length).toBeGreaterThan(0)
    expect(warnings.every(({ code, field }) => code === "doubtful" && field !== null)).toBe(true)
    for (const { message } of warnings) expect(message).toMatch(/^The value is not certain, because /)
  })

  it("says that a sum was not found, where the rest is in order", () => {
    const withoutVat = pageOf(sound.replace(/.*TVA 20.*\n/, "").replace(/.*Total HT.*\n/, ""))
    const { needsReview, warnings } = verify({ source: "pdf-text", fields: { ...extractByRules([withoutVat]), amountHT: null, amountTVA: null }, pages: [withoutVat], today })
    expect(needsReview).toBe(true)
    expect(warnings.filter(({ code }) => code === "not-found").map(({ field }) => field)).toEqual(["amountHT", "amountTVA"])
  })
})

describe("the evidence that is stored", () => {
  const { evidence } = readingOf()

  it("has the value, its words, its place with the size of the page, and what speaks for it", () => {
    expect(evidence.amountTTC).toMatchObject({ value: "974.40", label: "Total TTC", page: 1, pageSize: { width: page.width, height: page.height } })
    expect(evidence.amountTTC?.checks).toMatchObject({ found: 1, sum: 1, largest: 1 })
    expect(evidence.invoiceNumber).toMatchObject({ value: "FA-2026-0147" })
    expect(evidence.invoiceNumber?.label).toContain("Facture")
    expect(evidence.invoiceDate).toMatchObject({ value: "2026-03-09", label: "Date de facture" })
  })

  it("is read again as it was written, and that of earlier versions too", () => {
    const reading = readingOf()
    expect(Schema.decodeSync(Reading)(Schema.encodeSync(Reading)(reading)).evidence).toEqual(reading.evidence)
    const before = { ...Schema.encodeSync(Reading)(reading), evidence: { amountTTC: { confidence: 0.99, page: 1, box: null } } }
    expect(Schema.decodeSync(Reading)(before).evidence.amountTTC).toEqual({ confidence: 0.99, page: 1, box: null })
  })
})
