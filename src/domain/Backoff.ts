import { Duration } from "effect"
import { RECOMMENDED_JOB_OPTIONS } from "../contract/index.ts"

/** How long to wait between attempts, as BullMQ's job options say it. */
export interface Backoff {
  readonly type: "fixed" | "exponential"
  readonly delay: Duration.Duration
  /** 0 to 1: the part of the delay that is left to chance, so that jobs that failed together do not return together. */
  readonly jitter: number
}

/** For jobs that were added without a back-off of their own. */
export const defaultBackoff: Backoff = {
  type: RECOMMENDED_JOB_OPTIONS.backoff.type,
  delay: Duration.millis(RECOMMENDED_JOB_OPTIONS.backoff.delay),
  jitter: RECOMMENDED_JOB_OPTIONS.backoff.jitter
}

/** Doubling stops here: nobody waits hours for an invoice that failed at noon. */
export const maxBackoff = Duration.minutes(10)

/** The wait after the given attempt (1 is the first) has failed; `random` is between 0 and 1. */
export const delayAfter = (backoff: Backoff, attempt: number, random: number): Duration.Duration => {
  const base = Duration.toMillis(backoff.delay)
  const grown = backoff.type === "fixed" ? base : base * 2 ** Math.min(30, Math.max(0, attempt - 1))
  const capped = Math.min(grown, Math.max(base, Duration.toMillis(maxBackoff)))
  return Duration.millis(Math.round(capped * (1 - backoff.jitter) + capped * backoff.jitter * random))
}
