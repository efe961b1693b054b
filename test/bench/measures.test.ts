import { BigDecimal } from "effect"
import { describe, expect, it } from "vitest"
import { judge } from "../../bench/support/compare.ts"
import { measuresOf, type Outcome } from "../../bench/support/measures.ts"
import { parseTruth, type Truth } from "../../bench/support/truth.ts"
import { CalendarDate } from "../../src/domain/CalendarDate.ts"
import { unknownFields } from "../../src/domain/InvoiceFields.ts"

const truth: Truth = {
  file: "a.pdf",
  set: "scan",
  fields: { supplierName: "Plâtrerie Exemple SARL", invoiceNumber: "FA 17", invoiceDate: "2026-03-09", currency: "EUR", amountHT: "100.00", amountTVA: null, amountTTC: "120.00" },
  visible: { currency: false },
  alt: { amountHT: ["99.00"] }
}

const verdicts = (of: Truth, fields: Partial<typeof unknownFields>) =>
  Object.fromEntries(judge(of, { ...unknownFields, ...fields }, {}).map(({ field, verdict }) => [field, verdict]))

describe("what counts as right", () => {
  it("compares amounts to the cent, dates as dates, numbers without blanks and case, suppliers by likeness", () => {
    expect(verdicts(truth, {
      supplierName: "PLATRERIE EXEMPLE", invoiceNumber: "fa17", invoiceDate: CalendarDate.make("2026-03-09"), amountHT: BigDecimal.fromStringUnsafe("99"), amountTTC: BigDecimal.fromStringUnsafe("120.01")
    })).toEqual({ supplierName: "right", invoiceNumber: "right", invoiceDate: "right", amountHT: "right", amountTTC: "wrong" })
  })
  it("does not judge what cannot be seen on the page or is not known", () => {
    expect(Object.keys(verdicts(truth, {}))).toEqual(["supplierName", "invoiceNumber", "invoiceDate", "amountHT", "amountTTC"])
  })
  it("judges date and total of receipts, as printed", () => {
    expect(verdicts({ file: "r.jpg", set: "receipt", label: { date: "28-04-18", total: "RM 53.20", company: "SHOP" } }, { invoiceDate: CalendarDate.make("2018-04-28"), amountTTC: BigDecimal.fromStringUnsafe("53.2") }))
      .toEqual({ invoiceDate: "right", amountTTC: "right" })
  })
})

describe("a file of truths", () => {
  it("may leave out all but file and set; lines that are none are told", () => {
    const { truths, unreadable } = parseTruth("{\"file\":\"a\",\"set\":\"s\"}\n\nnonsense\n{\"set\":\"s\"}\n")
    expect(truths).toEqual([{ file: "a", set: "s" }])
    expect(unreadable).toEqual([3, 4])
  })
})

describe("the figures", () => {
  const outcome = (confidence: number, verdict: "right" | "wrong" | "missing", seconds: number): Outcome => ({
    set: "scan", file: "a.pdf", confidence, needsReview: confidence < 0.9, warnings: [], source: "ocr", seconds,
    judgements: [{ field: "amountTTC", verdict, claimed: verdict === "missing" ? 0 : confidence, expected: "1.00", given: verdict === "missing" ? null : "1.00" }]
  })
  const { calibration, fields, sets } = measuresOf([outcome(0.95, "right", 1), outcome(0.95, "wrong", 2), outcome(0.6, "right", 3), outcome(0.1, "missing", 10)])

  it("count right, wrong and missing, with precision, recall and F1", () => {
    expect(fields).toEqual([{ set: "scan", field: "amountTTC", n: 4, right: 2, wrong: 1, missing: 1, precision: 2 / 3, recall: 0.5, f1: expect.closeTo(4 / 7, 9), claimed: 2.5 / 3 }])
  })
  it("say how many documents are sure, how many of these are right, and the time that half and 95 of 100 take at most", () => {
    expect(sets[0]).toMatchObject({ n: 4, allRight: 2, sure: 2, sureAllRight: 1, secondsMedian: 2, seconds95: 10 })
  })
  it("set what is claimed beside what is right", () => {
    expect(calibration.documents.find(({ from }) => from === 0.95)).toMatchObject({ n: 2, claimed: 0.95, right: 0.5 })
    expect(calibration.fields).toMatchObject([{ field: "amountTTC", bins: [{ n: 1, right: 1 }, { n: 2, right: 0.5 }] }])
  })
})
