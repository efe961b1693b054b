import { BigDecimal } from "effect"
import { describe, expect, it } from "vitest"
import type { InvoiceFields } from "../../../src/domain/InvoiceFields.ts"
import { format } from "../../../src/domain/Money.ts"
import { extractByRules } from "../../../src/reading/rules.ts"
import { nastyDocuments } from "./nastyDocuments.ts"
import { pageOf } from "./pageOf.ts"

const inWords = (fields: InvoiceFields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, BigDecimal.isBigDecimal(value) ? format(value) : value]))

describe("invoices that mislead a careless reader", () => {
  for (const { name, says, text } of nastyDocuments) {
    it(name, () => {
      expect(inWords(extractByRules([pageOf(text)]))).toMatchObject(says)
    })
  }
})
