import { Clock, Effect, type Scope } from "effect"
import { vi } from "vitest"

/** `performance.now()` goes by the test's clock, until the scope closes. */
export const monotonicByTestClock: Effect.Effect<void, never, Scope.Scope> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  yield* Effect.acquireRelease(
    Effect.sync(() => vi.spyOn(performance, "now").mockImplementation(() => clock.currentTimeMillisUnsafe())),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
})
