import type { DateTime, Duration, Effect, Schema } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { Failure } from "../domain/Failure.ts"
import type { JobSummary } from "../domain/Verdict.ts"
import type { JobAttempt } from "../services/JobQueue.ts"

/** How opening a job ended. `Held` is what the program works on: a claimed row, for most. */
export type Opening<Held> =
  | { readonly _tag: "Held"; readonly held: Held }
  /** Nothing to do: the job completes with this reason. */
  | { readonly _tag: "Skip"; readonly reason: string }
  /** Not now: the job is put off without using up an attempt. */
  | { readonly _tag: "Wait"; readonly after: Duration.Duration; readonly reason: string }

export const Opening = {
  held: <Held>(held: Held): Opening<Held> => ({ _tag: "Held", held }),
  skip: (reason: string): Opening<never> => ({ _tag: "Skip", reason }),
  wait: (after: Duration.Duration, reason: string): Opening<never> => ({ _tag: "Wait", after, reason })
}

/** A failure as it is recorded where the admin sees it. */
export interface FailureRecord {
  readonly code: string
  readonly plainWords: string
}

/**
 * What runs for one queue. The attempt calls `open`, then `work`, and then exactly one of: nothing (it went well),
 * `noteRetry`, `giveUp`, or `release` (interrupted). What is held is let go in each case. Where `open` has failed for
 * good, `refuse` is all that follows.
 */
export interface Program<JobData, Held, E extends Failure, R> {
  readonly queue: QueueName
  readonly schema: Schema.Codec<JobData, unknown>
  /** Most time for `work`; then it is interrupted and the attempt counts as failed. The other steps have `stepLimit`. */
  readonly timeLimit: Duration.Duration
  /** A job that is put off again and again fails when it is older than this. */
  readonly maxAge: Duration.Duration
  /** Ids that go on the attempt's span and log lines. */
  readonly identify: (data: JobData) => Readonly<Record<string, string>>
  readonly open: (data: JobData, attempt: JobAttempt) => Effect.Effect<Opening<Held>, E, R>
  /** The last word on a row when `open` has failed for good, so that nothing is held: closed with the reason, where there is one. */
  readonly refuse?: (data: JobData, attempt: JobAttempt, failure: Failure) => Effect.Effect<void, E, R>
  readonly work: (held: Held) => Effect.Effect<JobSummary, E, R>
  /** The last word on a row: closed with the reason. */
  readonly giveUp: (held: Held, record: FailureRecord) => Effect.Effect<void, E, R>
  /** Records the error of this attempt and when the next one comes. */
  readonly noteRetry: (held: Held, record: FailureRecord, next: DateTime.Utc) => Effect.Effect<void, E, R>
  /** Lets go without a verdict. */
  readonly release: (held: Held) => Effect.Effect<void, E, R>
}
