import { BigDecimal } from "effect"
import { toCents, type Money } from "../../src/domain/Money.ts"
import { type Invoice, line, totals } from "../../test/support/samples/Invoice.ts"
import type { Dice } from "./Dice.ts"
import { inventFirm } from "./firms.ts"
import { de } from "./languages/de.ts"
import { en } from "./languages/en.ts"
import { es } from "./languages/es.ts"
import { fr } from "./languages/fr.ts"
import { it } from "./languages/it.ts"
import type { Country, Language } from "./languages/Language.ts"
import { nl } from "./languages/nl.ts"

/** French twice: it is what most of the product's users write. */
export const languages: readonly [Language, ...ReadonlyArray<Language>] = [fr, fr, de, en, nl, es, it]

/** What a paper says, before anybody has laid it out. */
export interface Paper {
  readonly language: Language
  readonly country: Country
  readonly kind: "invoice" | "credit-note"
  readonly regime: "ordinary" | "reverse-charge" | "exempt"
  readonly invoice: Invoice
  /** One for each line of the invoice. */
  readonly units: ReadonlyArray<string>
  /** Paid before; what is left to pay is less than the total. */
  readonly deposit: Money | null
  readonly customerNumber: string
  readonly orderNumber: string
  readonly quoteNumber: string
}

const day = 86_400_000

const dateAfter = (date: string, days: number): string => new Date(Date.parse(date) + days * day).toISOString().slice(0, 10)

const numberOf = (dice: Dice, date: string): string => {
  const [year = "", month = ""] = date.split("-")
  const count = String(dice.int(1, 9999)).padStart(dice.int(3, 5), "0")
  return dice.pick([
    () => `${year}-${count}`, () => `${dice.pick(["F", "FA", "FAC", "R", "RE", "INV", "VF", "A"])}-${year}-${count}`, () => `${year}${month}${count}`, () => dice.digits(dice.int(4, 8)),
    () => `${dice.pick(["F", "FC", "RG", "IN"])}${year.slice(2)}${month}-${count}`, () => `${year}/${count}`, () => `${count}/${year.slice(2)}`, () => `${dice.pick(["F", "R", "V"])}${dice.digits(6)}`,
    () => `${dice.digits(2)}.${dice.digits(3)}.${dice.digits(3)}`, () => `${dice.digits(3)} ${dice.digits(3)}`
  ])()
}

const price = (dice: Dice): string => `${Math.floor(Math.exp(dice.between(0.7, 6.6)))}.${String(dice.pick([0, 0, 50, 90, dice.int(0, 99)])).padStart(2, "0")}`

const quantity = (dice: Dice): string => dice.chance(0.7) ? String(dice.int(1, 40)) : `${dice.int(1, 90)}.${dice.pick(["5", "25", "75", "2"])}`

/** Most papers are short; some run over a page. */
const lineCount = (dice: Dice): number => dice.chance(0.12) ? dice.int(20, 34) : dice.int(1, 8)

export const inventPaper = (dice: Dice, language: Language = dice.pick(languages)): Paper => {
  const country = dice.pick(language.countries)
  const kind = dice.chance(0.1) ? "credit-note" : "invoice"
  const regime = country.code !== "US" && dice.chance(0.12) ? dice.pick(["reverse-charge", "exempt"] as const) : "ordinary"
  const rates = regime === "ordinary" ? dice.chance(0.65) ? [dice.pick(country.rates)] : country.rates : ["0"]
  const sign = kind === "credit-note" && dice.chance(0.5) ? "-" : ""
  const date = dateAfter("2018-01-01", dice.int(0, 3100))
  const lines = Array.from({ length: lineCount(dice) }, () =>
    line(dice.pick(language.goods), `${sign}${quantity(dice)}`, "u", price(dice), rates[dice.int(0, rates.length - 1)] ?? "0"))
  const invoice: Invoice = {
    number: numberOf(dice, date),
    date,
    dueDate: dateAfter(date, dice.pick([8, 14, 30, 30, 45, 60])),
    deliveryDate: dateAfter(date, -dice.int(0, 20)),
    site: `${dice.pick(language.goods)}, ${dice.pick(country.cities)}`,
    supplier: inventFirm(dice, language, country),
    buyer: inventFirm(dice, language, country),
    lines
  }
  return {
    language, country, kind, regime, invoice,
    units: lines.map(() => dice.pick(language.units)),
    deposit: kind === "invoice" && dice.chance(0.15) ? toCents(BigDecimal.multiply(totals(invoice).ttc, BigDecimal.fromStringUnsafe(dice.pick(["0.3", "0.4", "0.5"])))) : null,
    customerNumber: dice.pick([dice.digits(5), `C${dice.digits(4)}`, `41${dice.digits(4)}`]),
    orderNumber: dice.pick([dice.digits(7), `PO-${dice.digits(4)}`, `BC${dice.digits(5)}`]),
    quoteNumber: dice.pick([`D-${dice.digits(4)}`, `${date.slice(0, 4)}-${dice.digits(3)}`])
  }
}
