import { Context, Effect } from "effect"
import type { InvoiceClaim } from "../services/Invoices.ts"

/** For whom a file is read: what is paid is booked on this invoice, and kept by the content of its file. */
export interface InvoiceAtWork {
  readonly claim: InvoiceClaim
  /** Of the file, hexadecimal. */
  readonly sha256: string
}

/** null where a file is read by hand, for no invoice. */
export const InvoiceAtWork = Context.Reference<InvoiceAtWork | null>("tt-worker/paid/InvoiceAtWork", { defaultValue: () => null })

/** What runs inside is done for this invoice. */
export const forInvoice = (at: InvoiceAtWork) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, InvoiceAtWork, at)
