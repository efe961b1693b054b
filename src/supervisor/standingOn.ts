import { Context, Effect, type Scope } from "effect"
import type { ChildSpec } from "./ChildSpec.ts"

/** A child that starts when what it needs is there. Until then it is starting, and its siblings do not wait for long. */
export const standingOn = <E, R>(needs: Effect.Effect<Context.Context<R>>, child: ChildSpec<E, R>): ChildSpec<E, never> => ({
  ...child,
  start: Effect.gen(function*() {
    const context = yield* needs
    const loop = yield* Effect.updateContext(child.start, (own: Context.Context<Scope.Scope>) => Context.merge(context, own))
    return Effect.updateContext(loop, (own: Context.Context<never>) => Context.merge(context, own))
  })
})
