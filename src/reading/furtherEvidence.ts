import type { InvoiceFields, JudgedField, LineItem, ProvenField } from "../domain/InvoiceFields.ts"
import { type Money, toCents } from "../domain/Money.ts"
import type { Page } from "../domain/Page.ts"
import type { Evidence, ReadingSource } from "../domain/Reading.ts"
import { findAmount, inCells, type Place } from "./evidence.ts"
import { union } from "./lines.ts"
import type { ParsedPages } from "./parsedPages.ts"
import { inOwnFrame } from "./upright.ts"

/** Check digits or arithmetic have proved what was found by rules; what a model claims is found on the page or doubted. */
const sure = { eInvoice: 0.995, found: 0.99, notFound: 0.5 }

const compact = (text: string): string => text.replace(/[\s.\-/]/g, "").toUpperCase()

const numberPlace = (parsed: ParsedPages, number: string | null): Place | null => number === null ? null : inCells(parsed.lines, number, compact)

const isMoney = (value: Money | null): value is Money => value !== null

/** An item's amount in its own row: where quantity or description stand beside it. */
const itemPlace = (parsed: ParsedPages, { amount, description }: LineItem): Place | null => {
  const cents = amount === null ? null : toCents(amount).value
  const row = parsed.amountsByLine.flat().find((candidate) => candidate.cents === cents && candidate.line.cells.some((cell) => cell.text.includes(description)))
  return row === undefined ? amount === null ? null : findAmount(parsed, amount, ["other"]) : { page: row.line.page, box: row.box, legibility: 1 }
}

/** The box around all values of a table, where all of them stand on one page. */
const tablePlace = (places: ReadonlyArray<Place | null>): Place | null => {
  const [first] = places
  if (first === null || first === undefined) return null
  const onPage = places.flatMap((place) => place !== null && place.page === first.page ? [place] : [])
  return onPage.length < places.length ? null : { page: first.page, box: union(onPage.map((place) => place.box)), legibility: Math.min(...onPage.map((place) => place.legibility)) }
}

/** Where the supplier's numbers, the breakdown of VAT and the items stand; known ones that stand nowhere say so. */
export const furtherEvidence = (source: ReadingSource, fields: InvoiceFields, parsed: ParsedPages, pages: ReadonlyArray<Page>): Evidence => {
  const found: ReadonlyArray<readonly [Exclude<ProvenField, JudgedField>, isKnown: boolean, Place | null]> = [
    ["supplierVatNumber", fields.supplierVatNumber !== null, numberPlace(parsed, fields.supplierVatNumber)],
    ["supplierSiren", fields.supplierSiren !== null, numberPlace(parsed, fields.supplierSiren)],
    ["supplierSiret", fields.supplierSiret !== null, numberPlace(parsed, fields.supplierSiret)],
    ["vatLines", fields.vatLines.length > 0, tablePlace(fields.vatLines.flatMap(({ amount, base }) => [base, amount]).filter(isMoney).map((value) => findAmount(parsed, value, ["tva", "base", "ht"])))],
    ["lineItems", fields.lineItems.length > 0, tablePlace(fields.lineItems.map((item) => itemPlace(parsed, item)))]
  ]
  return Object.fromEntries(found.filter(([, isKnown]) => isKnown).map(([field, , place]) => {
    const page = pages.find((candidate) => candidate.number === place?.page)
    const confidence = source === "e-invoice" ? sure.eInvoice : place === null ? sure.notFound : sure.found
    return [field, {
      confidence,
      value: field === "vatLines" || field === "lineItems" ? null : fields[field],
      page: place?.page ?? null,
      box: place === null ? null : page === undefined ? place.box : inOwnFrame(place.box, page),
      pageSize: page === undefined ? null : { width: page.width, height: page.height }
    }]
  }))
}
