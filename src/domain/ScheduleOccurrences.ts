import { DateTime, Option } from "effect"
import type { ScheduleSpec } from "./ScheduleSpec.ts"
import { spreadOffset } from "./ScheduleSpread.ts"
import { compileCron, countOfCron, nextOfCron, type ZonedCron } from "./ZonedCron.ts"

/** A spec with all that is decided once: what the key says, and the cron read. Instants are epoch milliseconds. */
interface Grid {
  readonly next: (after: number) => Option.Option<number>
  /** Occurrences after `after`, `until` included. */
  readonly count: (after: number, until: number) => number
}

const intervalGrid = (period: number, phase: number): Grid => {
  const index = (instant: number) => Math.floor((instant - phase) / period)
  return {
    next: (after) => Option.some((index(after) + 1) * period + phase),
    count: (after, until) => Math.max(0, index(until) - index(after))
  }
}

const cronGrid = (cron: ZonedCron): Grid => ({
  next: (after) => nextOfCron(cron, after),
  count: (after, until) => countOfCron(cron, after, until)
})

const never: Grid = { next: () => Option.none(), count: () => 0 }

const gridOf = (spec: ScheduleSpec, key: string): Grid => {
  switch (spec.type) {
    case "interval": {
      const period = spec.everySeconds * 1000
      return intervalGrid(period, spec.spread ? spreadOffset(key, period) : 0)
    }
    case "cron":
      return Option.match(compileCron(spec.cron, spec.timeZone), { onNone: () => never, onSome: cronGrid })
  }
}

/**
 * The first time after `after` at which a schedule with this key runs; none when it never runs again. It depends on
 * nothing else: not on when somebody looked, nor on when the schedule was registered.
 */
export const nextOccurrence = (spec: ScheduleSpec, key: string, after: DateTime.Utc): Option.Option<DateTime.Utc> =>
  Option.map(gridOf(spec, key).next(DateTime.toEpochMillis(after)), (millis) => DateTime.makeUnsafe(millis))

/** How many runs fall after `after`, `until` included. */
export const countOccurrences = (spec: ScheduleSpec, key: string, after: DateTime.Utc, until: DateTime.Utc): number =>
  gridOf(spec, key).count(DateTime.toEpochMillis(after), DateTime.toEpochMillis(until))

/** The runs after `after`, `until` included, oldest first: at most the first `limit`. */
export const missedOccurrences = (
  spec: ScheduleSpec,
  key: string,
  after: DateTime.Utc,
  until: DateTime.Utc,
  limit: number
): ReadonlyArray<DateTime.Utc> => {
  const found: Array<DateTime.Utc> = []
  let at = nextOccurrence(spec, key, after)
  while (found.length < limit && Option.isSome(at) && DateTime.isLessThanOrEqualTo(at.value, until)) {
    found.push(at.value)
    at = nextOccurrence(spec, key, at.value)
  }
  return found
}

/**
 * The `nth` newest run (1 is the newest) after `after`, `until` included, where there are that many: found by halving
 * the time, so that a year of missed minutes is not walked through.
 */
export const newestOccurrence = (spec: ScheduleSpec, key: string, after: DateTime.Utc, until: DateTime.Utc, nth = 1): Option.Option<DateTime.Utc> => {
  const { count, next } = gridOf(spec, key)
  let [low, high] = [DateTime.toEpochMillis(after), DateTime.toEpochMillis(until)]
  const end = high
  if (count(low, end) < nth) return Option.none()
  // It is mostly near: what is counted again and again is kept short.
  let reach = 1000
  while (end - reach > low && count(end - reach, end) < nth) reach *= 4
  low = Math.max(low, end - reach)
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    if (count(middle, end) >= nth) low = middle
    else high = middle
  }
  return Option.map(next(low), (millis) => DateTime.makeUnsafe(millis))
}
