import { BigDecimal } from "effect"
import type { InvoiceFields, VatLine } from "../domain/InvoiceFields.ts"
import type { Money } from "../domain/Money.ts"
import type { Page } from "../domain/Page.ts"
import { distinct, type Totals } from "./ballot.ts"
import { documentTypeOf } from "./documentType.ts"
import { invoiceDatesOf } from "./invoiceDates.ts"
import { invoiceNumberOf } from "./invoiceNumber.ts"
import { lineItemsOf } from "./lineItems.ts"
import { parsingOf } from "./parsedPages.ts"
import { supplierNameOf } from "./supplier.ts"
import { chooseTotals } from "./totals.ts"
import type { LineAmount } from "./lineAmounts.ts"
import { atOnce, type Steps } from "./turns.ts"
import { isRateOf, type VatRow } from "./vatTable.ts"

const money = (cents: bigint | null): Money | null => cents === null ? null : BigDecimal.make(cents, 2)

const sumOf = (values: ReadonlyArray<bigint>): bigint => values.reduce((sum, value) => sum + value, 0n)

/** Amounts that a row's tax may be worked out of: beside the base the same before a discount, which comes to the same cents. */
const basesOf = (row: VatRow, amountsByLine: ReadonlyArray<ReadonlyArray<LineAmount>>): ReadonlyArray<bigint> => {
  const line = row.amounts[0]?.line.index
  const others = (line === undefined ? [] : amountsByLine[line] ?? []).filter((amount) => amount.decimals === 2 && row.rate !== null && isRateOf(row.rate, amount.cents, row.tax))
  return distinct([row.base, ...others.map((amount) => amount.cents)], String)
}

/** One base a row, so that they add up to HT where they can; else the rows' own. */
const fittingBases = (choices: ReadonlyArray<ReadonlyArray<bigint>>, ht: bigint | null): ReadonlyArray<bigint> => {
  const all = choices.slice(0, 6).reduce<ReadonlyArray<ReadonlyArray<bigint>>>((before, own) => before.flatMap((bases) => own.slice(0, 3).map((base) => [...bases, base])), [[]])
  return all.find((bases) => ht !== null && sumOf(bases) === ht) ?? choices.map(([own = 0n]) => own)
}

/** The rows that make up the totals: one per rate, their taxes summing up to the VAT. */
const breakdown = (rows: ReadonlyArray<VatRow>, totals: Totals, amountsByLine: ReadonlyArray<ReadonlyArray<LineAmount>>): ReadonlyArray<VatLine> => {
  const byRate = new Map<bigint, VatRow>()
  for (const row of rows) if (row.rate !== null) byRate.set(row.rate, row)
  const kept = [...byRate.values()]
  if (sumOf(kept.map((row) => row.tax)) !== totals.tva) return []
  const bases = fittingBases(kept.map((row) => basesOf(row, amountsByLine)), totals.ht)
  return kept.map((row, index) => ({ rate: money(row.rate), base: money(bases[index] ?? row.base), amount: money(row.tax) }))
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
    vatLines: breakdown(rows, totals, amountsByLine),
    supplierVatNumber: vatNumber,
    supplierSiren: siren,
    supplierSiret: siret,
    iban,
    lineItems: lineItemsOf(amountsByLine, [totals.ht, totals.ttc])
  }
}
