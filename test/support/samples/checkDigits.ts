/** The check digits that make an invented number pass for a real one. */

const digitsMod97 = (digits: string): number => Number(BigInt(digits) % 97n)

/** Letters as ISO 13616 counts them: A is 10, Z is 35. */
const lettersAsNumbers = (text: string): string => text.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))

/** Appends the Luhn digit (ISO/IEC 7812-1, annex B): 8 digits make a SIREN, a SIREN and 4 digits a SIRET. */
export const withLuhn = (digits: string): string => {
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

/** FR, a key of two digits and the SIREN (article 286 ter of the Code général des impôts). */
export const frenchVatNumber = (siren: string): string =>
  `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, "0")}${siren}`

/** DE and nine digits, the last of which follows ISO/IEC 7064 MOD 11,10. `digits` are the first eight. */
export const germanVatNumber = (digits: string): string => {
  const product = [...digits].reduce((previous, digit) => {
    const sum = (Number(digit) + previous) % 10
    return (2 * (sum === 0 ? 10 : sum)) % 11
  }, 10)
  return `DE${digits}${(11 - product) % 10}`
}

/** ISO 13616: the country, two check digits (ISO/IEC 7064 MOD 97-10) and the national account number. */
export const iban = (country: string, account: string): string =>
  `${country}${String(98 - digitsMod97(lettersAsNumbers(`${account}${country}00`))).padStart(2, "0")}${account}`

/** A French IBAN, whose account number ends in its own key (clé RIB). Digits only: 5, 5 and 11. */
export const frenchIban = (bank: string, branch: string, account: string): string => {
  const key = 97 - ((89 * Number(bank) + 15 * Number(branch) + 3 * Number(account)) % 97)
  return iban("FR", `${bank}${branch}${account}${String(key).padStart(2, "0")}`)
}
