import type { LineAmount } from "./lineAmounts.ts"

/** One row of a VAT breakdown, proved by its own arithmetic. In hundredths; the rate in hundredths of a per cent. */
export interface VatRow {
  readonly rate: bigint | null
  readonly base: bigint
  readonly tax: bigint
  readonly gross: bigint | null
  readonly amounts: ReadonlyArray<LineAmount>
}

const abs = (value: bigint): bigint => value < 0n ? -value : value

/** Whether tax is that share of the base, up to the cents that rounding line by line leaves. */
export const isRateOf = (rate: bigint, base: bigint, tax: bigint, slack: bigint = 2n): boolean =>
  abs(tax * 10_000n - base * rate) <= slack * 10_000n && (base < 0n) === (tax < 0n)

/** Rates of VAT, GST and sales taxes that exist in Europe and overseas, in hundredths of a per cent. */
const knownRates: ReadonlyArray<bigint> = [
  2000n, 1000n, 550n, 210n, 850n, 1300n, 90n, 105n, 175n, 700n, 1900n, 500n, 1600n, 2100n, 900n, 600n, 1200n, 2200n, 400n, 800n, 1700n, 1400n, 300n,
  250n, 260n, 380n, 370n, 810n, 770n, 2500n, 2400n, 2300n, 1350n, 480n, 2700n, 1800n, 1500n, 1450n, 1250n, 1960n, 2550n, 100n
]

/** A rate of its own that fits, where the row does not print one. */
export const rateOf = (base: bigint, tax: bigint): bigint | null => knownRates.find((rate) => isRateOf(rate, base, tax)) ?? null

const ratesOn = (amounts: ReadonlyArray<LineAmount>): ReadonlyArray<bigint> =>
  amounts.filter((amount) => amount.isPercent || amount.decimals <= 1 || knownRates.includes(amount.cents))
    .map((amount) => amount.cents)
    .filter((rate) => rate > 0n && rate <= 3000n)

/** Quantity × price = amount: a row of items, whose quantity may be any share of its amount. */
const isItem = (amounts: ReadonlyArray<LineAmount>, base: LineAmount, tax: LineAmount): boolean =>
  amounts.some((other) => other !== base && other !== tax && !other.isPercent && other.decimals > 0 && abs(other.cents * tax.cents - base.cents * 100n) <= 50n)

/**
 * The row of a breakdown that a line holds: base and tax in the ratio of a rate that the line prints, or base + tax =
 * gross with a rate that exists.
 */
export const vatRowOf = (amounts: ReadonlyArray<LineAmount>): VatRow | null => {
  const sums = amounts.filter((amount) => amount.decimals === 2 && !amount.isPercent && amount.cents !== 0n)
  const rates = ratesOn(amounts)
  for (const base of sums) {
    for (const tax of sums) {
      if (tax === base || abs(tax.cents) >= abs(base.cents) || isItem(amounts, base, tax)) continue
      const gross = sums.find((amount) => amount !== base && amount !== tax && amount.cents === base.cents + tax.cents)
      const printed = rates.find((rate) => isRateOf(rate, base.cents, tax.cents))
      const rate = printed ?? (gross === undefined ? null : rateOf(base.cents, tax.cents))
      // The rate itself may be printed with two decimals ("20.00") and be mistaken for a tax.
      if (rate !== null && rate !== tax.cents) {
        return { rate, base: base.cents, tax: tax.cents, gross: gross?.cents ?? null, amounts: gross === undefined ? [base, tax] : [base, tax, gross] }
      }
      if (gross !== undefined && tax.cents * 100n > base.cents && tax.cents * 3n < base.cents) {
        return { rate: null, base: base.cents, tax: tax.cents, gross: gross.cents, amounts: [base, tax, gross] }
      }
    }
  }
  return null
}
