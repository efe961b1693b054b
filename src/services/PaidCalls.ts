import { Context, Data, Duration, Effect, Layer } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { ProviderEngine, ProviderUsage } from "../domain/ProviderEngine.ts"
import { databasePause, Retry } from "../domain/Retry.ts"
import type { InvoiceClaim } from "./Invoices.ts"

/** What an answer is kept by: tenant, content of the file, step, engine (its prompt's version included) and input. */
export interface PaidStepKey {
  readonly claim: InvoiceClaim
  /** Of the file, hexadecimal. */
  readonly sha256: string
  /** "recognition", "extraction", "repair"; with the pages where a step takes several calls. */
  readonly step: string
  readonly engine: ProviderEngine
  /** What else went into the question, such as who recognised the text. */
  readonly input: string
  /** Asked again on purpose (`reprocess --ask-again`), an answer from before does not count. */
  readonly canBeAskedAgain: boolean
}

/** `reserve` and `monthlyLimit` in millionths of a US dollar; a limit of null is none. */
export interface PaidCallRequest extends PaidStepKey {
  readonly reserve: number
  readonly monthlyLimit: number | null
}

export type PaidCallOpening = Data.TaggedEnum<{
  /** Answered before, by a call for the same file of the same tenant. */
  Known: { readonly answer: string }
  /** Reserved and recorded: now it may be made. */
  Begun: { readonly callId: string }
  /** Another job makes this very call. */
  Busy: { readonly after: Duration.Duration }
  /** The tenant's monthly limit leaves no room for it. `until` is the time left in the month. */
  OverLimit: { readonly until: Duration.Duration }
  /** The tenant's `processing` setting keeps its documents from this provider. */
  KeptAway: { readonly processing: "eu-only" | "offline" }
}>
export const PaidCallOpening = Data.taggedEnum<PaidCallOpening>()

export interface PaidCallResult {
  /** As JSON, for the next time. */
  readonly answer: string
  /** Whether it counts for every invoice with this file; a refusal counts for this invoice's job only, so that whoever asks again gets another. */
  readonly isGood: boolean
  readonly usage: ProviderUsage
  /** In millionths of a US dollar. */
  readonly cost: number
}

/**
 * The book of what is asked of paid providers: no answer is paid for twice, and what was paid is exact over retries and
 * crashes. Each change of a call, of its month's sums and of the kept answer is one transaction. The clock, and so the
 * month (UTC), is the database's.
 */
export class PaidCalls extends Context.Service<PaidCalls, {
  /** The kept answer, where there is one, or why the provider may not be asked; null: it may, as far as that goes. */
  readonly look: (key: PaidStepKey) => Effect.Effect<Extract<PaidCallOpening, { readonly _tag: "Known" | "KeptAway" }> | null, PaidCallsError>
  /** Reserves the cost and records that the call is made, or says why it is not to be made. */
  readonly begin: (request: PaidCallRequest) => Effect.Effect<PaidCallOpening, PaidCallsError>
  /** Keeps the answer and puts the cost in place of the reservation. */
  readonly answered: (key: PaidStepKey, callId: string, result: PaidCallResult) => Effect.Effect<void, PaidCallsError>
  /** Gives the reservation back; when it is not certain that nothing was done (and billed), it stays counted. */
  readonly failed: (key: PaidStepKey, callId: string, end: { readonly code: string; readonly mayBeBilled: boolean }) => Effect.Effect<void, PaidCallsError>
  /** Who read the invoice at this step, where it was no paid provider. */
  readonly noteReader: (key: Pick<PaidStepKey, "claim" | "sha256" | "step">, reader: string) => Effect.Effect<void, PaidCallsError>
}>()("tt-worker/services/PaidCalls") {
  /** Keeps no book: for reading files by hand, where there is no database. */
  static readonly none: Layer.Layer<PaidCalls> = Layer.succeed(PaidCalls, {
    look: () => Effect.succeed(null),
    begin: () => Effect.succeed(PaidCallOpening.Begun({ callId: "" })),
    answered: () => Effect.void,
    failed: () => Effect.void,
    noteReader: () => Effect.void
  })
}

export type PaidCallsReason = Data.TaggedEnum<{
  Busy: { readonly after: Duration.Duration }
  MonthlyLimit: { readonly until: Duration.Duration }
  Unavailable: {}
  Misfit: {}
}>
export const PaidCallsReason = Data.taggedEnum<PaidCallsReason>()

/** A limit that was raised by hand is noticed after this long. */
const limitPause = Duration.hours(2)
/** The longest month, and the day that any job has. */
const limitPatience = Duration.days(32)

/** A paid call was not made, or its book could not be kept. */
export class PaidCallsError
  extends Data.TaggedError("PaidCallsError")<{ readonly reason: PaidCallsReason; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `paid calls: ${this.detail}`
  }
  get code(): string {
    return PaidCallsReason.$match(this.reason, {
      Busy: () => "same-file-at-work",
      MonthlyLimit: () => "monthly-limit",
      Unavailable: () => "database-unavailable",
      Misfit: () => "database-misfit"
    })
  }
  get retry(): Retry {
    return PaidCallsReason.$match(this.reason, {
      Busy: ({ after }) => Retry.RateLimited({ after }),
      MonthlyLimit: ({ until }) => Retry.RateLimited({ after: Duration.min(until, limitPause) }),
      Unavailable: () => Retry.RateLimited({ after: databasePause }),
      Misfit: () => Retry.Permanent()
    })
  }
  get patience(): Duration.Duration | undefined {
    return this.reason._tag === "MonthlyLimit" ? limitPatience : undefined
  }
  get plainWords(): string {
    return PaidCallsReason.$match(this.reason, {
      Busy: () => "Another invoice with the very same file is being read at this moment. It will be tried again by itself.",
      MonthlyLimit: () =>
        "This month's budget for the automatic reading is used up. Please have the limit raised and the invoice processed again, or enter it by hand.",
      Unavailable: () => "The invoice could not be read because of a fault on our side. Please have it processed again later.",
      Misfit: () => "The invoice could not be read because of a fault on our side. Please have it processed again later."
    })
  }
}
