import type { Warning } from "../domain/Reading.ts"
import { editDistance, fold } from "./text.ts"

/** What tells a supplier: registers' numbers for certain, the name nearly so. */
export interface SupplierMarks {
  readonly supplierName: string | null
  readonly supplierSiren: string | null
  readonly supplierVatNumber: string | null
}

/** Legal forms are printed, shortened or left out as it comes. */
const legalForm = /\b(s\.?a\.?r\.?l|s\.?a\.?s\.?u?|e\.?u\.?r\.?l|s\.?n\.?c|s\.?c\.?i|s\.?a|gmbh|mbh|ug|ag|kg|ohg|gbr|e\.?k|e\.?v|co|ltd|limited|llc|inc|plc|b\.?v|n\.?v|bvba|sprl|srl|s\.?l|s\.?r\.?l|s\.?p\.?a)\b\.?/g

const nameKey = (name: string): string => {
  const folded = fold(name)
  return folded.replace(legalForm, " ").replace(/[^a-z0-9]/g, "") || folded.replace(/[^a-z0-9]/g, "")
}

/** Names as recognition and people write them: a letter may be off, a part may be missing. */
const isSameName = (a: string, b: string): boolean => {
  const [x, y] = [nameKey(a), nameKey(b)]
  const [short, long] = x.length < y.length ? [x, y] : [y, x]
  if (short === "") return false
  return short === long || short.length >= 6 && long.includes(short) || short.length >= 8 && editDistance(short, long, 1) <= 1
}

/** Whether two invoices come from the same supplier, as far as they tell. */
export const isSameSupplier = (a: SupplierMarks, b: SupplierMarks): boolean =>
  a.supplierSiren !== null && a.supplierSiren === b.supplierSiren ||
  a.supplierVatNumber !== null && a.supplierVatNumber === b.supplierVatNumber ||
  a.supplierName !== null && b.supplierName !== null && isSameName(a.supplierName, b.supplierName)

/** The same supplier and number stand on another invoice of the tenant. Nothing is merged: a person decides. */
export const possibleDuplicate = (otherInvoice: string, isSameFile: boolean): Warning => ({
  code: "possible-duplicate",
  field: "invoiceNumber",
  message: isSameFile
    ? `The same file was read as invoice ${otherInvoice} already.`
    : `Invoice ${otherInvoice} has the same supplier and the same number: this may be the same invoice once more.`
})
