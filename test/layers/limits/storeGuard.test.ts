import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Logger, Ref } from "effect"
import { TestClock } from "effect/testing"
import { makeStoreGuard } from "../../../layers/limits/storeGuard.ts"

const warnings = () => {
  const told: Array<string> = []
  return { told, layer: Logger.layer([Logger.make(({ message }) => void told.push(String(message)))]) }
}

describe("a store that is away", () => {
  it.effect("that hangs holds up one question for two seconds, and the next ones not at all", () =>
    Effect.gen(function*() {
      const { layer, told } = warnings()
      yield* Effect.gen(function*() {
        const guard = yield* makeStoreGuard("The store", "Work goes on.")
        // Also where nothing may be interrupted: a limit is entered so.
        const first = yield* Effect.forkChild(Effect.uninterruptible(Effect.flip(guard.askAlways(Effect.never))))
        yield* TestClock.adjust(Duration.millis(1_999))
        assert.isUndefined(first.pollUnsafe())
        yield* TestClock.adjust(Duration.millis(1))
        assert.strictEqual((yield* Fiber.join(first))._tag, "StoreAway")
        assert.strictEqual((yield* Effect.flip(guard.askAlways(Effect.die("must not be asked"))))._tag, "StoreAway")
        yield* TestClock.adjust(Duration.seconds(1))
        assert.strictEqual(yield* guard.askAlways(Effect.succeed("back")), "back")
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(told, ["The store cannot be asked (no answer within 2s). Work goes on."])
    }))

  it.effect("is told once a minute, however often it fails", () =>
    Effect.gen(function*() {
      const { layer, told } = warnings()
      yield* Effect.gen(function*() {
        const guard = yield* makeStoreGuard("The store", "Work goes on.")
        const asked = yield* Ref.make(0)
        const ask = guard.askAlways(Effect.andThen(Ref.update(asked, (count) => count + 1), Effect.fail(new Error("refused")))).pipe(Effect.flip)
        for (let tenth = 0; tenth < 1_500; tenth++) {
          yield* ask
          yield* TestClock.adjust(Duration.millis(100))
        }
        assert.strictEqual(yield* Ref.get(asked), 150)
      }).pipe(Effect.provide(layer))
      assert.strictEqual(told.length, 3)
    }))

  it.effect("is not what an answer makes it", () =>
    Effect.gen(function*() {
      const guard = yield* makeStoreGuard("The store", "Work goes on.")
      assert.strictEqual(yield* Effect.flip(guard.ask(Effect.fail("full"), () => false)), "full")
      assert.strictEqual(yield* guard.ask(Effect.succeed(1), () => true), 1)
    }))
})
