import { BigDecimal } from "effect"
import { format, type Money } from "../../src/domain/Money.ts"
import type { AmountStyle, DateStyle } from "./languages/Language.ts"

const grouped = (whole: string, mark: string): string => whole.replace(/\B(?=(\d{3})+$)/g, mark)

/** An amount as a page shows it, without its currency. */
export const printedAmount = (amount: Money, style: AmountStyle): string => {
  const [whole = "", fraction = ""] = format(BigDecimal.abs(amount)).split(".")
  const [thousands, decimal] = /^1(\D?)234(\D)56$/.exec(style)?.slice(1) ?? ["", "."]
  return `${BigDecimal.isNegative(amount) ? "-" : ""}${grouped(whole, thousands ?? "")}${decimal ?? "."}${fraction}`
}

/** "20 %", "5,5%": trailing zeros are not printed. */
export const printedRate = (rate: Money, style: AmountStyle, blank: string): string =>
  `${printedAmount(rate, style).replace(/([.,]\d*?)0+$/, "$1").replace(/[.,]$/, "")}${blank}%`

/** `date` is YYYY-MM-DD; a style with the month's name needs the language's. */
export const printedDate = (date: string, style: DateStyle, months: ReadonlyArray<string>): string => {
  const [year = "", month = "", day = ""] = date.split("-")
  const name = months[Number(month) - 1] ?? month
  switch (style) {
    case "dd/mm/yyyy":
      return `${day}/${month}/${year}`
    case "dd.mm.yyyy":
      return `${day}.${month}.${year}`
    case "dd-mm-yyyy":
      return `${day}-${month}-${year}`
    case "yyyy-mm-dd":
      return date
    case "d/m/yyyy":
      return `${Number(day)}/${Number(month)}/${year}`
    case "dd/mm/yy":
      return `${day}/${month}/${year.slice(2)}`
    case "mm/dd/yyyy":
      return `${month}/${day}/${year}`
    case "d month yyyy":
      return `${Number(day)} ${name} ${year}`
    case "d. month yyyy":
      return `${Number(day)}. ${name} ${year}`
    case "month d, yyyy":
      return `${name} ${Number(day)}, ${year}`
  }
}

const signs: Readonly<Record<string, string>> = { EUR: "€", GBP: "£", USD: "$" }

export type CurrencyStyle = "sign after" | "sign before" | "code after" | "code before"

export const withCurrency = (amount: string, currency: string, style: CurrencyStyle): string => {
  const sign = signs[currency] ?? currency
  switch (style) {
    case "sign after":
      return `${amount}\u00a0${sign}`
    case "sign before":
      return sign.length > 1 ? `${sign} ${amount}` : `${sign}${amount}`
    case "code after":
      return `${amount} ${currency}`
    case "code before":
      return `${currency} ${amount}`
  }
}
