import type { BigDecimal } from "effect"
import type { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import * as Money from "../../src/domain/Money.ts"

const amount = (value: BigDecimal.BigDecimal | null): string | null => value === null ? null : Money.format(value)

/** The fields as they go out: decimals as strings with at least two places, dates as YYYY-MM-DD, null for unknown. */
export const printableFields = (fields: InvoiceFields) => ({
  ...fields,
  amountHT: amount(fields.amountHT),
  amountTVA: amount(fields.amountTVA),
  amountTTC: amount(fields.amountTTC),
  vatLines: fields.vatLines.map((line) => ({ rate: amount(line.rate), base: amount(line.base), amount: amount(line.amount) })),
  lineItems: fields.lineItems.map((item) => ({
    description: item.description,
    quantity: amount(item.quantity),
    unitPrice: amount(item.unitPrice),
    amount: amount(item.amount)
  }))
})
