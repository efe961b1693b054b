import { Data, Duration } from "effect"
import { delayAfter } from "../domain/Backoff.ts"
import type { Failure } from "../domain/Failure.ts"
import { type JobSummary, Verdict } from "../domain/Verdict.ts"
import type { JobAttempt } from "../services/JobQueue.ts"

/** How an attempt ended, interruptions aside: those are the consumer's to tell apart. */
export type AttemptEnd = Data.TaggedEnum<{
  Succeeded: { readonly summary: JobSummary }
  Skipped: { readonly reason: string }
  /** Somebody else is at it, or it is not its time yet. */
  Waiting: { readonly after: Duration.Duration; readonly reason: string }
  Failed: { readonly failure: Failure }
}>
export const AttemptEnd = Data.taggedEnum<AttemptEnd>()

export interface Circumstances {
  readonly attempt: Pick<JobAttempt, "number" | "maxAttempts" | "backoff">
  readonly age: Duration.Duration
  readonly maxAge: Duration.Duration
  /** Between 0 and 1, for the jitter. */
  readonly random: number
}

/** Put off, unless the job has been put off for too long already. */
const postpone = (after: Duration.Duration, reason: string, { age, maxAge }: Circumstances, patience = maxAge): Verdict => {
  const limit = Duration.max(maxAge, patience)
  return Duration.isGreaterThan(age, limit)
    ? Verdict.Fail({ reason: `put off for longer than ${Duration.format(limit)}; last: ${reason}` })
    : Verdict.Postpone({ after, reason })
}

const afterFailure = (failure: Failure, circumstances: Circumstances): Verdict => {
  const reason = `${failure.code}: ${failure.message}`
  const { backoff, maxAttempts, number } = circumstances.attempt
  switch (failure.retry._tag) {
    case "Permanent":
      return Verdict.Fail({ reason })
    case "RateLimited":
      return postpone(failure.retry.after, reason, circumstances, failure.patience)
    case "Transient":
      return number < maxAttempts
        ? Verdict.Retry({ after: delayAfter(backoff, number, circumstances.random), reason })
        : Verdict.Fail({ reason: `${reason} (attempt ${number} of ${maxAttempts})` })
  }
}

/** The one place where the end of an attempt becomes what the queue is told. Pure. */
export const decideVerdict = (end: AttemptEnd, circumstances: Circumstances): Verdict =>
  AttemptEnd.$match(end, {
    Succeeded: ({ summary }) => Verdict.Complete({ summary }),
    Skipped: ({ reason }) => Verdict.Complete({ summary: { skipped: true, reason } }),
    Waiting: ({ after, reason }) => postpone(after, reason, circumstances),
    Failed: ({ failure }) => afterFailure(failure, circumstances)
  })
