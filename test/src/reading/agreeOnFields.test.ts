import { BigDecimal } from "effect"
import { describe, expect, it } from "vitest"
import { type InvoiceFields, unknownFields } from "../../../src/domain/InvoiceFields.ts"
import { agreeOnFields, nearestReading } from "../../../src/reading/agreeOnFields.ts"

const money = (text: string) => BigDecimal.fromStringUnsafe(text)
const reading = (fields: Partial<InvoiceFields>): InvoiceFields => ({ ...unknownFields, ...fields })
const total = (text: string) => reading({ amountTTC: money(text) })
const amounts = ({ amountHT, amountTTC, amountTVA }: InvoiceFields) => [amountHT, amountTVA, amountTTC].map((amount) => amount === null ? null : BigDecimal.format(amount))

describe("readings of the same pages", () => {
  it("agree on what most of them say, however an amount is written", () => {
    expect(amounts(agreeOnFields([total("73.3"), total("13.30"), total("73.30"), unknownFields]))[2]).toBe("73.3")
  })
  it("leave out what as many contradict", () => {
    const agreed = agreeOnFields([total("141.50"), total("161.50"), total("141.50"), total("161.50"), total("149.50")])
    expect(agreed.amountTTC).toBeNull()
  })
  it("leave out what one alone of many says", () => {
    expect(agreeOnFields([unknownFields, total("9.00"), unknownFields, unknownFields, unknownFields]).amountTTC).toBeNull()
    expect(agreeOnFields([unknownFields, total("9.00"), unknownFields]).amountTTC).toBeNull()
  })
  it("take the sums that add up to the agreed total", () => {
    const right = reading({ amountHT: money("100.00"), amountTVA: money("20.00"), amountTTC: money("120.00") })
    const wrong = reading({ amountHT: money("180.00"), amountTVA: money("20.00"), amountTTC: money("120.00") })
    expect(amounts(agreeOnFields([wrong, wrong, right, total("120.00")]))).toEqual(["100", "20", "120"])
    expect(amounts(agreeOnFields([wrong, wrong, wrong]))).toEqual([null, null, "120"])
  })
  it("take a number with check digits from whichever has it", () => {
    const iban = "FR1420041010050500013M02606"
    expect(agreeOnFields([unknownFields, unknownFields, reading({ iban }), unknownFields]).iban).toBe(iban)
  })
  it("compare numbers without blanks, and names without accents and case", () => {
    const agreed = agreeOnFields([
      reading({ invoiceNumber: "FA 2024-17", supplierName: "Toitures Légères" }),
      reading({ invoiceNumber: "FA2024-17", supplierName: "TOITURES LEGERES" }),
      reading({ invoiceNumber: "FA2O24-17", supplierName: "Toitures Légeres" })
    ])
    expect([agreed.invoiceNumber, agreed.supplierName]).toEqual(["FA 2024-17", "Toitures Légères"])
  })
  it("of which there are one or two are not voted on", () => {
    const first = total("5.00")
    expect(agreeOnFields([first])).toBe(first)
    expect(agreeOnFields([first, total("6.00")])).toBe(first)
  })
})

describe("the nearest reading", () => {
  it("is the first that says most of what was agreed on", () => {
    const all = [total("13.30"), reading({ amountTTC: money("73.30"), invoiceNumber: "17" }), reading({ amountTTC: money("73.30"), invoiceNumber: "17" })] as const
    expect(nearestReading(agreeOnFields(all), all)).toBe(1)
  })
})
