import { BigDecimal, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { CalendarDate } from "../../../src/domain/CalendarDate.ts"
import { type InvoiceFields, unknownFields } from "../../../src/domain/InvoiceFields.ts"
import { format } from "../../../src/domain/Money.ts"
import { Reading } from "../../../src/domain/Reading.ts"
import { contradictsItself } from "../../../src/reading/checks.ts"
import { extractByRules } from "../../../src/reading/rules.ts"
import { verify } from "../../../src/reading/verify.ts"
import { nastyDocuments } from "./nastyDocuments.ts"
import { pageOf } from "./pageOf.ts"

const day = Schema.decodeSync(CalendarDate)
const money = BigDecimal.fromStringUnsafe
const today = day("2026-11-23")
const page = pageOf(nastyDocuments[0]?.text ?? "")
const fields = extractByRules([page])

const codes = (changes: Partial<InvoiceFields>, pages = [page]): ReadonlyArray<string> =>
  verify({ source: "pdf-text", fields: { ...fields, ...changes }, pages, today }).warnings.map((warning) => warning.code)

describe("a sound invoice", () => {
  const reading = verify({ source: "pdf-text", fields, pages: [page], today })
  it("needs no review", () => {
    expect(reading.warnings).toEqual([])
    expect(reading.confidence).toBeGreaterThanOrEqual(0.9)
    expect(reading.needsReview).toBe(false)
  })
  it("has every value proved by its place on the page", () => {
    for (const [field, evidence] of Object.entries(reading.evidence)) {
      expect({ field, page: evidence.page, hasBox: evidence.box !== null }).toEqual({ field, page: 1, hasBox: true })
    }
    const { box } = reading.evidence.invoiceNumber ?? {}
    expect(page.words.filter((word) => box !== null && box !== undefined && word.box.x0 >= box.x0 && word.box.x1 <= box.x1 && word.box.y0 >= box.y0 && word.box.y1 <= box.y1).map((word) => word.text)).toEqual(["2024-0117"])
  })
  it("has the supplier's numbers and the tables proved, too", () => {
    const known = { ...fields, supplierVatNumber: "FR44732829320", supplierSiren: "732829320", vatLines: [{ rate: money("20"), base: money("2500"), amount: money("500") }] }
    const { evidence } = verify({ source: "pdf-text", fields: known, pages: [page], today })
    expect(evidence).toMatchObject({ supplierSiren: { page: 1 }, supplierSiret: { page: 1 }, vatLines: { page: 1 }, lineItems: { page: 1 } })
    expect(evidence.supplierVatNumber).toMatchObject({ page: null, box: null })
    const { box } = evidence.lineItems ?? {}
    expect(page.words.filter((word) => box !== null && box !== undefined && word.box.y0 >= box.y0 && word.box.y1 <= box.y1 && word.box.x0 >= box.x0 && word.box.x1 <= box.x1).map((word) => word.text)).toEqual(["2", "000,00", "500,00"])
  })
  it("can be stored", () => {
    expect(() => Schema.encodeSync(Reading)(reading)).not.toThrow()
  })
})

describe("what is ordinary on building sites is not suspicious", () => {
  for (const name of ["a credit note printed negative", "reverse charge between building firms", "several rates of VAT", "a situation with retention and what is left to pay beside the total"]) {
    it(`${name}`, () => {
      const pages = [pageOf(nastyDocuments.find((document) => document.name === name)?.text ?? "")]
      expect(verify({ source: "pdf-text", fields: extractByRules(pages), pages, today }).warnings
        // A short number may leave the reading in doubt; that is nothing against the paper.
        .filter((warning) => warning.field !== "supplierName" && warning.code !== "doubtful")).toEqual([])
    })
  }
  it("La Poste's SIRETs, which follow a rule of their own", () => {
    expect(codes({ supplierSiren: "356000000", supplierSiret: "35600000000048" })).toEqual([])
    expect(codes({ supplierSiren: "356000000", supplierSiret: "35600000049837" })).toEqual([])
  })
  it("overseas rates", () => {
    expect(codes({ supplierVatNumber: "FR44732829320", vatLines: [{ rate: money("8.5"), base: money("1000"), amount: money("85") }], amountHT: money("1000"), amountTVA: money("85"), amountTTC: money("1085") }).filter((code) => code.startsWith("vat"))).toEqual([])
  })
})

describe("what a person should look at", () => {
  it("sums that do not add up", () => {
    expect(codes({ amountTTC: money("3000.01") })).toContain("totals-disagree")
  })
  it("a VAT that is not that share of its base", () => {
    expect(codes({ vatLines: [{ rate: money("20"), base: money("2500"), amount: money("400") }] })).toContain("vat-rate-disagrees")
  })
  it("rates that do not add up to the VAT", () => {
    expect(codes({ vatLines: [{ rate: money("20"), base: money("1000"), amount: money("200") }] })).toContain("vat-breakdown-disagrees")
  })
  it("rates that are applied to more than there is", () => {
    expect(codes({ vatLines: [{ rate: money("20"), base: money("2500"), amount: money("500") }, { rate: money("0"), base: money("100"), amount: money("0") }] })).toContain("vat-bases-disagree")
  })
  it("sums that are written with another decimal sign than the page's", () => {
    const mixed = pageOf((nastyDocuments[0]?.text ?? "").replace("3 000,00 €", "3,000.00 €"))
    expect(codes({}, [mixed])).toContain("notation-mixed")
    expect(codes({})).not.toContain("notation-mixed")
  })
  it("a rate that does not exist in the country", () => {
    expect(codes({ supplierVatNumber: "FR44732829320", vatLines: [{ rate: money("21"), base: money("1000"), amount: money("210") }] })).toContain("vat-rate-unknown")
  })
  it("wrong check digits", () => {
    expect(codes({ iban: "FR7630006000011234567890188" })).toContain("iban-wrong")
    expect(codes({ supplierVatNumber: "FR45732829320" })).toContain("vat-number-wrong")
    expect(codes({ supplierSiret: "73282932000075" })).toContain("siret-wrong")
  })
  it("a date in the future", () => {
    expect(codes({ invoiceDate: day("2026-11-24") })).toContain("date-in-future")
  })
  it("a due date before the invoice", () => {
    expect(codes({ dueDate: day("2024-04-02") })).toContain("due-before-invoice")
  })
  it("a quote", () => {
    expect(codes({ documentType: "quote" })).toContain("is-a-quote")
  })
  it("a value that is nowhere on the page", () => {
    const reading = verify({ source: "pdf-text", fields: { ...fields, invoiceNumber: "INVENTED-1" }, pages: [page], today })
    expect(reading.warnings).toContainEqual(expect.objectContaining({ code: "not-on-page", field: "invoiceNumber" }))
    expect(reading.confidence).toBeLessThan(0.9)
    expect(reading.needsReview).toBe(true)
    expect(reading.evidence.invoiceNumber).toMatchObject({ page: null, box: null })
  })
  it("says it without quoting the invoice", () => {
    const { warnings } = verify({ source: "pdf-text", fields: { ...fields, amountTTC: money("1"), invoiceNumber: "SECRET" }, pages: [page], today })
    expect(JSON.stringify(warnings)).not.toContain("SECRET")
  })
  it("what was noticed before", () => {
    const before = { code: "e-invoice-unreadable", field: null, message: "The e-invoice inside cannot be read." }
    expect(verify({ source: "pdf-text", fields, pages: [page], today, extraWarnings: [before] })).toMatchObject({ warnings: [before], needsReview: true })
  })
})

describe("fields that contradict each other", () => {
  it("are those whose sums do not fit", () => {
    expect(contradictsItself({ ...fields, amountTTC: money("3000.01") })).toBe(true)
    expect(contradictsItself({ ...fields, vatLines: [{ rate: money("20"), base: money("2500"), amount: money("499") }] })).toBe(true)
  })
  it("are not those of a sound invoice, nor of one that says little", () => {
    expect(contradictsItself(fields)).toBe(false)
    expect(contradictsItself(unknownFields)).toBe(false)
  })
})

describe("an e-invoice", () => {
  it("is sure without any page", () => {
    const reading = verify({ source: "e-invoice", fields, pages: [], today })
    expect(reading.confidence).toBeGreaterThanOrEqual(0.9)
    expect(reading.needsReview).toBe(false)
  })
  it("is kept and flagged where the page says something else", () => {
    const reading = verify({ source: "e-invoice", fields: { ...fields, invoiceNumber: "OTHER-77" }, pages: [page], today })
    expect(reading.fields.invoiceNumber).toBe("OTHER-77")
    expect(reading.warnings).toContainEqual(expect.objectContaining({ code: "differs-from-page", field: "invoiceNumber" }))
    expect(reading.needsReview).toBe(true)
  })
  it("agrees with a page that prints the credit with the other sign", () => {
    const negative = { ...fields, amountHT: money("-2500"), amountTVA: money("-500"), amountTTC: money("-3000"), vatLines: [] }
    expect(verify({ source: "e-invoice", fields: negative, pages: [page], today }).warnings).toEqual([])
  })
})

describe("what is stored", () => {
  const stored = (changes: Partial<InvoiceFields>) => verify({ source: "ocr", fields: { ...unknownFields, ...changes }, pages: [], today })
  it("has no control characters, halves of characters or endless names", () => {
    const { fields: clean } = stored({ supplierName: `A\u0000B\u001b\ud800 C\n${"x".repeat(500)}`, invoiceNumber: "\u0000" })
    expect(clean.supplierName).toMatch(/^A B C x+$/)
    expect(clean.supplierName).toHaveLength(200)
    expect(clean.invoiceNumber).toBeNull()
  })
  it("never cuts a character in two", () => {
    expect(stored({ supplierName: `${"x".repeat(199)}😀` }).fields.supplierName).toBe("x".repeat(199))
  })
  it("has amounts that the database takes; larger ones are left out, saying so", () => {
    const reading = stored({ amountTTC: money("1000000000000"), amountHT: money("999999999999.99"), amountTVA: money("0.125") })
    expect(reading.fields.amountTTC).toBeNull()
    expect(reading.fields.amountHT === null ? null : format(reading.fields.amountHT)).toBe("999999999999.99")
    expect(reading.fields.amountTVA === null ? null : format(reading.fields.amountTVA)).toBe("0.13")
    expect(reading.warnings.map((warning) => warning.code)).toContain("amount-out-of-range")
  })
  it("is a reading also where nothing was found", () => {
    expect(stored({})).toMatchObject({ confidence: 0, needsReview: true, fields: unknownFields, evidence: {} })
  })
})
