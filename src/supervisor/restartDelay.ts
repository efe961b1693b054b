import { Duration } from "effect"

/** How long a crashed child waits for its next start. */
export interface RestartBackoff {
  /** After the first crash; it doubles with each one that follows. */
  readonly base: Duration.Duration
  /** The longest wait. A child that ran for as long as this begins at `base` again. */
  readonly cap: Duration.Duration
  /** 0 to 1: the part of the wait that is left to chance, so that what fell together does not rise together. */
  readonly jitter: number
}

/** The wait after this many crashes in a row (1 is the first); `random` is between 0 and 1. Never above the cap. */
export const restartDelay = ({ base, cap, jitter }: RestartBackoff, crashes: number, random: number): Duration.Duration => {
  const grown = Duration.toMillis(base) * 2 ** Math.min(30, Math.max(0, crashes - 1))
  const capped = Math.min(grown, Duration.toMillis(cap))
  return Duration.millis(Math.round(capped * (1 - jitter) + capped * jitter * random))
}
