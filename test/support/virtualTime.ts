import { Clock, Effect } from "effect"

/**
 * A clock that shows what it is set to, while sleeps and timeouts go by real time: for a year of work with a real server
 * behind it.
 */
export const makeVirtualTime = Effect.map(Clock.Clock, (real) => {
  let now = 0
  const clock: Clock.Clock = {
    ...real,
    sleep: (duration) => real.sleep(duration),
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n)
  }
  return {
    setTime: (millis: number) => Effect.sync(() => void (now = millis)),
    /** The effect sees this clock. */
    provide: Effect.provideService(Clock.Clock, clock)
  }
})
