import { Context, Data, Deferred, Duration, Effect, Fiber, Layer, References } from "effect"
import { SharedBreaker } from "../../../layers/limits/SharedBreaker.ts"
import { limits } from "../../../layers/limits/SharedLimits.ts"
import { Retry } from "../../../src/domain/Retry.ts"
import { Breaker, BreakerOpen, type BreakerPolicy } from "../../../src/services/Breaker.ts"
import { LimitReached, Limits } from "../../../src/services/Limits.ts"
import { PermitStore } from "../../../src/services/PermitStore.ts"
import { LimitServer } from "./LimitServer.ts"

/** What a provider answers, as far as limits and breakers look at it. */
export class ProviderError extends Data.TaggedError("ProviderError")<{ readonly retry: Retry }> {}
export const overloaded = (after: Duration.Input) => new ProviderError({ retry: Retry.RateLimited({ after: Duration.fromInputUnsafe(after) }) })
export const down = new ProviderError({ retry: Retry.Transient() })
export const refused = new ProviderError({ retry: Retry.Permanent() })

/** One process: its own connection, and nothing in memory that another one sees. */
export const openProcess = Effect.gen(function*() {
  const { client } = yield* LimitServer
  const context = yield* Layer.build(Layer.fresh(Layer.mergeAll(limits, SharedBreaker).pipe(Layer.provideMerge(Layer.fresh(client)))))
  return { ...Context.get(context, Limits), breaker: Context.get(context, Breaker), permits: Context.get(context, PermitStore), context }
})

let keys = 0
/** A key that no other test uses. */
export const newKey = (): string => `test:${++keys}:${Date.now()}`

/** Work that goes on until it is told to end, and that says when it has begun. */
export const openWork = Effect.gen(function*() {
  const begun = yield* Deferred.make<void>()
  const ending = yield* Deferred.make<void>()
  return {
    work: Deferred.succeed(begun, undefined).pipe(Effect.andThen(Deferred.await(ending))),
    begun: Deferred.await(begun).pipe(Effect.timeout("5 seconds"), Effect.orDie),
    end: Deferred.succeed(ending, undefined)
  }
})

/** Starts work in the background and returns once it is under way. */
export const holding = <E>(hold: (work: Effect.Effect<void>) => Effect.Effect<void, E>) =>
  Effect.gen(function*() {
    const { begun, end, work } = yield* openWork
    const fiber = yield* Effect.forkChild(hold(work))
    yield* begun
    return { end: end.pipe(Effect.andThen(Fiber.join(fiber))), kill: Fiber.interrupt(fiber) }
  })

export const quiet = Effect.provideService(References.MinimumLogLevel, "None")

export const minute = Duration.minutes(1)
export const millis = (after: Duration.Duration): number => Duration.toMillis(after)
export const hurried: BreakerPolicy<ProviderError> = { opens: { afterFailures: 3 }, openFor: Duration.millis(400), openForAtMost: Duration.seconds(5) }

/** The error that an effect ends with, which must be this one. */
export const reached = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.flip(effect), (error) => error instanceof LimitReached ? Effect.succeed(error) : Effect.die(error))
export const rejected = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.flip(effect), (error) => error instanceof BreakerOpen ? Effect.succeed(error) : Effect.die(error))
