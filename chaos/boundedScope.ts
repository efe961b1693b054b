import { Effect, Exit, Fiber, Scope } from "effect"

/** Like `Effect.scoped`, but goes on when closing takes longer: what is left ends with this process, and a run says how it went. */
export const boundedScope = (limit: `${number} seconds`) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  Effect.acquireUseRelease(
    Scope.make(),
    (scope) => Scope.provide(effect, scope),
    (scope) =>
      Effect.forkDetach(Scope.close(scope, Exit.void)).pipe(
        Effect.flatMap((closing) => Effect.interruptible(Fiber.await(closing))),
        Effect.timeoutOption(limit),
        Effect.flatMap((closed) => closed._tag === "None" ? Effect.logWarning(`something does not close within ${limit}`) : Effect.void)
      )
  )
