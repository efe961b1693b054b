import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Latch, Scope } from "effect"
import { oneStatement } from "../../../layers/postgres/oneStatement.ts"
import { settle } from "../../src/supervisor/treeWorkbench.ts"

/** Answers each number with its double once the gate is open; keeps the batches. */
const doubling = (gate: Latch.Latch) => {
  const batches: Array<ReadonlyArray<number>> = []
  return {
    batches,
    run: (items: ReadonlyArray<number>) =>
      Effect.suspend(() => {
        batches.push(items)
        return gate.await.pipe(Effect.andThen(items.includes(13) ? Effect.fail("unlucky") : Effect.succeed(items.map((item) => item * 2))))
      })
  }
}

describe("calls of one moment", () => {
  it.effect("become one statement while one is under way, and each gets its own answer", () =>
    Effect.gen(function*() {
      const gate = yield* Latch.make(false)
      const { batches, run } = doubling(gate)
      const ask = yield* oneStatement(run)
      const first = yield* Effect.forkChild(ask(1))
      yield* settle
      const others = yield* Effect.forkChild(Effect.forEach([2, 3, 4, 5], ask, { concurrency: "unbounded" }))
      yield* settle
      assert.deepStrictEqual(batches, [[1]])
      yield* gate.open
      assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(others)], [2, [4, 6, 8, 10]])
      assert.deepStrictEqual(batches, [[1], [2, 3, 4, 5]])
    }))

  it.effect("are at most five hundred to a statement", () =>
    Effect.gen(function*() {
      const { batches, run } = doubling(yield* Latch.make(true))
      const ask = yield* oneStatement(run)
      const many = Array.from({ length: 1_234 }, (_, index) => index + 100)
      assert.deepStrictEqual(yield* Effect.forEach(many, ask, { concurrency: "unbounded" }), many.map((item) => item * 2))
      for (const batch of batches) assert.isAtMost(batch.length, 500)
      assert.isAtMost(batches.length, 4)
    }))

  it.effect("fail together, and the next ones are asked all the same", () =>
    Effect.gen(function*() {
      const ask = yield* oneStatement(doubling(yield* Latch.make(true)).run)
      assert.deepStrictEqual(yield* Effect.forEach([13, 14], (item) => Effect.flip(ask(item)), { concurrency: "unbounded" }), ["unlucky", "unlucky"])
      assert.strictEqual(yield* ask(15), 30)
    }))

  it.effect("break when a statement gives fewer answers than it was asked for", () =>
    Effect.gen(function*() {
      const ask = yield* oneStatement((items: ReadonlyArray<number>) => Effect.succeed(items.slice(1)))
      const exit = yield* Effect.exit(ask(1))
      assert.isTrue(Exit.hasDies(exit))
    }))

  it.effect("of which one is interrupted do not disturb the others", () =>
    Effect.gen(function*() {
      const gate = yield* Latch.make(false)
      const ask = yield* oneStatement(doubling(gate).run)
      const [gone, stays] = [yield* Effect.forkChild(ask(1)), yield* Effect.forkChild(ask(2))]
      yield* settle
      yield* Fiber.interrupt(gone)
      yield* gate.open
      assert.strictEqual(yield* Fiber.join(stays), 4)
    }))

  it.effect("that were made before the end are answered before the end", () =>
    Effect.gen(function*() {
      const gate = yield* Latch.make(false)
      const { batches, run } = doubling(gate)
      const scope = yield* Scope.make()
      const ask = yield* oneStatement(run).pipe(Scope.provide(scope))
      const ended = yield* Deferred.make<void>()
      const [first, second] = [yield* Effect.forkChild(ask(1)), yield* Effect.forkChild(Effect.andThen(settle, ask(2)))]
      yield* settle
      yield* settle
      yield* Effect.forkChild(Scope.close(scope, Exit.void).pipe(Effect.andThen(Deferred.succeed(ended, undefined))))
      yield* settle
      assert.isFalse(yield* Deferred.isDone(ended))
      yield* gate.open
      assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(second)], [2, 4])
      yield* Deferred.await(ended)
      assert.deepStrictEqual(batches, [[1], [2]])
    }))
})
