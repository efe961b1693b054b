import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Failure } from "../../../src/domain/Failure.ts"
import { retryTransient } from "../../../src/supervisor/retryTransient.ts"
import { hiccups } from "./jobAttempt.ts"

/** Fails so often with this, and then succeeds; counts how often it was tried. */
const stepThatFails = (times: number, failure: Failure) => {
  const seen = { tries: 0 }
  return { seen, step: Effect.suspend(() => ++seen.tries <= times ? Effect.fail(failure) : Effect.succeed("done")) }
}

/** Two seconds: what may be waited for inside a job. */
const within = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.exit(effect))
    yield* TestClock.adjust("2 seconds")
    return yield* Fiber.join(fiber)
  })

describe("a step that hiccups", () => {
  it.effect("is tried twice more within two seconds", () =>
    Effect.gen(function*() {
      const { seen, step } = stepThatFails(2, hiccups.transient)
      assert.deepStrictEqual(yield* within(retryTransient(step)), yield* Effect.exit(Effect.succeed("done")))
      assert.strictEqual(seen.tries, 3)
    }))

  it.effect("is left to the queue after that", () =>
    Effect.gen(function*() {
      const { seen, step } = stepThatFails(9, hiccups.transient)
      assert.deepStrictEqual(yield* within(retryTransient(step)), yield* Effect.exit(Effect.fail(hiccups.transient)))
      assert.strictEqual(seen.tries, 3)
    }))

  it.effect("waits before it is tried again", () =>
    Effect.gen(function*() {
      const { seen, step } = stepThatFails(1, hiccups.transient)
      const fiber = yield* Effect.forkChild(retryTransient(step))
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(seen.tries, 1)
      yield* TestClock.adjust("300 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "done")
    }))

  it.effect.each([hiccups.permanent, hiccups.busy])("is tried once when trying again does not help or a pause was asked for (%#)", (failure) =>
    Effect.gen(function*() {
      const { seen, step } = stepThatFails(1, failure)
      assert.strictEqual(yield* Effect.flip(retryTransient(step)), failure)
      assert.strictEqual(seen.tries, 1)
    }))
})
