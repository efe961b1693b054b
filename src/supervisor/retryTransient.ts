import { Duration, Effect, Schedule } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { remainingTime } from "./timeBudget.ts"

/** A retry that would begin with less than this left would only be cut off; the queue tries again instead. */
const worthWhile = Duration.seconds(5)

/**
 * Tries a step again, twice, for hiccups of less than two seconds; what lasts longer is the queue's business, where
 * it holds up no fiber. Only `Transient` failures, and only while the attempt has time left for it: a pause that the
 * other side asked for is never slept through here.
 */
export const retryTransient = <A, E extends Failure, R>(step: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(step, {
    schedule: Schedule.exponential(Duration.millis(250)).pipe(Schedule.jittered),
    times: 2,
    while: (failure: E) =>
      failure.retry._tag === "Transient"
        ? Effect.map(remainingTime, (left) => Duration.isGreaterThan(left, worthWhile))
        : Effect.succeed(false)
  })
