import { luhn, mod97 } from "./checkDigits.ts"

/**
 * VAT numbers of Europe: their shapes as VIES takes them, and their check digits where the rule is public (the
 * Commission's "VIES VAT number algorithms"; Switzerland's: Federal Statistical Office, UID). All take the part after
 * the country's letters, without blanks, upper case.
 */

/** Shape of VAT numbers by country. */
const vatShape: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/, BE: /^[01]\d{9}$/, BG: /^\d{9,10}$/, CY: /^\d{8}[A-Z]$/, CZ: /^\d{8,10}$/, DE: /^[1-9]\d{8}$/, DK: /^\d{8}$/,
  EE: /^\d{9}$/, EL: /^\d{9}$/, ES: /^[A-Z0-9]\d{7}[A-Z0-9]$/, FI: /^\d{8}$/, FR: /^[A-HJ-NP-Z0-9]{2}\d{9}$/, GB: /^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
  HR: /^\d{11}$/, HU: /^\d{8}$/, IE: /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/, IT: /^\d{11}$/, LT: /^(\d{9}|\d{12})$/, LU: /^\d{8}$/, LV: /^\d{11}$/,
  MT: /^\d{8}$/, NL: /^[A-Z0-9+*]{10}\d{2}$/, PL: /^\d{10}$/, PT: /^\d{9}$/, RO: /^\d{2,10}$/, SE: /^\d{12}$/, SI: /^\d{8}$/, SK: /^\d{10}$/,
  XI: /^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/, CHE: /^\d{9}(MWST|TVA|IVA)?$/
}

/** The digits times their weights, added up. */
const weighed = (digits: string, weights: ReadonlyArray<number>): number => weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0)

const last = (digits: string): number => Number(digits.at(-1))

/** 11 less the remainder by 11; `ten` and `eleven` stand for themselves or are no digit at all. */
const byEleven = (sum: number, instead: { readonly ten: number; readonly eleven: number }): number => {
  const check = 11 - (sum % 11)
  return check === 10 ? instead.ten : check === 11 ? instead.eleven : check
}
const none = -1

/** ISO 7064 mod 11,10. */
const mod1110 = (digits: string): boolean => {
  let product = 10
  for (const digit of digits.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10
    product = (2 * (sum === 0 ? 10 : sum)) % 11
  }
  return (11 - product) % 10 === last(digits)
}

const austrian = (rest: string): boolean => {
  const digits = rest.slice(1)
  const doubled = Array.from(digits.slice(0, 7), (digit, index) => index % 2 === 0 ? Number(digit) : Math.floor(Number(digit) / 5) + (Number(digit) * 2) % 10)
  return (10 - (doubled.reduce((sum, digit) => sum + digit, 0) + 4) % 10) % 10 === last(digits)
}

/** Keys with letters are given to some companies; their rule is not public, so that they pass. */
const french = (rest: string): boolean => /^\d{2}/.test(rest) ? Number(rest.slice(0, 2)) === (12 + 3 * (Number(rest.slice(2)) % 97)) % 97 : true

const british = (rest: string): boolean => {
  if (!/^\d{9}/.test(rest)) return true
  const total = weighed(rest, [8, 7, 6, 5, 4, 3, 2]) + Number(rest.slice(7, 9))
  return total % 97 === 0 || (total + 55) % 97 === 0
}

/** Seven digits; a second letter counts nine times. The oldest numbers have a letter among the digits: they pass. */
const irish = (rest: string): boolean => {
  if (!/^\d{7}/.test(rest)) return true
  const second = rest.length > 8 ? 9 * (rest.charCodeAt(8) - 64) : 0
  const sum = weighed(rest, [8, 7, 6, 5, 4, 3, 2]) + (rest[8] === "W" ? 0 : second)
  return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] === rest[7]
}

