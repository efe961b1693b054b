import { Duration } from "effect"

/** Waits before the second attempt, the third, and so on: as in Standard Webhooks, 42 hours in all. */
export const defaultRetrySchedule: ReadonlyArray<Duration.Duration> = [
  Duration.seconds(5),
  Duration.seconds(30),
  Duration.minutes(2),
  Duration.minutes(10),
  Duration.minutes(30),
  Duration.hours(2),
  Duration.hours(5),
  Duration.hours(10),
  Duration.hours(24)
]

/** A receiver is not made to wait longer by its own `Retry-After`. */
export const longestRetryAfter = Duration.hours(24)

/** Of each wait, so much more or less: what failed together does not return together. */
const jitter = 0.1

/** More attempts, or longer waits, than these are somebody's mistake. */
const mostAttempts = 50
const longestWait = Duration.days(7)

/** A webhook's own schedule, as its row has it: seconds. The default where there is none. */
export const readRetrySchedule = (seconds: ReadonlyArray<number> | null): ReadonlyArray<Duration.Duration> =>
  seconds === null
    ? defaultRetrySchedule
    : seconds.slice(0, mostAttempts).map((wait) => Duration.min(longestWait, Duration.seconds(Math.max(0, wait))))

/**
 * The wait after the given attempt (1 is the first) has failed; null when it was the last. Never shorter than what the
 * receiver asked for; the jitter then only adds. `random` is between 0 and 1.
 */
export const waitAfter = (
  schedule: ReadonlyArray<Duration.Duration>,
  attempt: number,
  askedFor: Duration.Duration | null,
  random: number
): Duration.Duration | null => {
  const scheduled = schedule[attempt - 1]
  if (scheduled === undefined) return null
  const spread = Duration.millis(Math.round(Duration.toMillis(scheduled) * (1 - jitter + 2 * jitter * random)))
  if (askedFor === null) return spread
  const asked = Duration.min(longestRetryAfter, askedFor)
  return Duration.max(spread, Duration.sum(asked, Duration.millis(Math.round(1_000 * random))))
}
