import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { JobQueues } from "../../../src/services/JobQueue.ts"
import { RunningWork } from "../../../src/services/RunningWork.ts"
import { ConsumerBoard } from "../../../src/supervisor/consumer/ConsumerBoard.ts"
import { Readiness } from "../../../src/supervisor/Readiness.ts"
import * as Supervisor from "../../../src/supervisor/Supervisor.ts"
import { consumerTold } from "../../support/consumerTold.ts"
import { everyCall, makeMemoryQueue } from "../../support/memoryJobQueue.ts"
import { monotonicByTestClock } from "../../support/monotonicClock.ts"
import { supervisorNeeds } from "../../support/supervisorNeeds.ts"
import { withLines } from "./toyProgram.ts"
import { pass } from "./treeWorkbench.ts"

/** The real tree with one queue in memory; its job runs until the test says so. */
const startTree = Effect.gen(function*() {
  yield* monotonicByTestClock
  const memory = makeMemoryQueue("email-sync")
  const gate = yield* Deferred.make<void>()
  const steps: Array<string> = []
  let opened = 0
  const scope = yield* Scope.make()
  const queues = Layer.succeed(JobQueues, {
    open: () =>
      Effect.acquireRelease(Effect.sync(() => {
        opened++
        return memory.queue
      }), () => Effect.sync(() => void steps.push("queue closed")))
  })
  const context = yield* Layer.buildWithScope(
    Supervisor.layer({
      operations: () => [Supervisor.permanentChild<never, never>("operations", Effect.acquireRelease(Effect.succeed(Effect.never), () => Effect.sync(() => void steps.push("operations closed"))))],
      consumers: [{
        queue: "email-sync",
        concurrency: 2,
        tenantLimit: null,
        handle: () => Deferred.await(gate).pipe(Effect.as(Verdict.Complete({ summary: {} })), Effect.tap(() => Effect.sync(() => void steps.push("job done"))), Effect.onInterrupt(() => Effect.sync(() => void steps.push("job interrupted"))))
      }],
      upkeep: []
    }, Layer.merge(queues, supervisorNeeds({ left: Effect.sync(() => void steps.push("presence left")) })), { grace: Duration.seconds(20), hurry: Effect.never, drained: Effect.void }).pipe(
      Layer.provideMerge(Layer.merge(Readiness.layer, RunningWork.layer))
    ),
    scope
  )
  yield* pass("1 second")
  const { isReady } = Context.get(context, Readiness)
  return { memory, gate, steps, isReady, opened: () => opened, board: Context.get(context, ConsumerBoard), close: Scope.close(scope, Exit.void) }
})

describe("a process", () => {
  it.effect("is ready while its consumers take jobs or are paused, not while their server is away, and again when it is back", () =>
    Effect.gen(function*() {
      const { board, close, isReady, memory } = yield* startTree
      assert.isTrue(yield* isReady)
      const [handle] = yield* board.all
      if (handle === undefined) return yield* Effect.die("no consumer")
      const consumer = consumerTold(handle)
      yield* consumer.pause
      yield* pass("30 seconds")
      assert.isTrue(yield* isReady)
      yield* consumer.resume
      yield* pass("5 seconds")
      yield* memory.break(...everyCall)
      yield* pass("16 seconds")
      assert.isFalse(yield* isReady)
      yield* memory.mend
      yield* pass("3 seconds")
      assert.isTrue(yield* isReady)
      yield* close
      assert.isFalse(yield* isReady)
    }))

  it.effect("replaces a consumer that does not get on, connections and all, and goes on with its jobs", () =>
    Effect.gen(function*() {
      const { close, gate, memory, opened, steps } = yield* startTree
      yield* Deferred.succeed(gate, undefined)
      yield* memory.blind(true)
      yield* memory.add("a")
      yield* pass("15 seconds")
      yield* memory.blind(false)
      yield* pass("5 seconds")
      assert.isAtLeast(opened(), 2)
      assert.include(steps, "queue closed")
      assert.strictEqual(memory.stateOf("a"), "completed")
      yield* close
    }))

  it.effect("drains: takes no more, lets what runs end, and closes its queues after that", () =>
    Effect.gen(function*() {
      const { close, gate, isReady, memory, steps } = yield* startTree
      yield* memory.add("a")
      yield* pass("1 second")
      const closing = yield* Effect.forkChild(withLines(close))
      yield* pass("5 seconds")
      yield* memory.add("b")
      assert.isFalse(yield* isReady)
      assert.deepStrictEqual(steps, [])
      yield* Deferred.succeed(gate, undefined)
      yield* pass("1 second")
      const [, lines] = yield* Fiber.join(closing)
      assert.strictEqual(steps[0], "job done")
      assert.sameMembers(steps, ["job done", "queue closed", "presence left", "operations closed"])
      assert.include(lines, "drained: 1 finished, 0 handed back")
      assert.deepStrictEqual([memory.stateOf("a"), memory.stateOf("b")], ["completed", "waiting"])
    }))

  it.effect("hands back what runs for longer than the grace, and is answered for until the end", () =>
    Effect.gen(function*() {
      const { close, memory, steps } = yield* startTree
      yield* memory.add("a")
      yield* pass("1 second")
      const closing = yield* Effect.forkChild(close)
      yield* pass("19 seconds")
      assert.deepStrictEqual(steps, [])
      yield* pass("5 seconds")
      yield* Fiber.join(closing)
      assert.deepStrictEqual(steps, ["job interrupted", "queue closed", "presence left", "operations closed"])
      assert.deepStrictEqual([memory.stateOf("a"), memory.attemptsOf("a"), memory.verdictsOf("a")], ["waiting", 0, ["GiveBack"]])
    }))
})
