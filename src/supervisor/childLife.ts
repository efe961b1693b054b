import { Context, Effect, type Exit, type Fiber, Scope } from "effect"
import type { ChildSpec } from "./ChildSpec.ts"

/** Called in this order, each at most once; they must not throw. */
export interface LifeWitness {
  readonly started: () => void
  /** It ended, by itself or interrupted; its scope is not closed yet. */
  readonly fell: (exit: Exit.Exit<void, unknown>) => void
  /** All is let go. The exit tells of closing the scope. */
  readonly gone: (exit: Exit.Exit<void, unknown>) => void
}

/**
 * One run of a child, from its start until its scope is closed. Nobody waits for its fiber but the witness: a child
 * that does not end holds up only those who choose to wait.
 */
export const beginLife = <R>(start: ChildSpec<unknown, R>["start"], context: Context.Context<R>, witness: LifeWitness): Fiber.Fiber<void, unknown> => {
  const scope = Scope.makeUnsafe()
  const running = Effect.flatMap(start, (loop) => {
    witness.started()
    return loop
  })
  const life = Effect.uninterruptibleMask((restore) =>
    restore(running).pipe(
      Effect.exit,
      Effect.flatMap((exit) => {
        witness.fell(exit)
        return Scope.close(scope, exit)
      })
    )
  )
  const fiber = Effect.runForkWith(Context.add(context, Scope.Scope, scope))(life)
  fiber.addObserver(witness.gone)
  return fiber
}
