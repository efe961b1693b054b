import { assert, describe, it } from "@effect/vitest"
import { Cause, type Duration, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { runAttempt } from "../../support/untracedAttempt.ts"
import { hiccups, jobAttempt } from "./jobAttempt.ts"
import { meanwhile, toyProgram } from "./toyProgram.ts"

describe("an attempt that is interrupted", () => {
  const interrupted = (change: Parameters<typeof toyProgram>[0], passes: Duration.Input = 0) =>
    Effect.gen(function*() {
      const { program, steps } = toyProgram(change)
      const fiber = yield* meanwhile(runAttempt(program)(jobAttempt({ number: 3 })), 0)
      const ending = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* Effect.yieldNow
      yield* TestClock.adjust(passes)
      yield* Fiber.join(ending)
      const exit = yield* Fiber.await(fiber)
      return { steps, exit, onlyInterrupted: Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) }
    })

  it.effect("lets go of what it holds, and gives no verdict", () =>
    Effect.gen(function*() {
      const { onlyInterrupted, steps } = yield* interrupted({ work: () => Effect.never })
      assert.isTrue(onlyInterrupted)
      assert.deepStrictEqual(steps, ["open", "work", "release"])
    }))

  it.effect("lets go also when the work breaks while it ends", () =>
    Effect.gen(function*() {
      const { onlyInterrupted, steps } = yield* interrupted({ work: () => Effect.never.pipe(Effect.ensuring(Effect.die("broken"))) })
      assert.isTrue(onlyInterrupted)
      assert.deepStrictEqual(steps, ["open", "work", "release"])
    }))

  it.effect("while it opens holds nothing yet", () =>
    Effect.gen(function*() {
      const { onlyInterrupted, steps } = yield* interrupted({ open: () => Effect.never })
      assert.isTrue(onlyInterrupted)
      assert.deepStrictEqual(steps, ["open"])
    }))

  it.effect("does not wait longer than three seconds for its letting go", () =>
    Effect.gen(function*() {
      const { onlyInterrupted, steps } = yield* interrupted({ work: () => Effect.never, release: () => Effect.never }, "3 seconds")
      assert.isTrue(onlyInterrupted)
      assert.deepStrictEqual(steps, ["open", "work", "release"])
    }))

  it.effect("does not mind when letting go fails", () =>
    Effect.gen(function*() {
      const { onlyInterrupted } = yield* interrupted({ work: () => Effect.never, release: () => Effect.fail(hiccups.permanent) })
      assert.isTrue(onlyInterrupted)
    }))

  it.effect("while the outcome is recorded records it first", () =>
    Effect.gen(function*() {
      let recorded = false
      yield* interrupted({
        work: () => Effect.fail(hiccups.permanent),
        giveUp: () => Effect.sleep("1 second").pipe(Effect.andThen(Effect.sync(() => void (recorded = true))))
      }, "1 second")
      assert.isTrue(recorded)
    }))
})
