import { ProducerError } from "./ProducerError.ts"
import { queryRow, textIn, type Transaction } from "./Transaction.ts"

export interface InvoiceToProcess {
  readonly tenantId: string
  readonly invoiceId: string
  /** W3C trace context. */
  readonly traceparent?: string
}

export type ProcessAgainAnswer =
  /** A job is enqueued. Who clicks twice, or while the invoice is being read, gets the same generation. */
  | { readonly outcome: "asked"; readonly generation: number; readonly jobId: string }
  /** The tenant has no such invoice. */
  | { readonly outcome: "not-found" }
  /** Approved, paid or archived: nothing was changed. */
  | { readonly outcome: "belongs-to-people"; readonly status: string }

/**
 * Has an invoice read again, also a processed one; what people have set by hand stays. Each time that it was asked for
 * ends with one event, `invoice.processed` or `invoice.error`.
 */
export const processAgain = async (tx: Transaction, { invoiceId, tenantId, traceparent }: InvoiceToProcess): Promise<ProcessAgainAnswer> => {
  const row = await queryRow(
    tx,
    `SELECT outcome, status, generation::text AS generation, "jobId" FROM tt_worker.process_again($1::text, $2::text, $3::text)`,
    [tenantId, invoiceId, traceparent ?? null]
  )
  const outcome = textIn(row, "outcome")
  switch (outcome) {
    case "asked":
      return { outcome, generation: Number(textIn(row, "generation")), jobId: textIn(row, "jobId") }
    case "not-found":
      return { outcome }
    case "belongs-to-people":
      return { outcome, status: textIn(row, "status") }
    default:
      throw new ProducerError("misfit", `tt_worker.process_again answered ${outcome}, which this version does not know`)
  }
}
