import { Context, Data, type Effect } from "effect"

/** What a tenant used of one provider and model in a month (UTC). Costs in millionths of a US dollar, estimated. */
export interface MonthlyUsage {
  readonly tenantId: string
  /** "2026-11". */
  readonly month: string
  readonly provider: string
  readonly model: string
  readonly region: string
  /** Calls that were answered, that failed without being billed, and that broke off: nobody knows whether they were billed. */
  readonly answered: number
  readonly failed: number
  readonly uncertain: number
  readonly pages: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: number
  /** Of calls under way. */
  readonly reserved: number
  /** At most so much more, for those that broke off. */
  readonly uncertainCost: number
}

/** One call for an invoice. */
export interface InvoiceUsage {
  readonly step: string
  readonly provider: string
  readonly model: string
  readonly region: string
  readonly state: string
  readonly pages: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

/** Who read an invoice at a step, and whether an answer from before was used. Model and region are null offline. */
export interface InvoiceReader {
  readonly step: string
  readonly provider: string
  readonly model: string | null
  readonly region: string | null
  readonly reused: boolean
}

/** What the book of paid calls says. */
export class Usage extends Context.Service<Usage, {
  /** By tenant, provider and model; of one tenant where it is named. */
  readonly month: (month: string, tenantId: string | null) => Effect.Effect<ReadonlyArray<MonthlyUsage>, UsageError>
  readonly invoice: (tenantId: string, invoiceId: string) => Effect.Effect<{ readonly calls: ReadonlyArray<InvoiceUsage>; readonly readers: ReadonlyArray<InvoiceReader> }, UsageError>
}>()("tt-worker/services/Usage") {}

export class UsageError extends Data.TaggedError("UsageError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `usage: ${this.detail}`
  }
}
