import { BigDecimal, Option } from "effect"
import { fromParts, type CalendarDate } from "../domain/CalendarDate.ts"
import { ibanIsSound } from "./checkDigits.ts"
import { type DocumentType } from "../domain/InvoiceFields.ts"
import { type Money, parse } from "../domain/Money.ts"
import { allAt, type XmlNode } from "./xmlTree.ts"

/** A decimal of XML Schema ("1234.5", "+.50", "-12."); anything else is not known. */
export const decimal = (text: string | null): Money | null => {
  const match = /^([+-]?)(\d*)\.?(\d*)$/.exec(text ?? "")
  if (match === null || `${match[2]}${match[3]}` === "") return null
  const [, sign, whole, fraction] = match
  return Option.getOrNull(parse(`${sign}${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`))
}

/** UN/CEFACT date format 102 (CCYYMMDD) or the date of an ISO 8601 text, whatever its time and zone say. */
export const date = (text: string | null): CalendarDate | null => {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(text ?? "")
  return match === null ? null : Option.getOrNull(fromParts(Number(match[1]), Number(match[2]), Number(match[3])))
}

export const currencyCode = (text: string | null): string | null => {
  const code = text?.toUpperCase() ?? ""
  return /^[A-Z]{3}$/.test(code) ? code : null
}

/** UNTDID 1001: credit notes (also self-billed, factored, prepaid), quotes and what is no invoice at all. */
export const documentType = (code: string | null): DocumentType | null => {
  if (code === null) return null
  if (["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"].includes(code)) return "credit-note"
  if (["310", "311", "315", "325"].includes(code)) return "quote"
  if (["220", "270", "351"].includes(code)) return "other"
  return "invoice"
}

/** Without blanks and punctuation, upper case: identifiers as they are compared and stored. */
const compact = (text: string): string => text.replace(/[\s.\-/]/g, "").toUpperCase()

export const vatNumber = (text: string | null): string | null => {
  const id = compact(text ?? "")
  return /^[A-Z]{2}[A-Z0-9+*]{2,13}$/.test(id) ? id : null
}

/** SIREN and SIRET from a legal organisation's identifier (ISO 6523 scheme 0002, 0009, or none said). */
export const companyNumbers = (ids: ReadonlyArray<XmlNode>): { readonly siren: string | null; readonly siret: string | null } => {
  const numbers = ids
    .filter((id) => ["", "0002", "0009"].includes(id.attributes["schemeID"] ?? ""))
    .map((id) => compact(id.text))
  const siret = numbers.find((number) => /^\d{14}$/.test(number)) ?? null
  const siren = numbers.find((number) => /^\d{9}$/.test(number)) ?? siret?.slice(0, 9) ?? null
  return { siren, siret }
}

/** The first account that is an IBAN by its shape, a sound one before others. */
export const iban = (texts: ReadonlyArray<string | null>): string | null => {
  const shaped = texts.map((text) => compact(text ?? "")).filter((candidate) => /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(candidate))
  return shaped.find(ibanIsSound) ?? shaped[0] ?? null
}

/** TTC - HT where the XML leaves the VAT out (profiles without VAT lines, exempt sellers): exact by definition. */
export const amountsOf = (ht: Money | null, tva: Money | null, ttc: Money | null) => ({
  amountHT: ht ?? (ttc !== null && tva !== null ? BigDecimal.subtract(ttc, tva) : null),
  amountTVA: tva ?? (ht !== null && ttc !== null ? BigDecimal.subtract(ttc, ht) : null),
  amountTTC: ttc ?? (ht !== null && tva !== null ? BigDecimal.sum(ht, tva) : null)
})

/** Of totals stated in two currencies (the invoice's and that of the accounts), the one of the invoice. */
export const amountIn = (currency: string | null, node: XmlNode | null, ...path: ReadonlyArray<string>): Money | null => {
  const stated = allAt(node, ...path)
  const inCurrency = stated.find((amount) => currencyCode(amount.attributes["currencyID"] ?? null) === currency) ??
    stated.find((amount) => amount.attributes["currencyID"] === undefined) ??
    (stated.length === 1 ? stated[0] : undefined)
  return decimal(inCurrency?.text ?? null)
}

export const oneLine = (text: string | null): string | null => {
  const line = (text ?? "").replace(/\s+/g, " ").trim()
  return line === "" ? null : line
}
