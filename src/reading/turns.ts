import { Effect } from "effect"

/** Work in steps, each of which takes a few milliseconds; it may be done at once, or in turns with other work. */
export type Steps<A> = Generator<void, A>

export const atOnce = <A>(steps: Steps<A>): A => {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/** Lets whatever else waits for the event loop have its turn after every step. */
export const inTurns = <A>(steps: () => Steps<A>): Effect.Effect<A> =>
  Effect.gen(function*() {
    const begun = steps()
    let step = begun.next()
    while (step.done !== true) {
      yield* Effect.yieldNow
      step = begun.next()
    }
    return step.value
  })
