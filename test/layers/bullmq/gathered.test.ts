import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { gathered } from "../../../layers/bullmq/gathered.ts"

/** Doubles numbers, when the test lets it. */
const doubling = (most: number, patience = Duration.minutes(1)) => {
  const calls: Array<{ readonly items: ReadonlyArray<number>; readonly answer: () => void; readonly fail: () => void }> = []
  const ask = gathered<number, number>({
    most,
    patience,
    run: (items) =>
      new Promise((resolve, reject) => {
        calls.push({ items, answer: () => resolve(items.map((item) => item * 2)), fail: () => reject(new Error("broken")) })
      })
  })
  return { calls, ask: (item: number) => Effect.runPromise(Effect.promise(() => ask(item)).pipe(Effect.catchDefect((defect) => Effect.succeed(String(defect))))) }
}

const turn = Effect.sleep("5 millis")

describe("calls that gather", () => {
  it.live("go together when they come at one moment; those that come meanwhile go together next, each with its own answer", () =>
    Effect.gen(function*() {
      const { ask, calls } = doubling(3)
      const early = [1, 2].map(ask)
      yield* turn
      const late = [3, 4, 5, 6].map(ask)
      yield* turn
      assert.deepStrictEqual(calls.map(({ items }) => items), [[1, 2]])
      calls[0]?.answer()
      yield* turn
      assert.deepStrictEqual(calls.map(({ items }) => items), [[1, 2], [3, 4, 5]])
      calls[1]?.answer()
      yield* turn
      calls[2]?.answer()
      assert.deepStrictEqual(yield* Effect.promise(() => Promise.all([...early, ...late])), [2, 4, 6, 8, 10, 12])
    }))

  it.live("fail together, and only those", () =>
    Effect.gen(function*() {
      const { ask, calls } = doubling(10)
      const early = [1, 2].map(ask)
      yield* turn
      const late = ask(3)
      calls[0]?.fail()
      yield* turn
      calls[1]?.answer()
      assert.deepStrictEqual(yield* Effect.promise(() => Promise.all([...early, late])), ["Error: broken", "Error: broken", 6])
    }))

  it.live("are not held up for long by a call that hangs, which still may answer", () =>
    Effect.gen(function*() {
      const { ask, calls } = doubling(10, Duration.millis(30))
      const early = ask(1)
      yield* turn
      const late = ask(2)
      yield* Effect.sleep("60 millis")
      assert.deepStrictEqual(calls.map(({ items }) => items), [[1], [2]])
      calls[1]?.answer()
      assert.strictEqual(yield* Effect.promise(() => late), 4)
      calls[0]?.answer()
      assert.strictEqual(yield* Effect.promise(() => early), 2)
      const last = ask(3)
      yield* turn
      calls[2]?.answer()
      assert.strictEqual(yield* Effect.promise(() => last), 6)
    }))
})
