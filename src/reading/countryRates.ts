import { BigDecimal } from "effect"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Money } from "../domain/Money.ts"

/** VAT rates in per cent that are or were charged since 2012, overseas departments and islands included; zero always is. */
const rates: Readonly<Record<string, ReadonlyArray<string>>> = {
  FR: ["20", "19.6", "10", "8.5", "7", "5.5", "2.1", "13", "0.9", "1.05", "1.75"],
  BE: ["21", "12", "6"],
  LU: ["17", "16", "15", "14", "13", "12", "8", "7", "6", "3"],
  DE: ["19", "16", "7", "5", "10.7", "5.5", "9.5", "9", "8.4", "7.8"],
  AT: ["20", "19", "13", "10", "5", "12"],
  CH: ["8.1", "8", "7.7", "3.8", "3.7", "2.6", "2.5"],
  NL: ["21", "19", "9", "6"],
  ES: ["21", "18", "10", "8", "7.5", "5", "4", "2", "7", "3"],
  IT: ["22", "21", "10", "5", "4"],
  PT: ["23", "22", "16", "13", "12", "9", "6", "5", "4"],
  GB: ["20", "12.5", "5"],
  IE: ["23", "21", "13.5", "9", "4.8"],
  PL: ["23", "8", "5"],
  CZ: ["21", "20", "15", "14", "12", "10"],
  SK: ["23", "20", "19", "10", "5"],
  SE: ["25", "12", "6"],
  DK: ["25"],
  NO: ["25", "15", "12"],
  FI: ["25.5", "24", "23", "14", "13.5", "13", "10"],
  HU: ["27", "18", "5"],
  HR: ["25", "13", "5"],
  SI: ["22", "9.5", "5"],
  EL: ["24", "23", "17", "16", "13", "9", "6", "4"],
  MT: ["18", "12", "7", "5"]
}

/** Where another country's rates hold: Monaco's are France's, Liechtenstein's Switzerland's, and so on. */
const asIn: Readonly<Record<string, string>> = { MC: "FR", LI: "CH", GR: "EL", XI: "GB", IM: "GB" }

/** The seller's country as its VAT number or, less surely, its SIREN or IBAN tells. */
export const sellerCountry = (fields: InvoiceFields): string | null => {
  const prefix = fields.supplierVatNumber?.slice(0, 2) ?? (fields.supplierSiren !== null ? "FR" : fields.iban?.slice(0, 2))
  return prefix ?? null
}

/** Whether a rate exists in a country; countries that are not listed are not judged. */
export const rateExists = (country: string, rate: Money): boolean => {
  const known = rates[asIn[country] ?? country]
  return known === undefined || BigDecimal.isZero(rate) || known.some((each) => BigDecimal.equals(BigDecimal.fromStringUnsafe(each), rate))
}
