import { format, type Money } from "../../../src/domain/Money.ts"

const noBreakSpace = "\u00A0"

/** "12 345,60": decimal comma, thousands apart, as French invoices print it. */
export const frenchAmount = (amount: Money): string => {
  const [whole = "", cents = ""] = format(amount).split(".")
  return `${whole.replace(/\B(?=(\d{3})+$)/g, noBreakSpace)},${cents}`
}

export const euros = (amount: Money): string => `${frenchAmount(amount)}${noBreakSpace}€`

/** "5,5 %", "20 %". */
export const frenchRate = (rate: Money): string =>
  `${format(rate).replace(/0+$/, "").replace(/\.$/, "").replace(".", ",")}${noBreakSpace}%`

/** "2026-03-09" as "09/03/2026". */
export const frenchDate = (date: string): string => date.split("-").toReversed().join("/")

/** "FR76 9999 …": groups of four (ISO 13616, print format). */
export const groupedByFour = (iban: string): string => iban.replace(/(.{4})(?=.)/g, "$1 ")

/** "999 123 456 00011": a SIRET as it is usually printed. */
export const groupedSiret = (siret: string): string => siret.replace(/^(\d{3})(\d{3})(\d{3})(\d{5})$/, "$1 $2 $3 $4")
