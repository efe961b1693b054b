import { Effect, type Result, Schema } from "effect"
import { InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import { type EInvoiceError, readEInvoice } from "../../src/reading/eInvoice.ts"

const encode = Schema.encodeSync(InvoiceFields)

/** The fields as they cross to the parent (decimals as text), or why there are none. */
export const eInvoiceInChild = (xml: Uint8Array): Result.Result<typeof InvoiceFields.Encoded, EInvoiceError> =>
  Effect.runSync(Effect.result(Effect.map(readEInvoice(xml), encode)))
