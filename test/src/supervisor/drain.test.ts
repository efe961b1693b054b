import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Ref } from "effect"
import { TestClock } from "effect/testing"
import type { ConsumerHandle } from "../../../src/supervisor/consumer/ConsumerBoard.ts"
import { drain } from "../../../src/supervisor/drain.ts"
import { withLines } from "./toyProgram.ts"

/** A queue with so many running jobs, which end when `finish` says so, and so many that ended before. */
const queueWith = Effect.fnUntraced(function*(running: number, before = 0) {
  const idle = yield* Deferred.make<void>()
  const finished = yield* Ref.make(before)
  const calls: Array<string> = []
  const subscription: Pick<ConsumerHandle, "stopTaking" | "idle" | "handBack" | "finished"> = {
    stopTaking: Effect.sync(() => void calls.push("stopTaking")),
    idle: Deferred.await(idle),
    handBack: Effect.gen(function*() {
      calls.push("handBack")
      return running - ((yield* Ref.get(finished)) - before)
    }),
    finished: Ref.get(finished)
  }
  return { subscription, calls, finish: Ref.update(finished, (n) => n + running).pipe(Effect.andThen(Deferred.succeed(idle, undefined))) }
})

const grace = Duration.seconds(20)

describe("the drain", () => {
  it.effect("ends as soon as the running jobs have, and stops taking new ones first", () =>
    Effect.gen(function*() {
      const one = yield* queueWith(2, 7)
      const other = yield* queueWith(0, 3)
      yield* other.finish
      yield* Effect.forkChild(one.finish.pipe(Effect.delay("4 seconds")))
      const drained = yield* Effect.forkChild(withLines(drain([one.subscription, other.subscription], { grace, hurry: Effect.never })))
      yield* Effect.yieldNow
      assert.deepStrictEqual([one.calls, other.calls], [["stopTaking"], ["stopTaking"]])
      yield* TestClock.adjust("4 seconds")
      const [outcome, lines] = yield* Fiber.join(drained)
      assert.deepStrictEqual(outcome, { finished: 2, handedBack: 0, seconds: 4 })
      assert.include(lines, "drained: 2 finished, 0 handed back, 4.0 s")
    }))

  it.effect("hands back what is still running when the grace is over", () =>
    Effect.gen(function*() {
      const one = yield* queueWith(3)
      const other = yield* queueWith(1)
      yield* other.finish
      const drained = yield* Effect.forkChild(drain([one.subscription, other.subscription], { grace, hurry: Effect.never }))
      yield* TestClock.adjust("19 seconds")
      assert.notInclude(one.calls, "handBack")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(drained), { finished: 0, handedBack: 3, seconds: 20 })
      assert.deepStrictEqual(one.calls, ["stopTaking", "handBack"])
    }))

  it.effect("does not wait when somebody is in a hurry", () =>
    Effect.gen(function*() {
      const { subscription } = yield* queueWith(3)
      const hurry = yield* Deferred.make<void>()
      const drained = yield* Effect.forkChild(drain([subscription], { grace, hurry: Deferred.await(hurry) }))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(hurry, undefined)
      assert.deepStrictEqual(yield* Fiber.join(drained), { finished: 0, handedBack: 3, seconds: 1 })
    }))

  it.effect("of nothing ends at once", () =>
    Effect.map(drain([], { grace, hurry: Effect.never }), (outcome) => assert.deepStrictEqual(outcome, { finished: 0, handedBack: 0, seconds: 0 })))
})
