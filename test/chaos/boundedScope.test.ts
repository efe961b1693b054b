import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { boundedScope } from "../../chaos/boundedScope.ts"

describe("a scope that is closed in bounded time", () => {
  it.live("waits for what closes, in the order of scopes", () =>
    Effect.gen(function*() {
      const closed: Array<string> = []
      const value = yield* Effect.gen(function*() {
        yield* Effect.addFinalizer(() => Effect.andThen(Effect.sleep("20 millis"), Effect.sync(() => void closed.push("first"))))
        yield* Effect.addFinalizer(() => Effect.sync(() => void closed.push("second")))
        return 7
      }).pipe(boundedScope("5 seconds"))
      assert.strictEqual(value, 7)
      assert.deepStrictEqual(closed, ["second", "first"])
    }))

  it.live("goes on without what does not close, also when it is interrupted", () =>
    Effect.gen(function*() {
      const hangs = Effect.addFinalizer(() => Effect.never)
      const began = performance.now()
      yield* hangs.pipe(boundedScope("0.1 seconds"))
      yield* Effect.andThen(hangs, Effect.never).pipe(boundedScope("0.1 seconds"), Effect.timeoutOption("50 millis"))
      assert.isBelow(performance.now() - began, 3_000)
    }))
})
