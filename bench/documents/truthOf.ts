import { format } from "../../src/domain/Money.ts"
import { totals } from "../../test/support/samples/Invoice.ts"
import type { LaidOut } from "./layout/layOut.ts"
import type { Paper } from "./Paper.ts"

/** What a reader should find, in the form of `truth.jsonl`. */
export const truthOf = (paper: Paper, { shows }: LaidOut) => {
  const { country, invoice } = paper
  const { ht, ttc, tva } = totals(invoice)
  return {
    fields: {
      supplierName: invoice.supplier.name,
      invoiceNumber: invoice.number,
      invoiceDate: invoice.date,
      dueDate: shows.due ? invoice.dueDate : null,
      currency: country.currency,
      amountHT: format(ht),
      amountTVA: format(tva),
      amountTTC: format(ttc),
      iban: shows.iban ? invoice.supplier.iban : null
    },
    visible: { supplierName: true, invoiceNumber: true, invoiceDate: true, dueDate: shows.due, currency: true, amountHT: shows.net, amountTVA: shows.vat, amountTTC: true, iban: shows.iban }
  }
}
