import { BigDecimal, Option, Schema } from "effect"

/**
 * An amount of money or a rate: decimal, never a float. Over every boundary (JSON, SQL, IPC) it travels as a
 * plain decimal string such as "1234.56".
 */
export const Money = Schema.BigDecimalFromString
export type Money = BigDecimal.BigDecimal

/** At least two decimals, as amounts are written: "1200.00", "-7.67", "0.125". No exponent, no separators. */
export const format = (amount: Money): string => {
  const normal = BigDecimal.normalize(amount)
  const scale = Math.max(2, normal.scale)
  const digits = BigDecimal.scale(normal, scale).value.toString().replace("-", "").padStart(scale + 1, "0")
  return `${normal.value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Reads a plain decimal string; amounts as printed on a page are the reading's business. */
export const parse = (text: string): Option.Option<Money> =>
  /^[+-]?\d{1,15}(\.\d{1,10})?$/.test(text) ? BigDecimal.fromString(text) : Option.none()

/** Half away from zero, to the cent: how invoices round. */
export const toCents = (amount: Money): Money => BigDecimal.round(amount, { scale: 2, mode: "half-from-zero" })

/** Equal to the cent. */
export const equalToTheCent = (a: Money, b: Money): boolean => BigDecimal.equals(toCents(a), toCents(b))