/** Since 2020 sole traders have numbers that satisfy mod 97 instead of the older rule. */
const dutch = (rest: string): boolean =>
  /^\d{9}B/.test(rest) && weighed(rest, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 === Number(rest[8]) || /^[A-Z0-9]+$/.test(rest) && mod97(`NL${rest}`) === 1

/** People: eight digits (foreigners: X, Y or Z for the first) and a letter. Companies: a letter, seven digits, a digit or a letter. */
const spanish = (rest: string): boolean => {
  const person = /^([XYZ]|\d)(\d{7})([A-Z])$/.exec(rest)
  if (person !== null) {
    const [, first = "", digits = "", letter = ""] = person
    return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(`${/\d/.test(first) ? first : "XYZ".indexOf(first)}${digits}`) % 23] === letter
  }
  const company = /^[A-W](\d{7})([0-9A-J])$/.exec(rest)
  if (company === null) return true
  const [, digits = "", check = ""] = company
  const sum = [...digits].reduce((total, digit, index) => total + (index % 2 === 1 ? Number(digit) : Math.floor(Number(digit) / 5) + (Number(digit) * 2) % 10), 0)
  const control = (10 - (sum % 10)) % 10
  return check === String(control) || check === "JABCDEFGHI"[control]
}

const checks: Readonly<Record<string, (rest: string) => boolean>> = {
  AT: austrian,
  BE: (rest) => 97 - (Number(rest.slice(0, 8)) % 97) === Number(rest.slice(8)),
  CHE: (rest) => byEleven(weighed(rest, [5, 4, 3, 2, 7, 6, 5, 4]), { ten: none, eleven: 0 }) === Number(rest[8]),
  DE: mod1110,
  DK: (rest) => weighed(rest, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
  EE: (rest) => (10 - (weighed(rest, [3, 7, 1, 3, 7, 1, 3, 7]) % 10)) % 10 === last(rest),
  EL: (rest) => weighed(rest, [256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 === last(rest),
  ES: spanish,
  FI: (rest) => byEleven(weighed(rest, [7, 9, 10, 5, 8, 4, 2]), { ten: none, eleven: 0 }) === last(rest),
  FR: french,
  GB: british,
  XI: british,
  HR: mod1110,
  HU: (rest) => (10 - (weighed(rest, [9, 7, 3, 1, 9, 7, 3]) % 10)) % 10 === last(rest),
  IE: irish,
  IT: luhn,
  LU: (rest) => Number(rest.slice(0, 6)) % 89 === Number(rest.slice(6)),
  MT: (rest) => 37 - (weighed(rest, [3, 4, 6, 7, 8, 9]) % 37) === Number(rest.slice(6)),
  NL: dutch,
  PL: (rest) => weighed(rest, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === last(rest),
  PT: (rest) => byEleven(weighed(rest, [9, 8, 7, 6, 5, 4, 3, 2]), { ten: 0, eleven: 0 }) === last(rest),
  RO: (rest) => (weighed(rest.padStart(10, "0"), [7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10) % 11 % 10 === last(rest),
  SE: (rest) => luhn(rest.slice(0, 10)) && /(0[1-9]|[1-8]\d|9[0-4])$/.test(rest),
  SI: (rest) => byEleven(weighed(rest, [8, 7, 6, 5, 4, 3, 2]), { ten: 0, eleven: none }) === last(rest),
  SK: (rest) => Number(rest) % 11 === 0
}

/** `unknown` where the country's rule is not tested here (the shape alone was right), or the country is not one of these. */
export const vatNumberCheck = (id: string): "sound" | "wrong" | "unknown" => {
  const country = id.startsWith("CHE") ? "CHE" : id.slice(0, 2)
  const rest = id.slice(country.length)
  const shape = vatShape[country]
  if (shape === undefined) return "unknown"
  if (!shape.test(rest)) return "wrong"
  const check = checks[country]
  return check === undefined ? "unknown" : check(rest) ? "sound" : "wrong"
}
