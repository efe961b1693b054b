import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { vi } from "vitest"
import { watchProgress } from "../../../../src/supervisor/consumer/watchProgress.ts"
import { makeMemoryQueue } from "../../../support/memoryJobQueue.ts"
import { pass } from "../treeWorkbench.ts"

/** The process's monotonic clock is the test's, and ahead of it by as long as the process has stood still. */
const watched = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const state = { stoodStill: 0, contact: 0 }
  yield* Effect.acquireRelease(
    Effect.sync(() => vi.spyOn(performance, "now").mockImplementation(() => clock.currentTimeMillisUnsafe() + state.stoodStill)),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
  const memory = makeMemoryQueue("email-sync")
  const silentFor = Effect.sync(() => performance.now() - state.contact)
  const rested = Effect.sync(() => void (state.contact = performance.now()))
  const fiber = yield* Effect.forkChild(watchProgress("email-sync", memory.queue, { could: Effect.succeed(true), silentFor, tookNothingFor: silentFor, rested }))
  return { fiber, state }
})

describe("the watchdog of a consumer", () => {
  it.effect("has it replaced when its connection is silent while the server answers", () =>
    Effect.gen(function*() {
      const { fiber } = yield* watched
      yield* pass("7 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* pass("3 seconds")
      assert.include(String(fiber.pollUnsafe()), "not on the connection that takes jobs")
    }))

  it.effect("judges nobody by the time in which the whole process stood still", () =>
    Effect.gen(function*() {
      const { fiber, state } = yield* watched
      yield* pass("3 seconds")
      state.stoodStill = 60_000
      yield* pass("6 seconds")
      assert.isUndefined(fiber.pollUnsafe())
    }))
})
