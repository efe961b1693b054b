import { Data } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import { Retry } from "../../src/domain/Retry.ts"

/** No such invoice in this tenant: gone, never there, or another tenant's. The three look the same on purpose. */
export class InvoiceNotFound extends Data.TaggedError("InvoiceNotFound")<{ readonly tenantId: string; readonly invoiceId: string }> implements Failure {
  readonly code = "invoice-not-found"
  readonly retry = Retry.Permanent()
  readonly plainWords = "The invoice does not exist any more."
  override get message(): string {
    return `tenant ${this.tenantId} has no invoice ${this.invoiceId}`
  }
}
