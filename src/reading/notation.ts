import { BigDecimal } from "effect"
import { type InvoiceFields } from "../domain/InvoiceFields.ts"
import { toCents } from "../domain/Money.ts"
import type { Warning } from "../domain/Reading.ts"
import type { ParsedPages } from "./parsedPages.ts"

const sums = ["amountHT", "amountTVA", "amountTTC"] as const

/**
 * Sums that are printed with another decimal sign than the page's amounts are: 1.234,56 among 1,234.56 is misread,
 * misprinted, or no sum of this invoice.
 */
export const notationWarnings = (fields: InvoiceFields, { amountsByLine, mark }: ParsedPages): ReadonlyArray<Warning> => {
  if (mark === null) return []
  return sums.flatMap((field): ReadonlyArray<Warning> => {
    const value = fields[field]
    const cents = value === null ? 0n : toCents(BigDecimal.abs(value)).value
    const printed = amountsByLine.flat().filter((amount) => cents !== 0n && (amount.cents === cents || amount.cents === -cents) && amount.mark !== null)
    return printed.length > 0 && printed.every((amount) => amount.mark !== mark)
      ? [{ code: "notation-mixed", field, message: "The amount is written with another decimal sign than the others on the page." }]
      : []
  })
}
