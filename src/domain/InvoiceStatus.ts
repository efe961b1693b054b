import { Schema } from "effect"

/**
 * `nouveau` → `processing` → `processed` | `error`, by the worker; `approved` and `paid`, by people. Archiving is a
 * flag beside it. Other statuses that the product may add belong to people: the worker leaves them alone.
 */
export const InvoiceStatus = Schema.Literals(["nouveau", "processing", "processed", "error", "approved", "paid"])
export type InvoiceStatus = typeof InvoiceStatus.Type

/** What is known of an invoice when a job for it arrives. */
export interface InvoiceState {
  /** As the row says; may be one that this worker does not know. */
  readonly status: string
  readonly archived: boolean
  /** Somebody else is at work on it and was alive a moment ago. */
  readonly claimedByOther: boolean
  /** The generation that the job asks for; 1 unless somebody asked again on purpose. */
  readonly askedGeneration: number
  /** The last generation that ended in `processed`; 0 if none did. */
  readonly processedGeneration: number
}

export type RunDecision = "run" | "wait-for-other" | "already-processed" | "belongs-to-people" | "archived"

/**
 * Whether a job may run on an invoice. The same job delivered twice has the effect of one; what a person has
 * approved, paid or archived is never touched; only a new generation reopens `processed`.
 */
export const decideRun = (invoice: InvoiceState): RunDecision => {
  if (invoice.archived) return "archived"
  switch (invoice.status) {
    case "nouveau":
    case "error":
      return invoice.claimedByOther ? "wait-for-other" : "run"
    case "processing":
      return invoice.claimedByOther ? "wait-for-other" : "run"
    case "processed":
      return invoice.askedGeneration > Math.max(1, invoice.processedGeneration) ? "run" : "already-processed"
    default:
      return "belongs-to-people"
  }
}
