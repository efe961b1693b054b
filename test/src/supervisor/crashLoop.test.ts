import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { measureCrashLoop } from "../../support/crashLoop.ts"

/** Below this a difference says nothing about the tree: it is the timer's grain, and whatever else the machine does. */
const floorMillis = 3

describe("a child in a crash loop", () => {
  it.live("does not slow its siblings: their p99 stays within 1.2 of the quiet one", () =>
    Effect.gen(function*() {
      const runs = yield* Effect.forEach(Array.from({ length: 3 }), () => measureCrashLoop({ turns: 3, each: Duration.millis(400) }))
      for (const { crashes } of runs) assert.isAbove(crashes, 10)
      // What the loop does it does every time; what a busy machine does it does not: the best of three counts.
      for (const what of ["tick", "task"] as const) {
        assert.isBelow(Math.min(...runs.map(({ loop, quiet }) => loop[what] - Math.max(quiet[what] * 1.2, quiet[what] + floorMillis))), 0)
      }
    }))
})
