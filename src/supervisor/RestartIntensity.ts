import { Duration } from "effect"

/** At most this many restarts within the time. */
export interface RestartLimit {
  readonly restarts: number
  readonly within: Duration.Duration
}

/** Exceeding either is too many: `burst` ends a fast loop of crashes, `sustained` one that back-off has made slow. */
export interface RestartIntensity {
  readonly burst: RestartLimit
  readonly sustained: RestartLimit
}

/** Five in ten seconds is a crash loop; twenty in ten minutes a fault that comes again and again. */
export const defaultIntensity: RestartIntensity = {
  burst: { restarts: 5, within: Duration.seconds(10) },
  sustained: { restarts: 20, within: Duration.minutes(10) }
}

/** When restarts happened, as far back as the limits look. */
export class RestartHistory {
  readonly #limits: ReadonlyArray<RestartLimit>
  readonly #longest: number
  #times: Array<number> = []

  constructor({ burst, sustained }: RestartIntensity) {
    this.#limits = [burst, sustained]
    this.#longest = Math.max(...this.#limits.map(({ within }) => Duration.toMillis(within)))
  }

  /** Counts a restart at this time (milliseconds). Answers the limit that it exceeds, if it does. A restart exactly `within` ago still counts. */
  record(now: number): RestartLimit | null {
    this.#times = [...this.#times.filter((time) => now - time <= this.#longest), now]
    return this.#limits.find(({ restarts, within }) =>
      this.#times.filter((time) => now - time <= Duration.toMillis(within)).length > restarts) ?? null
  }
}
