import { BigDecimal } from "effect"
import { format, type Money, toCents } from "../../src/domain/Money.ts"
import type { Dice } from "./Dice.ts"
import { inventFirm } from "./firms.ts"
import { languages } from "./Paper.ts"
import { type CurrencyStyle, printedAmount, printedDate, printedRate, withCurrency } from "./printed.ts"
import { emptySheet, type Sheet, write } from "./Sheet.ts"

export interface Receipt {
  readonly lang: string
  readonly sheet: Sheet
  readonly size: { readonly width: number; readonly height: number }
  /** As the truth of real receipts is written: the date as printed. */
  readonly label: { readonly date: string; readonly total: string; readonly company: string }
}

const width = 226
const none: Money = BigDecimal.make(0n, 2)

/** To five cents, as where the smallest coins are gone. */
const rounded = (amount: Money): Money => BigDecimal.multiply(BigDecimal.round(BigDecimal.multiply(amount, BigDecimal.fromBigInt(20n)), { scale: 0, mode: "half-from-zero" }), BigDecimal.make(5n, 2))

/** A roll of 80 mm from a shop's till. */
export const inventReceipt = (dice: Dice): Receipt => {
  const language = dice.chance(0.5) ? languages[3] ?? languages[0] : dice.pick(languages)
  const country = dice.pick(language.countries)
  const { receipt } = language
  const firm = inventFirm(dice, language, country)
  const sheet = emptySheet()
  const isMalay = language.code === "en" && dice.chance(0.6)
  const currency = isMalay ? "RM" : country.currency
  const currencyStyle: CurrencyStyle = language.code === "en" ? "code before" : dice.pick(["sign after", "sign before"] as const)
  const style = dice.pick(country.amounts)
  const amount = (value: Money) => printedAmount(value, style)
  const money = (value: Money) => isMalay ? `RM ${amount(value)}` : withCurrency(amount(value), currency, currencyStyle)
  const date = new Date(Date.parse("2016-01-01") + dice.int(0, 3800) * 86_400_000).toISOString().slice(0, 10)
  const shownDate = printedDate(date, dice.chance(0.2) ? "dd/mm/yy" : dice.pick(country.dates), language.months)
  const time = `${String(dice.int(8, 21)).padStart(2, "0")}:${dice.digits(2).replace(/^[6-9]/, "3")}${dice.chance(0.4) ? ":0" + dice.digits(1) : ""}`
  const size = dice.between(7.6, 9.4)
  const step = size * dice.between(1.25, 1.55)
  let y = 26
  const line = (text: string, align: "left" | "center" | "right" = "left", bold = false) => {
    write(sheet, text, align === "left" ? 10 : align === "center" ? width / 2 : width - 10, y, { size, align, bold })
    y += step
  }
  const pair = (label: string, value: string, bold = false, factor = 1) => {
    write(sheet, label, 10, y, { size: size * factor, bold })
    write(sheet, value, width - 10, y, { size: size * factor, align: "right", bold })
    y += step * factor
  }
  const company = dice.chance(0.6) ? firm.name.toUpperCase() : firm.name
  write(sheet, company, width / 2, y, { size: size * dice.pick([1, 1.2, 1.4]), align: "center", bold: dice.chance(0.6) })
  y += step * 1.4
  line(firm.street, "center")
  line(`${firm.postcode} ${firm.city}`, "center")
  if (dice.chance(0.7)) line(`${dice.pick(language.phone)} ${firm.phone}`, "center")
  if (dice.chance(0.5)) line(isMalay ? `GST ID : 00${dice.digits(10)}` : `${dice.pick(language.vatNumber)} ${firm.vatNumber}`, "center")
  y += step * 0.6
  const title = dice.pick(receipt.title)
  if (title !== "") line(title, "center", true)
  const dateLabel = dice.pick(receipt.date)
  if (dice.chance(0.6)) pair(`${dateLabel} ${shownDate}`.trim(), time)
  else line(`${dateLabel} ${shownDate} ${time}`.trim())
  if (dice.chance(0.6)) line(`${dice.pick(["#", "No", "Ticket", "Bill"])} ${dice.digits(6)}   ${dice.pick(["POS", "Till", "C"])} ${dice.int(1, 9)}`)
  y += step * 0.5
  const items = Array.from({ length: dice.int(1, 9) }, () => ({ name: dice.pick(receipt.goods), count: dice.chance(0.7) ? 1 : dice.int(2, 9), price: BigDecimal.fromStringUnsafe(`${dice.int(1, 60)}.${dice.pick(["00", "50", "90", "99", "35", "20"])}`) }))
  const total = BigDecimal.sumAll(items.map(({ count, price }) => BigDecimal.multiply(price, BigDecimal.fromBigInt(BigInt(count)))))
  const twoLines = dice.chance(0.3)
  for (const { count, name, price } of items) {
    const sum = BigDecimal.multiply(price, BigDecimal.fromBigInt(BigInt(count)))
    if (twoLines) line(name)
    pair(twoLines ? `  ${count} X ${amount(price)}` : `${count} ${name}`, amount(sum))
  }
  y += step * 0.5
  const rate = BigDecimal.fromStringUnsafe(isMalay ? dice.pick(["6", "0"]) : country.rates[0])
  const factor = BigDecimal.divideUnsafe(BigDecimal.fromBigInt(100n), BigDecimal.sum(rate, BigDecimal.fromBigInt(100n)))
  const net = toCents(BigDecimal.round(BigDecimal.multiply(total, factor), { scale: 4 }))
  const tax = () => pair(dice.pick(receipt.tax).replace("{}", printedRate(rate, style, "")), amount(BigDecimal.subtract(total, net)))
  const toPay = isMalay && dice.chance(0.5) ? rounded(total) : total
  const taxFirst = dice.chance(0.5)
  if (taxFirst && dice.chance(0.7)) {
    pair(dice.pick(receipt.subtotal), amount(dice.chance(0.5) ? net : total))
    tax()
  }
  if (!BigDecimal.equals(toPay, total)) pair(dice.pick(["Rounding", "Rounding Adj", "ROUNDING"]), amount(BigDecimal.subtract(toPay, total)))
  pair(dice.pick(receipt.total), dice.chance(0.6) ? money(toPay) : amount(toPay), dice.chance(0.7), dice.pick([1, 1, 1.3]))
  if (dice.chance(0.55)) {
    const given = BigDecimal.sum(toPay, dice.chance(0.4) ? none : BigDecimal.fromStringUnsafe(`${dice.int(1, 20)}.00`))
    pair(dice.pick(receipt.cash), amount(given))
    pair(dice.pick(receipt.change), amount(BigDecimal.subtract(given, toPay)))
  } else pair(dice.pick(receipt.card), amount(toPay))
  if (!taxFirst) tax()
  y += step
  line(dice.pick(receipt.thanks), "center")
  return { lang: language.code, sheet, size: { width, height: Math.round(y + 20) }, label: { date: shownDate, total: format(toPay), company } }
}
