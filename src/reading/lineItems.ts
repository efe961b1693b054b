import { BigDecimal } from "effect"
import type { LineItem } from "../domain/InvoiceFields.ts"
import { toCents } from "../domain/Money.ts"
import type { LineAmount } from "./lineAmounts.ts"
import { labelOf } from "./amountLabels.ts"
import type { Cell } from "./lines.ts"

const within = (a: bigint, b: bigint, slack: bigint): boolean => a - b <= slack && b - a <= slack

/** Units and packagings, which stand beside quantities and describe nothing. */
const unit = /^[\d.,\s]*(stk|stuck|st|pcs?|pieces?|unites?|unit[sy]?|uds?|un|ens|ml|m2|m²|m3|m³|kg|std|stunden?|hours?|heures?|jours?|tage?|pauschal|forfait|fft|psch|lfm|km|ltr?|l|t|h|u|f|%|eur|chf|usd|gbp)?\.?$/

const describes = (cell: Cell): boolean => /\p{L}{3}/u.test(cell.text) && !unit.test(cell.folded.replace(/[\d.,]+/g, "").trim())

/** Quantity × unit price = amount, as three numbers of one row from left to right prove it. */
const rowOf = (amounts: ReadonlyArray<LineAmount>): LineItem | null => {
  const numbers = amounts.filter((amount) => !amount.isPercent)
  const description = numbers[0]?.line.cells.filter(describes).map((cell) => cell.text)
    .toSorted((a, b) => b.length - a.length)[0]
  if (description === undefined || labelOf(numbers[0]?.before ?? "")?.kind === "tva") return null
  const last = numbers.filter((amount) => amount.decimals === 2).at(-1)
  if (last === undefined) return null
  for (const quantity of numbers) {
    for (const price of numbers) {
      if (quantity === price || price === last || quantity === last || price.decimals < 2) continue
      if (within(toCents(BigDecimal.multiply(quantity.value, price.value)).value, last.cents, 1n)) {
        return { description, quantity: quantity.value, unitPrice: price.value, amount: last.value }
      }
    }
  }
  return null
}

/** The rows of the table of items, where they are clear: each proved by its own arithmetic, all together by a total. */
export const lineItemsOf = (amountsByLine: ReadonlyArray<ReadonlyArray<LineAmount>>, totals: ReadonlyArray<bigint | null>): ReadonlyArray<LineItem> => {
  const items = amountsByLine.flatMap((amounts) => rowOf(amounts) ?? [])
  const sum = items.reduce((total, item) => total + (item.amount === null ? 0n : toCents(item.amount).value), 0n)
  return totals.some((total) => total === sum && sum !== 0n) ? items : []
}
