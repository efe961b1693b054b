import { Clock, Duration, Effect, Fiber, Ref } from "effect"

/** A store that takes longer has failed: limits cost milliseconds, and a job waits for the answer. */
const answerLimit = Duration.seconds(2)
/** After a failure the store is left alone for so long, so that a dead one holds up one piece of work a second, not all. */
const restMillis = 1_000
const tellEveryMillis = 60_000

/** The store did not answer; whoever asked goes on without it. */
export class StoreAway {
  readonly _tag = "StoreAway"
}

/** Asks the shared store, unless it has just failed. */
export interface StoreGuard {
  /** `isAway` says which failures are the store's own; the others are answers. */
  readonly ask: <A, E, R>(operation: Effect.Effect<A, E, R>, isAway: (error: E) => boolean) => Effect.Effect<A, E | StoreAway, R>
  /** For a store that fails only when it is away. */
  readonly askAlways: <A, E, R>(operation: Effect.Effect<A, E, R>) => Effect.Effect<A, StoreAway, R>
}

/**
 * Bounds what an absent store can cost, and says that it is absent: a warning at once, then at most one a minute. Made
 * once for each store, since absence concerns all its keys.
 */
export const makeStoreGuard = (what: string, consequence: string): Effect.Effect<StoreGuard> =>
  Effect.gen(function*() {
    const restsUntil = yield* Ref.make(Number.NEGATIVE_INFINITY)
    const toldAt = yield* Ref.make(Number.NEGATIVE_INFINITY)

    const failed = (detail: string) =>
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        yield* Ref.set(restsUntil, now + restMillis)
        const tell = yield* Ref.modify(toldAt, (last) => now - last < tellEveryMillis ? [false, last] : [true, now])
        if (tell) yield* Effect.logWarning(`${what} cannot be asked (${detail}). ${consequence}`)
        return yield* Effect.fail(new StoreAway())
      })

    const ask = <A, E, E2, R>(operation: Effect.Effect<A, E, R>, failing: (self: Effect.Effect<A, E, R>) => Effect.Effect<A, E2, R>) =>
      Effect.gen(function*() {
        if ((yield* Clock.currentTimeMillis) < (yield* Ref.get(restsUntil))) return yield* Effect.fail(new StoreAway())
        // Abandoned rather than waited for: to break off a query takes PostgreSQL's client as long again as a dead server lets it.
        const answer = yield* Effect.forkDetach(Effect.interruptible(failing(operation)), { startImmediately: true })
        return yield* Fiber.join(answer).pipe(
          Effect.timeoutOrElse({
            duration: answerLimit,
            orElse: () => Effect.suspend(() => {
              answer.interruptUnsafe()
              return failed(`no answer within ${Duration.format(answerLimit)}`)
            })
          })
        )
      })
    const failedBy = (error: unknown) => failed(error instanceof Error ? error.message : "error")

    return {
      ask: (operation, isAway) => ask(operation, Effect.catchIf(isAway, failedBy)),
      askAlways: (operation) => ask(operation, Effect.catch(failedBy))
    }
  })
