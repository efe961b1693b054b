import { Duration } from "effect"

/** Providers lock accounts after 5 to 10 wrong passwords. */
const triesInAll = 4
const waits = [Duration.minutes(15), Duration.hours(1), Duration.hours(6)]

export interface RefusalAnswer {
  readonly paused: boolean
  /** Until the next try. */
  readonly pause: Duration.Duration | null
  readonly sentence: string
}

/**
 * What follows from a refused login after `before` others in a row. Each is told to the admin with the tries that are
 * left; after the last the sync pauses until the credentials change. `what` is "the password was refused by …".
 */
export const afterRefusal = (before: number, what: string): RefusalAnswer => {
  const left = triesInAll - before - 1
  return left > 0
    ? { paused: false, pause: waits[before] ?? null, sentence: `${what}; ${left} more ${left === 1 ? "try" : "tries"}, then the sync pauses so that the account is not locked` }
    : { paused: true, pause: null, sentence: `${what} ${triesInAll} times; the sync is paused so that the account is not locked. Please enter the login again` }
}
