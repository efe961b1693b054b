import { Context, Data, type Effect, type Scope } from "effect"
import type { InvoiceId, StorageKey, TenantId } from "../domain/ids.ts"

/** An invoice as the admin would see it in the list. */
export interface DemoInvoice {
  readonly id: InvoiceId
  readonly status: string
  readonly readingSource: string | null
  readonly supplierName: string | null
  readonly invoiceNumber: string | null
  readonly invoiceDate: string | null
  readonly dueDate: string | null
  readonly currency: string | null
  readonly amountHT: string | null
  readonly amountTVA: string | null
  readonly amountTTC: string | null
  readonly iban: string | null
  readonly confidence: number | null
  readonly needsReview: boolean | null
  readonly errorCode: string | null
  readonly errorMessage: string | null
}

export interface UploadedFile {
  readonly id: InvoiceId
  readonly key: StorageKey
  /** As the person's device called it; only shown. */
  readonly name: string
}

/** A delivery as the admin would see it. */
export interface DemoDelivery {
  readonly id: string
  readonly event: string
  readonly status: string
  readonly errorClass: string | null
}

export interface DemoSubscription {
  /** Those that were written since the subscription. */
  readonly deliveries: Effect.Effect<ReadonlyArray<DemoDelivery>, DemoApiError>
}

/** What the product's API does around the worker, for `demo`: a firm, an uploaded invoice, a look at the list. */
export class DemoApi extends Context.Service<DemoApi, {
  /** A firm of its own for demonstrations, with invoices switched on. */
  readonly openTenant: Effect.Effect<TenantId, DemoApiError>
  /** An id in the shape of the API's own. */
  readonly newInvoiceId: Effect.Effect<InvoiceId>
  /** The row of an uploaded file, in `nouveau`. */
  readonly upload: (tenantId: TenantId, file: UploadedFile) => Effect.Effect<void, DemoApiError>
  /** A webhook of the tenant's to this address, for these events; switched off again at the end of the scope. */
  readonly subscribe: (
    tenantId: TenantId,
    webhook: { readonly url: string; readonly secret: string; readonly events: ReadonlyArray<string> }
  ) => Effect.Effect<DemoSubscription, DemoApiError, Scope.Scope>
  readonly list: (tenantId: TenantId, ids: ReadonlyArray<InvoiceId>) => Effect.Effect<ReadonlyArray<DemoInvoice>, DemoApiError>
}>()("tt-worker/services/DemoApi") {}

export class DemoApiError extends Data.TaggedError("DemoApiError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `the demo's rows: ${this.detail}`
  }
}
