import { type Firm } from "../../test/support/samples/Invoice.ts"
import { frenchIban, frenchVatNumber, germanVatNumber, iban, withLuhn } from "../../test/support/samples/checkDigits.ts"
import type { Dice } from "./Dice.ts"
import type { Country, Language } from "./languages/Language.ts"

const ascii = (text: string): string => text.normalize("NFD").replace(/[^a-zA-Z0-9]+/g, "").toLowerCase()

const initials = (dice: Dice): string => Array.from({ length: dice.int(2, 3) }, () => String.fromCharCode(65 + dice.int(0, 25))).join("")

const nameOf = (dice: Dice, language: Language, country: Country): string => {
  const [name, name2 = ""] = dice.shuffle(language.surnames)
  const words = [
    dice.pick(language.patterns)
      .replace("{trade}", dice.pick(language.trades))
      .replace("{name}", name ?? "")
      .replace("{name2}", name2)
      .replace("{initials}", initials(dice)),
    dice.pick(country.legalForms)
  ].filter((part) => part !== "").join(" ")
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

const vatNumberOf = (dice: Dice, country: string, siren: string): string => {
  switch (country) {
    case "FR":
      return frenchVatNumber(siren)
    case "DE":
      return germanVatNumber(dice.digits(8))
    case "BE": {
      const first = `0${dice.digits(7)}`
      return `BE${first}${String(97 - (Number(first) % 97)).padStart(2, "0")}`
    }
    case "IT":
      return `IT${withLuhn(`0${dice.digits(9)}`)}`
    case "NL":
      return `NL${dice.digits(9)}B0${dice.int(1, 9)}`
    case "AT":
      return `ATU${dice.digits(8)}`
    case "ES":
      return `ESB${dice.digits(8)}`
    case "CH":
      return `CHE-${dice.digits(3)}.${dice.digits(3)}.${dice.digits(3)} ${dice.pick(["MWST", "TVA"])}`
    case "IE":
      return `IE${dice.digits(7)}${dice.pick(["T", "W", "H"])}`
    default:
      return `${country}${dice.digits(9)}`
  }
}

/** National account numbers by country as lengths and letters; `#` is a digit. */
const accounts: Readonly<Record<string, string>> = { DE: "##################", AT: "################", BE: "############", NL: "TEST##########", ES: "####################", IT: "X######################", CH: "#################", GB: "TEST##############", IE: "TEST##############" }

const fill = (dice: Dice, pattern: string): string => pattern.replace(/#/g, () => String(dice.int(0, 9)))

const ibanOf = (dice: Dice, country: string): string =>
  country === "FR" ? frenchIban(dice.digits(5), dice.digits(5), dice.digits(11)) : iban(country, fill(dice, accounts[country] ?? "################"))

/** A firm that does not exist, with numbers of the right shape. */
export const inventFirm = (dice: Dice, language: Language, country: Country): Firm => {
  const name = nameOf(dice, language, country)
  const siren = withLuhn(dice.digits(8))
  const house = String(dice.int(1, 180))
  const street = dice.pick(country.streets)
  const host = dice.chance(0.7) ? ascii(name).slice(0, 18) : dice.pick(["orange", "gmail", "gmx"])
  return {
    name,
    trade: `${dice.pick(language.trades)}, ${dice.pick(language.trades).toLowerCase()}`,
    street: country.houseNumberFirst ? `${house} ${street}` : `${street} ${house}`,
    postcode: fill(dice, country.postcode),
    city: dice.pick(country.cities),
    country: country.code,
    phone: `0${dice.digits(1)} ${dice.digits(2)} ${dice.digits(2)} ${dice.digits(2)} ${dice.digits(2)}`,
    email: `${dice.pick(["info", "contact", "office", "compta"])}@${host}.example`,
    siret: country.code === "FR" ? withLuhn(`${siren}0001`) : null,
    vatNumber: vatNumberOf(dice, country.code, siren),
    iban: ibanOf(dice, country.code)
  }
}
