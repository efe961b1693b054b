import { Effect } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"

/**
 * The longest time in milliseconds for which the effect kept the event loop from turning. Run three times, and the
 * least counts: what the effect itself does to the loop, it does every time; what a busy machine does, it does not.
 */
export const longestBlock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<number, never, R> => {
  const once = Effect.gen(function*() {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    yield* Effect.exit(effect)
    delay.disable()
    return delay.max / 1e6
  })
  return Effect.map(Effect.all([once, once, once]), (blocks) => Math.min(...blocks))
}
