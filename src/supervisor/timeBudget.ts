import { Clock, Context, Duration, Effect } from "effect"

/** When the running attempt must have ended, in milliseconds since the epoch by this process's clock; null outside of one. */
const Deadline = Context.Reference<number | null>("tt-worker/supervisor/Deadline", { defaultValue: () => null })

/** What runs inside knows that it has this much time in all. */
export const withTimeBudget = (budget: Duration.Duration) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.provideService(effect, Deadline, now + Duration.toMillis(budget)))

/** Time left for the running attempt; without end outside of one. */
export const remainingTime: Effect.Effect<Duration.Duration> = Effect.gen(function*() {
  const deadline = yield* Deadline
  if (deadline === null) return Duration.infinity
  return Duration.millis(Math.max(0, deadline - (yield* Clock.currentTimeMillis)))
})
