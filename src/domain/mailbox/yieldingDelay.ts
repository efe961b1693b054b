import { Duration } from "effect"

/** So many mailed invoices in ten minutes are read at once, like people's uploads. */
const atOnce = 20
const apart = Duration.seconds(2)
const atMost = Duration.minutes(30)

/**
 * How long a mailed invoice waits before it is read, where `earlier` others of its tenant came in the last ten minutes:
 * a flood of mail comes in drops, between which what people upload goes first.
 */
export const yieldingDelay = (earlier: number): Duration.Duration =>
  earlier < atOnce ? Duration.zero : Duration.min(atMost, Duration.times(apart, earlier - atOnce + 1))
