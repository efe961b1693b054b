import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Ref, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Actor from "../../../src/supervisor/Actor.ts"
import type { ConsumerHandle, ConsumerMessage, ConsumerStatus } from "../../../src/supervisor/consumer/ConsumerMessage.ts"
import { drain } from "../../../src/supervisor/drain.ts"
import { withLines } from "./toyProgram.ts"
import { settle } from "./treeWorkbench.ts"

/** A queue with so many running jobs, which end when `finish` says so, and so many that ended before. */
const queueWith = Effect.fnUntraced(function*(running: number, before = 0) {
  const idle = yield* Deferred.make<void>()
  const finished = yield* Ref.make(before)
  const calls: Array<string> = []
  const actor = yield* Actor.make<ConsumerMessage, never, never>("email-sync", (message) =>
    Effect.gen(function*() {
      if (message._tag !== "Status") calls.push(message._tag)
      if (message._tag === "Drain") yield* Effect.forkDetach(Effect.andThen(Deferred.await(idle), Deferred.succeed(message.reply, undefined)))
      if (message._tag === "HandBack") yield* Deferred.succeed(message.reply, running - ((yield* Ref.get(finished)) - before))
      if (message._tag === "Status") {
        const now: ConsumerStatus = { queue: "email-sync", state: "taking", trouble: null, running, concurrency: 9, finished: yield* Ref.get(finished) }
        yield* Deferred.succeed(message.reply, now)
      }
    }))
  const subscription: ConsumerHandle = { queue: "email-sync", actor }
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
      const drained = yield* Effect.forkChild(withLines(drain([one.subscription, other.subscription], { grace, hurry: Effect.never, drained: Effect.void })))
      yield* settle
      assert.deepStrictEqual([one.calls, other.calls], [["Drain"], ["Drain"]])
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
      const drained = yield* Effect.forkChild(drain([one.subscription, other.subscription], { grace, hurry: Effect.never, drained: Effect.void }))
      yield* TestClock.adjust("19 seconds")
      assert.notInclude(one.calls, "HandBack")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(drained), { finished: 0, handedBack: 3, seconds: 20 })
      assert.deepStrictEqual(one.calls, ["Drain", "HandBack"])
    }))

  it.effect("does not wait when somebody is in a hurry", () =>
    Effect.gen(function*() {
      const { subscription } = yield* queueWith(3)
      const hurry = yield* Deferred.make<void>()
      const drained = yield* Effect.forkChild(drain([subscription], { grace, hurry: Deferred.await(hurry), drained: Effect.void }))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(hurry, undefined)
      assert.deepStrictEqual(yield* Fiber.join(drained), { finished: 0, handedBack: 3, seconds: 1 })
    }))

  it.effect("of nothing ends at once", () =>
    Effect.map(drain([], { grace, hurry: Effect.never, drained: Effect.void }), (outcome) => assert.deepStrictEqual(outcome, { finished: 0, handedBack: 0, seconds: 0 })))

  it.effect("goes on without a consumer that has crashed", () =>
    Effect.gen(function*() {
      const crashed: ConsumerHandle = { queue: "automation", actor: yield* Scope.make().pipe(Effect.flatMap((scope) =>
        Scope.provide(Actor.make<ConsumerMessage, never, never>("automation", () => Effect.void), scope).pipe(Effect.tap(() => Scope.close(scope, Exit.void))))) }
      const one = yield* queueWith(1, 3)
      yield* one.finish
      assert.deepStrictEqual(yield* drain([crashed, one.subscription], { grace, hurry: Effect.never, drained: Effect.void }), { finished: 0, handedBack: 0, seconds: 0 })
    }))
})
