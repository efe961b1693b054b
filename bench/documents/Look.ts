import type { Dice } from "./Dice.ts"
import type { Family } from "./drawing.ts"
import type { AmountStyle, DateStyle } from "./languages/Language.ts"
import type { Paper } from "./Paper.ts"
import { type CurrencyStyle, printedAmount, printedDate, printedRate, withCurrency } from "./printed.ts"
import type { Money } from "../../src/domain/Money.ts"

/** How one firm's stationery looks, and how it prints numbers. */
export interface Look {
  readonly family: Family
  readonly size: number
  /** From one line to the next. */
  readonly step: number
  readonly left: number
  readonly right: number
  readonly accent: string
  readonly pale: string
  /** Where the supplier stands; `window`: only as a logo, in the line over the buyer's address and in the foot. */
  readonly head: "left" | "right" | "centre" | "window"
  readonly meta: "inline" | "columns" | "table" | "stacked"
  readonly colon: string
  readonly numberInTitle: boolean
  /** Where company numbers stand. */
  readonly idsAtFoot: boolean
  readonly isShouting: boolean
  readonly ruling: "none" | "rows" | "grid" | "stripes"
  readonly headFilled: boolean
  readonly totalsAt: "right" | "left"
  readonly vat: "lines" | "table" | "sum"
  readonly boxedTotal: boolean
  readonly amount: (amount: Money) => string
  /** With the currency, where this stationery prints it. */
  readonly money: (amount: Money) => string
  readonly rate: (rate: Money) => string
  readonly date: (date: string) => string
  readonly currencyOnLines: boolean
}

export const inventLook = (dice: Dice, paper: Paper): Look => {
  const { country, language } = paper
  const amountStyle: AmountStyle = dice.pick(country.amounts)
  const dateStyle: DateStyle = dice.pick(country.dates)
  const left = dice.int(34, 62)
  const hue = dice.int(0, 359)
  const currencyStyle: CurrencyStyle = language.code === "en" ? "sign before"
    : language.code === "nl" ? dice.pick(["sign before", "sign after", "code before"] as const)
    : dice.pick(["sign after", "sign after", "code after"] as const)
  const blank = dice.chance(0.6) ? " " : ""
  const family = dice.pick(["Arimo", "Arimo", "Arimo", "Tinos", "Tinos", "Condensed", "Sans", "Serif", "Mono"] as const)
  const amount = (value: Money) => printedAmount(value, amountStyle).replaceAll(" ", "\u00a0")
  const money = (value: Money) => withCurrency(amount(value), country.currency, currencyStyle)
  return {
    family,
    // Letters of one width need the most room.
    size: dice.between(8.2, 10) * (family === "Mono" ? 0.86 : 1),
    step: dice.between(11.5, 14),
    left,
    right: 595 - left,
    accent: `hsl(${hue}, ${dice.int(0, 60)}%, ${dice.int(12, 38)}%)`,
    pale: `hsl(${hue}, ${dice.int(0, 30)}%, ${dice.int(88, 96)}%)`,
    head: dice.pick(["left", "left", "right", "centre", "window"]),
    meta: dice.pick(["inline", "inline", "columns", "columns", "table", "stacked"]),
    colon: language.code === "fr" ? dice.pick([" :", " :", ""]) : dice.pick([":", ":", ""]),
    numberInTitle: dice.chance(0.25),
    idsAtFoot: dice.chance(0.5),
    isShouting: dice.chance(0.2),
    ruling: dice.pick(["none", "rows", "grid", "stripes"]),
    headFilled: dice.chance(0.5),
    totalsAt: dice.chance(0.88) ? "right" : "left",
    vat: dice.pick(["lines", "lines", "table", "sum"]),
    boxedTotal: dice.chance(0.35),
    amount,
    money,
    rate: (value) => printedRate(value, amountStyle, blank),
    date: (value) => printedDate(value, dateStyle, language.months),
    currencyOnLines: dice.chance(0.3)
  }
}
