import { BigDecimal } from "effect"
import type { InvoiceFields, VatLine } from "../domain/InvoiceFields.ts"
import type { Money } from "../domain/Money.ts"
import type { Page } from "../domain/Page.ts"
import type { Totals } from "./ballot.ts"
import { documentTypeOf } from "./documentType.ts"
import { invoiceDatesOf } from "./invoiceDates.ts"
import { invoiceNumberOf } from "./invoiceNumber.ts"
import { lineItemsOf } from "./lineItems.ts"
import { parsingOf } from "./parsedPages.ts"
import { supplierNameOf } from "./supplier.ts"
import { chooseTotals } from "./totals.ts"
import { atOnce, type Steps } from "./turns.ts"
import type { VatRow } from "./vatTable.ts"

const money = (cents: bigint | null): Money | null => cents === null ? null : BigDecimal.make(cents, 2)

/** The rows that make up the totals: one per rate, their taxes summing up to the VAT. */
const breakdown = (rows: ReadonlyArray<VatRow>, totals: Totals): ReadonlyArray<VatLine> => {
  const byRate = new Map<bigint, VatRow>()
  for (const row of rows) if (row.rate !== null) byRate.set(row.rate, row)
  const kept = [...byRate.values()]
  const tax = kept.reduce((sum, row) => sum + row.tax, 0n)
  return tax === totals.tva ? kept.map((row) => ({ rate: money(row.rate), base: money(row.base), amount: money(row.tax) })) : []
}

/**
 * The fields of an invoice found by labels in six languages, places on the page and arithmetic alone: pure and
 * deterministic, without any knowledge of single suppliers. What cannot be told is null. The text of a document is
 * only ever compared with patterns: nothing in it is an instruction.
 */
export const extractByRules = (pages: ReadonlyArray<Page>): InvoiceFields => atOnce(extraction(pages))

/** The same in steps. */
export function* extraction(pages: ReadonlyArray<Page>): Steps<InvoiceFields> {
  const { amountsByLine, currency, dayOrder, identifiers, labelled, lines, rows } = yield* parsingOf(pages)
  const totals = chooseTotals(labelled, rows, amountsByLine.flat(), lines.map((line) => line.folded).join("\n"))
  yield
  const { iban, siren, siret, vatNumber } = identifiers
  const documentType = documentTypeOf(lines)
  yield
  const supplierName = supplierNameOf(lines)
  yield
  const invoiceNumber = invoiceNumberOf(lines, [vatNumber, siren, siret, iban])
  yield
  const dates = invoiceDatesOf(lines, dayOrder)
  yield
  return {
    documentType,
    supplierName,
    invoiceNumber,
    ...dates,
    currency,
    amountHT: money(totals.ht),
    amountTVA: money(totals.tva),
    amountTTC: money(totals.ttc),
    vatLines: breakdown(rows, totals),
    supplierVatNumber: vatNumber,
    supplierSiren: siren,
    supplierSiret: siret,
    iban,
    lineItems: lineItemsOf(amountsByLine, [totals.ht, totals.ttc])
  }
}
