import { Context, Data, type DateTime, Duration, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { InvoiceId, StorageKey, TenantId } from "../domain/ids.ts"
import type { Reading } from "../domain/Reading.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

/**
 * The right to work on one invoice, until it is let go or somebody takes it over. `epoch` is the fencing token:
 * it grows with every claim, every write names it, and a holder whose epoch is no longer the newest changes nothing.
 */
export interface InvoiceClaim {
  readonly tenantId: TenantId
  readonly invoiceId: InvoiceId
  readonly epoch: bigint
  readonly generation: number
}

export interface ClaimedInvoice {
  readonly claim: InvoiceClaim
  /** null when the row names no file. */
  readonly fileKey: StorageKey | null
}

export interface ClaimRequest {
  readonly generation: number
  /** The queue's id of this job: a claim that the same job holds is dead, since the queue runs a job once at a time. */
  readonly jobId: string
  /** Which process asks, for people who look at the table. */
  readonly holder: string
  readonly lease: Duration.Duration
}

export type ClaimAnswer = Data.TaggedEnum<{
  Claimed: { readonly invoice: ClaimedInvoice }
  NotFound: {}
  /** Nothing to do; `reason` is a stable word for the job's summary. */
  Skipped: { readonly reason: "already-processed" | "belongs-to-people" | "archived" }
  /** Another live job is at it; its lease ends after this long. */
  Busy: { readonly retryAfter: Duration.Duration }
}>
export const ClaimAnswer = Data.taggedEnum<ClaimAnswer>()

export type ReprocessingAnswer = Data.TaggedEnum<{
  /** The job is enqueued with this generation. */
  Asked: { readonly generation: number; readonly jobId: string }
  NotFound: {}
  /** Approved, paid, archived or in another status of people's: nothing was changed. `status` in the row's own words. */
  BelongsToPeople: { readonly status: string }
}>
export const ReprocessingAnswer = Data.taggedEnum<ReprocessingAnswer>()

export interface FailureNote {
  readonly code: string
  /** Plain words for the admin. */
  readonly sentence: string
}

/**
 * The `invoices` table and the worker's own record beside it. Every write checks tenant, expected status and
 * epoch in one statement; all clocks are the database's.
 */
export class Invoices extends Context.Service<Invoices, {
  /** Takes the invoice and moves it to `processing`, or says why not. */
  readonly claim: (tenantId: TenantId, invoiceId: InvoiceId, request: ClaimRequest) => Effect.Effect<ClaimAnswer, InvoicesError>
  /** Says that the holder is alive. Fails with `ClaimLost` when somebody took over. */
  readonly renew: (claim: InvoiceClaim, lease: Duration.Duration) => Effect.Effect<void, InvoicesError>
  /** Writes the fields and `processed` in one transaction. What people set by hand meanwhile stays. */
  readonly complete: (claim: InvoiceClaim, reading: Reading, sha256: string) => Effect.Effect<void, InvoicesError>
  /** `error`, with the reason; the claim ends. */
  readonly fail: (claim: InvoiceClaim, note: FailureNote) => Effect.Effect<void, InvoicesError>
  /** Stays `processing`, records the last error and when the next attempt comes; the claim ends. */
  readonly noteRetry: (claim: InvoiceClaim, note: FailureNote, next: DateTime.Utc) => Effect.Effect<void, InvoicesError>
  /** Lets go without a verdict, so that another replica can take it at once. */
  readonly release: (claim: InvoiceClaim) => Effect.Effect<void, InvoicesError>
  /**
   * Puts back to `nouveau` what an earlier attempt left in `processing`, unless somebody is at it: its work is not to be
   * done now. Records the reason (a stable word) and the time.
   */
  readonly setAside: (tenantId: TenantId, invoiceId: InvoiceId, reason: string) => Effect.Effect<void, InvoicesError>
  /**
   * Raises the generation, so that a processed invoice may be read again, unless it belongs to people by now, and
   * enqueues the job for it: both in one transaction. With `askAgain` a paid model is asked again, rather than its kept
   * answer used.
   */
  readonly requestReprocessing: (tenantId: TenantId, invoiceId: InvoiceId, options?: { readonly askAgain: boolean }) => Effect.Effect<ReprocessingAnswer, InvoicesError>
}>()("tt-worker/services/Invoices") {}

export type InvoicesReason = Data.TaggedEnum<{
  /** The claim is no longer this holder's, or a person decided meanwhile: nothing was written. */
  ClaimLost: {}
  Unavailable: {}
  /** The database does not look as it must; the detail names what to do. */
  Misfit: {}
}>
export const InvoicesReason = Data.taggedEnum<InvoicesReason>()

export class InvoicesError
  extends Data.TaggedError("InvoicesError")<{ readonly invoiceId: string; readonly reason: InvoicesReason; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `invoice ${this.invoiceId}: ${this.detail}`
  }
  get code(): string {
    return InvoicesReason.$match(this.reason, {
      ClaimLost: () => "claim-lost",
      Unavailable: () => "database-unavailable",
      Misfit: () => "database-misfit"
    })
  }
  get retry(): Retry {
    return InvoicesReason.$match(this.reason, {
      // Looked at again soon: the row then says whether there is anything left to do.
      ClaimLost: () => Retry.RateLimited({ after: Duration.seconds(1) }),
      Unavailable: () => Retry.RateLimited({ after: databasePause }),
      Misfit: () => Retry.Permanent()
    })
  }
  get plainWords(): string {
    return "The invoice could not be saved because of a fault on our side. Please have it processed again later."
  }
}
