/** Signs and abbreviations printed beside amounts. `$` alone may be any dollar: a code on the page decides. */
const signs: ReadonlyArray<readonly [RegExp, string]> = [
  [/€|\beuros?\b/i, "EUR"],
  [/£/, "GBP"],
  [/₹|\bRs\b\.?/, "INR"],
  [/\bRM\b|\bRM(?=\d)/, "MYR"],
  [/\bSFr\b\.?|\bFr\.(?= ?\d)/, "CHF"],
  [/\bCA\$|\bC\$/, "CAD"],
  [/\bA\$|\bAU\$/, "AUD"],
  [/\bUS\$/, "USD"],
  [/\bzł/i, "PLN"],
  [/\bKč/i, "CZK"],
  [/(?<![A-Z])R ?(?=\d[\d ,]*[.,]\d\d\b)/, "ZAR"],
  [/\$ ?\d|\d ?\$/, "USD"]
]

const codes = "EUR|USD|GBP|CHF|CAD|AUD|NZD|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|MAD|TND|DZD|XOF|XAF|XPF|INR|MYR|SGD|HKD|ZAR|BRL|MXN|AED"
const codeBesideAmount = new RegExp(`(?:\\b(${codes}) ?-?\\d)|(?:\\d ?(${codes})\\b)`, "g")
const code = new RegExp(`\\b(${codes})\\b`, "g")
const labelled = new RegExp(`(?:currency|devise|w(?:ä|ae?)hrung|valuta|moneda|divisa|betr(?:ä|a)ge in|amounts? in|montants? en)[^A-Z]{0,12}(${codes})\\b`, "i")

/** Countries of the euro, by the first letters of VAT numbers and IBANs. */
const euroCountries = /^(AT|BE|BG|CY|DE|EE|EL|ES|FI|FR|GR|HR|IE|IT|LT|LU|LV|MC|MT|NL|PT|SI|SK)/

/**
 * ISO 4217 code of the page's amounts: the currency said to be that of the invoice, else the one that stands most
 * often beside amounts, else the euro where VAT number or IBAN are of a euro country.
 */
export const currencyOf = (texts: ReadonlyArray<string>, ids: ReadonlyArray<string | null>): string | null => {
  const stated = texts.map((text) => labelled.exec(text)?.[1]).find((found) => found !== undefined)
  if (stated !== undefined) return stated.toUpperCase()
  const votes = new Map<string, number>()
  const vote = (currency: string | undefined, weight: number) => {
    if (currency !== undefined) votes.set(currency, (votes.get(currency) ?? 0) + weight)
  }
  for (const text of texts) {
    for (const match of text.matchAll(codeBesideAmount)) vote(match[1] ?? match[2], 1)
    for (const match of text.matchAll(code)) vote(match[1], 1)
    const sign = signs.find(([pattern]) => pattern.test(text))
    if (sign !== undefined && /\d/.test(text)) vote(sign[1], 1)
    else if (sign !== undefined) vote(sign[1], 0.5)
  }
  // "$" beside a code of another dollar is that dollar.
  const dollars = ["CAD", "AUD", "NZD", "SGD", "HKD", "MXN"].filter((currency) => votes.has(currency))
  if (votes.has("USD") && dollars.length === 1 && !texts.some((text) => /\bUSD\b|US\$/.test(text))) votes.delete("USD")
  const best = [...votes].toSorted((a, b) => b[1] - a[1])[0]
  if (best !== undefined) return best[0]
  return ids.some((id) => id !== null && euroCountries.test(id)) ? "EUR" : null
}

/** Currency signs and codes taken off, so that the digits remain. */
export const withoutCurrency = (text: string): string =>
  text.replace(/[€$£₹]|\b(?:RM|Rs\.?|SFr\.?|EURO?S?|USD|GBP|CHF|CAD|AUD|INR|MYR)(?=[\s\d.:-]|$)|\bR(?=\d[\d.,]*$)|(?<=\d)\s?(?:EUR|CHF|USD|GBP)\b/g, " ")
