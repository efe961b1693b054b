import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { retryTransient } from "../../../src/supervisor/retryTransient.ts"
import { remainingTime, withTimeBudget } from "../../../src/supervisor/timeBudget.ts"
import { hiccups } from "./jobAttempt.ts"

const budget = withTimeBudget(Duration.minutes(1))

describe("the time that an attempt has left", () => {
  it.effect("is without end outside of an attempt", () =>
    Effect.map(remainingTime, (left) => assert.isFalse(Duration.isFinite(left))))

  it.effect("goes down with the clock, to nothing and not below it", () =>
    Effect.gen(function*() {
      const left: Array<number> = []
      const look = Effect.map(remainingTime, (time) => void left.push(Duration.toSeconds(time)))
      yield* budget(Effect.gen(function*() {
        yield* look
        yield* TestClock.adjust("20 seconds")
        yield* look
        yield* Effect.forkChild(look).pipe(Effect.flatMap(Fiber.join))
        yield* TestClock.adjust("1 hour")
        yield* look
      }))
      assert.deepStrictEqual(left, [60, 40, 40, 0])
    }))

  for (const [secondsGone, tries] of [[0, 3], [53, 3], [54.9, 2], [55, 1], [70, 1]] as const) {
    it.effect(`allows ${tries} tries of a step that begins after ${secondsGone} of 60 s: none begins again with five seconds left or less`, () =>
      Effect.gen(function*() {
        let seen = 0
        const fiber = yield* Effect.forkChild(budget(Effect.gen(function*() {
          yield* Effect.sleep(Duration.seconds(secondsGone))
          return yield* Effect.flip(retryTransient(Effect.suspend(() => {
            seen++
            return Effect.fail(hiccups.transient)
          })))
        })))
        yield* TestClock.adjust(Duration.seconds(secondsGone + 2))
        assert.strictEqual(yield* Fiber.join(fiber), hiccups.transient)
        assert.strictEqual(seen, tries)
      }))
  }
})
