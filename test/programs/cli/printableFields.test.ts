import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Option } from "effect"
import { printableFields } from "../../../programs/cli/printableFields.ts"
import { fromParts } from "../../../src/domain/CalendarDate.ts"
import { unknownFields } from "../../../src/domain/InvoiceFields.ts"

const amount = (value: bigint, scale: number) => BigDecimal.make(value, scale)

describe("the fields of an invoice in JSON", () => {
  it("are null where they are not known", () => {
    assert.deepStrictEqual(JSON.parse(JSON.stringify(printableFields(unknownFields))), { ...unknownFields })
    assert.notInclude(JSON.stringify(printableFields(unknownFields)), "0")
  })

  it("have decimals as strings, with at least two places and no exponent, and dates as YYYY-MM-DD", () => {
    const printed = printableFields({
      ...unknownFields,
      documentType: "credit-note",
      supplierName: "Plâtrerie « Exemple » & Fils",
      invoiceDate: Option.getOrNull(fromParts(2026, 3, 9)),
      currency: "EUR",
      amountHT: amount(-1000000n, 0),
      amountTVA: amount(-2n, -5),
      amountTTC: amount(-123456n, 2),
      vatLines: [{ rate: amount(55n, 1), base: null, amount: amount(0n, 0) }],
      lineItems: [{ description: "Pose", quantity: amount(145n, 1), unitPrice: amount(12345n, 4), amount: null }]
    })
    assert.deepStrictEqual(JSON.parse(JSON.stringify(printed)), {
      ...unknownFields,
      documentType: "credit-note",
      supplierName: "Plâtrerie « Exemple » & Fils",
      invoiceDate: "2026-03-09",
      currency: "EUR",
      amountHT: "-1000000.00",
      amountTVA: "-200000.00",
      amountTTC: "-1234.56",
      vatLines: [{ rate: "5.50", base: null, amount: "0.00" }],
      lineItems: [{ description: "Pose", quantity: "14.50", unitPrice: "1.2345", amount: null }]
    })
  })
})
