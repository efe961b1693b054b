import { Effect } from "effect"

/** Looks again and again until it is so; a test that waits in vain says what it saw last. The limit is in milliseconds. */
export const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (seen: A) => boolean, limit = 10_000): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const began = performance.now()
    for (;;) {
      const seen = yield* look
      if (isSo(seen)) return seen
      if (performance.now() - began > limit) return yield* Effect.die(new Error(`after ${limit} ms: ${String(seen)}`))
      yield* Effect.sleep("20 millis")
    }
  })
