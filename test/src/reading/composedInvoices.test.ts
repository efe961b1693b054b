import { BigDecimal } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { extractByRules } from "../../../src/reading/rules.ts"
import { composedInvoiceIn } from "./composedInvoices.ts"
import { languageNames } from "./invoiceLanguages.ts"
import { pageOf } from "./pageOf.ts"

const cents = (amount: BigDecimal.BigDecimal | null): bigint | null => amount === null ? null : BigDecimal.scale(amount, 2).value

describe("an invoice in the usual words and layouts is read, whichever come together", () => {
  for (const language of languageNames) {
    it(`in ${language}`, () => {
      fc.assert(fc.property(composedInvoiceIn(language), ({ says, text }) => {
        const { amountHT, amountTTC, amountTVA, dueDate, invoiceDate, invoiceNumber, supplierName } = extractByRules([pageOf(text)])
        expect({ supplierName, invoiceNumber, invoiceDate, dueDate, amountHT: cents(amountHT), amountTVA: cents(amountTVA), amountTTC: cents(amountTTC) }).toEqual(says)
      }), { numRuns: 120 })
    })
  }
})
