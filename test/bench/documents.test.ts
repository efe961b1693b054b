import { describe, expect, it } from "vitest"
import { dice } from "../../bench/documents/Dice.ts"
import { layOut } from "../../bench/documents/layout/layOut.ts"
import { inventPaper, languages } from "../../bench/documents/Paper.ts"
import { printedAmount, printedDate } from "../../bench/documents/printed.ts"
import { inventReceipt } from "../../bench/documents/receipt.ts"
import { truthOf } from "../../bench/documents/truthOf.ts"
import { BigDecimal } from "effect"

const papers = (count: number) =>
  Array.from({ length: count }, (_, seed) => {
    const random = dice(seed)
    const paper = inventPaper(random)
    const laidOut = layOut(random, paper)
    return { paper, laidOut, truth: truthOf(paper, laidOut), written: laidOut.sheets.flatMap(({ texts }) => texts.map(({ text }) => text)).join("\n").replaceAll("\u00a0", " ") }
  })

describe("made-up invoices", () => {
  it("are the same for the same seed", () => {
    expect(papers(3).map(({ truth }) => truth)).toEqual(papers(3).map(({ truth }) => truth))
  })
  it("come in six languages, with deposits, credit notes, without VAT, and over more than one page", () => {
    const all = papers(300)
    expect(new Set(all.map(({ paper }) => paper.language.code)).size).toBe(new Set(languages).size)
    expect(all.some(({ paper }) => paper.deposit !== null)).toBe(true)
    expect(new Set(all.map(({ paper }) => paper.kind))).toEqual(new Set(["invoice", "credit-note"]))
    expect(new Set(all.map(({ paper }) => paper.regime))).toEqual(new Set(["ordinary", "reverse-charge", "exempt"]))
    expect(all.some(({ laidOut }) => laidOut.sheets.length > 1)).toBe(true)
  })
  it("print what their truth says: number and supplier", () => {
    for (const { truth: { fields }, written } of papers(100)) {
      expect(written).toContain(fields.invoiceNumber)
      expect(written.toLowerCase()).toContain(fields.supplierName.toLowerCase())
    }
  })
})

it("prints amounts and dates in the conventions of countries", () => {
  const amount = BigDecimal.fromStringUnsafe("-1234567.8")
  expect((["1 234,56", "1.234,56", "1,234.56", "1'234.56", "1234,56"] as const).map((style) => printedAmount(amount, style)))
    .toEqual(["-1 234 567,80", "-1.234.567,80", "-1,234,567.80", "-1'234'567.80", "-1234567,80"])
  expect((["dd/mm/yyyy", "dd/mm/yy", "mm/dd/yyyy", "yyyy-mm-dd", "d. month yyyy"] as const).map((style) => printedDate("2026-03-09", style, ["Januar", "Februar", "März"])))
    .toEqual(["09/03/2026", "09/03/26", "03/09/2026", "2026-03-09", "9. März 2026"])
})

it("makes receipts whose total is printed", () => {
  for (let seed = 0; seed < 60; seed++) {
    const { label, sheet } = inventReceipt(dice(seed))
    const digits = label.total.replace(/\D/g, "")
    expect(sheet.texts.some(({ text }) => text.replace(/\D/g, "").includes(digits))).toBe(true)
    expect(sheet.texts.some(({ text }) => text.includes(label.date))).toBe(true)
  }
})
