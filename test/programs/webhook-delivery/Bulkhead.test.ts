import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Bulkhead } from "../../../programs/webhook-delivery/Bulkhead.ts"

const enter = (endpoint: string) => Bulkhead.use((bulkhead) => bulkhead.enter(endpoint))
const leave = (endpoint: string) => Bulkhead.use((bulkhead) => bulkhead.leave(endpoint))
const millis = (after: Duration.Duration | null) => after === null ? 0 : Duration.toMillis(after)

describe("the places of an endpoint", () => {
  it.effect("are as many as it may have, whatever the others do", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual([yield* enter("a"), yield* enter("a")], [null, null])
      assert.isNotNull(yield* enter("a"))
      assert.isNull(yield* enter("b"))
      yield* leave("a")
      assert.isNull(yield* enter("a"))
    }).pipe(Effect.provide(Bulkhead.layer(2))))

  it.effect("are waited for in a line: soon where it moves, long where it hangs", () =>
    Effect.gen(function*() {
      for (let n = 0; n < 10; n++) yield* enter("a")
      const moving = yield* Effect.forEach([1, 2, 3, 4], () => Effect.map(enter("a"), millis))
      assert.deepStrictEqual(moving, [55, 60, 65, 70])
      yield* TestClock.adjust("1 second")
      const hanging = yield* Effect.forEach(Array.from({ length: 1_000 }), () => Effect.map(enter("a"), millis))
      assert.isAbove(hanging.at(-1) ?? 0, 1_000_000)
      yield* leave("a")
      assert.isNull(yield* enter("a"))
      for (let n = 0; n < 10; n++) yield* leave("a")
    }).pipe(Effect.provide(Bulkhead.layer(10))))
})
