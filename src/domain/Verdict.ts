import { Data, type Duration } from "effect"

/** What a finished job keeps as its return value in the queue: a few words, never invoice data. */
export type JobSummary = Readonly<Record<string, string | number | boolean | null>>

/**
 * What the queue is told after an attempt.
 *
 * - `Complete`: done, or nothing to do.
 * - `Retry`: failed, attempts left; again after the back-off.
 * - `Postpone`: again later, without using up an attempt.
 * - `GiveBack`: interrupted by a shutdown; back in line at once, no attempt used.
 * - `Abandon`: the lock is lost; nothing is written and nothing moved, the stalled check returns the job.
 * - `Fail`: no more attempts; stays in the failed list with this reason.
 *
 * `trace` is the W3C trace context of the attempt: it is kept with the job, for the next attempt and for people who look
 * at it.
 */
export type Verdict = Data.TaggedEnum<{
  Complete: { readonly summary: JobSummary; readonly trace?: string }
  Retry: { readonly after: Duration.Duration; readonly reason: string; readonly trace?: string }
  Postpone: { readonly after: Duration.Duration; readonly reason: string; readonly trace?: string }
  GiveBack: {}
  Abandon: {}
  Fail: { readonly reason: string; readonly trace?: string }
}>
export const Verdict = Data.taggedEnum<Verdict>()
