/**
 * Check digits of the numbers that stand on invoices. All take the number without blanks, upper case.
 */

/** Luhn (ISO/IEC 7812-1): every second digit from the right doubled, the sum of digits divisible by ten. */
export const luhn = (digits: string): boolean => {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = digit * 2
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

export const sirenIsSound = (siren: string): boolean => /^\d{9}$/.test(siren) && Number(siren) > 0 && luhn(siren)

/** La Poste's establishments (SIREN 356000000) follow another rule: the sum of digits is divisible by five. */
export const siretIsSound = (siret: string): boolean => {
  if (!/^\d{14}$/.test(siret) || !sirenIsSound(siret.slice(0, 9))) return false
  if (luhn(siret)) return true
  return siret.startsWith("356000000") && [...siret].reduce((sum, digit) => sum + Number(digit), 0) % 5 === 0
}

/** Lengths by country from the IBAN registry (ISO 13616); other countries are checked by their digits alone. */
const ibanLength: Readonly<Record<string, number>> = {
  AD: 24, AT: 20, BE: 16, BG: 22, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18, FR: 27, GB: 22, GR: 27,
  HR: 21, HU: 28, IE: 22, IS: 26, IT: 27, LI: 21, LT: 20, LU: 20, LV: 21, MC: 27, MT: 31, NL: 18, NO: 15, PL: 28, PT: 25,
  RO: 24, SE: 24, SI: 19, SK: 24, SM: 27
}

/** The remainder of a number of any length in which letters count 10 to 35 (ISO 7064 mod 97-10). */
const mod97 = (text: string): number => {
  let rest = 0
  for (const character of text) rest = Number(`${rest}${parseInt(character, 36)}`) % 97
  return rest
}

export const ibanIsSound = (iban: string): boolean => {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false
  const length = ibanLength[iban.slice(0, 2)]
  return (length === undefined || length === iban.length) && mod97(iban.slice(4) + iban.slice(0, 4)) === 1
}

/** Shape of VAT numbers by country (VIES); the check digits below are tested where the rule is simple and stable. */
const vatShape: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/, BE: /^[01]\d{9}$/, BG: /^\d{9,10}$/, CY: /^\d{8}[A-Z]$/, CZ: /^\d{8,10}$/, DE: /^[1-9]\d{8}$/, DK: /^\d{8}$/,
  EE: /^\d{9}$/, EL: /^\d{9}$/, ES: /^[A-Z0-9]\d{7}[A-Z0-9]$/, FI: /^\d{8}$/, FR: /^[A-HJ-NP-Z0-9]{2}\d{9}$/, GB: /^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
  HR: /^\d{11}$/, HU: /^\d{8}$/, IE: /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/, IT: /^\d{11}$/, LT: /^(\d{9}|\d{12})$/, LU: /^\d{8}$/, LV: /^\d{11}$/,
  MT: /^\d{8}$/, NL: /^[A-Z0-9+*]{10}\d{2}$/, PL: /^\d{10}$/, PT: /^\d{9}$/, RO: /^\d{2,10}$/, SE: /^\d{12}$/, SI: /^\d{8}$/, SK: /^\d{10}$/,
  CHE: /^\d{9}(MWST|TVA|IVA)?$/
}

const frenchKeyIsSound = (rest: string): boolean => {
  const siren = rest.slice(2)
  // Keys with letters are given to some companies; their rule is not public, so only the company number is tested.
  return /^\d{2}/.test(rest) ? Number(rest.slice(0, 2)) === (12 + 3 * (Number(siren) % 97)) % 97 : true
}

const belgianIsSound = (rest: string): boolean => 97 - (Number(rest.slice(0, 8)) % 97) === Number(rest.slice(8))

/** DE: ISO 7064 mod 11,10 over the first eight digits. */
const germanIsSound = (rest: string): boolean => {
  let product = 10
  for (const digit of rest.slice(0, 8)) {
    const sum = (Number(digit) + product) % 10
    product = (2 * (sum === 0 ? 10 : sum)) % 11
  }
  return (11 - product) % 10 === Number(rest[8])
}

/** `unknown` where the country's rule is not tested here: the shape alone was right. */
export const vatNumberCheck = (id: string): "sound" | "wrong" | "unknown" => {
  const country = id.startsWith("CHE") ? "CHE" : id.slice(0, 2)
  const rest = id.slice(country.length)
  const shape = vatShape[country]
  if (shape === undefined) return "unknown"
  if (!shape.test(rest)) return "wrong"
  const verdict = (sound: boolean) => sound ? "sound" as const : "wrong" as const
  switch (country) {
    case "FR":
      return verdict(frenchKeyIsSound(rest))
    case "BE":
      return verdict(belgianIsSound(rest))
    case "DE":
      return verdict(germanIsSound(rest))
    case "IT":
      return verdict(luhn(rest))
    default:
      return "unknown"
  }
}
