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
export const mod97 = (text: string): number => {
  let rest = 0
  for (const character of text) rest = Number(`${rest}${parseInt(character, 36)}`) % 97
  return rest
}

export const ibanIsSound = (iban: string): boolean => {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false
  const length = ibanLength[iban.slice(0, 2)]
  return (length === undefined || length === iban.length) && mod97(iban.slice(4) + iban.slice(0, 4)) === 1
}
