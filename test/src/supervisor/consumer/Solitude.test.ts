import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Option } from "effect"
import { Solitude } from "../../../../src/supervisor/consumer/Solitude.ts"
import { pass } from "../treeWorkbench.ts"

const make = Effect.map(Layer.build(Solitude.layer), (context) => Context.get(context, Solitude))
const patience = Duration.seconds(20)

describe("solitude", () => {
  it.effect("lets jobs run side by side while nobody wants to be alone", () =>
    Effect.gen(function*() {
      const { among, isOpen } = yield* make
      const gate = yield* Deferred.make<void>()
      const both = yield* Effect.forkChild(Effect.all([among(Deferred.await(gate)), among(Effect.asVoid(Deferred.succeed(gate, undefined)))], { concurrency: 2 }))
      assert.isTrue(yield* isOpen)
      assert.isTrue((yield* Fiber.join(both)).every(Option.isSome))
    }))

  it.effect("begins alone when the last of the others has ended, also when it failed or was interrupted", () =>
    Effect.gen(function*() {
      const { alone, among, isOpen, open } = yield* make
      const gate = yield* Deferred.make<void, string>()
      yield* Effect.forkChild(Effect.exit(among(Deferred.await(gate))))
      const other = yield* Effect.forkChild(among(Effect.never))
      yield* pass("0 millis")
      const end = yield* Deferred.make<void>()
      let began = false
      const suspect = yield* Effect.forkChild(alone(patience, Effect.andThen(Effect.sync(() => void (began = true)), Deferred.await(end))))
      yield* pass("10 seconds")
      assert.isTrue(Option.isNone(yield* among(Effect.void)), "nobody begins while it waits")
      yield* Deferred.fail(gate, "broken")
      yield* pass("0 millis")
      assert.isFalse(began)
      yield* Fiber.interrupt(other)
      yield* pass("0 millis")
      assert.isTrue(began)
      assert.deepStrictEqual([yield* isOpen, Option.isNone(yield* among(Effect.void))], [false, true])
      const opened = yield* Effect.forkChild(open)
      yield* pass("1 hour")
      assert.isUndefined(opened.pollUnsafe())
      yield* Deferred.succeed(end, undefined)
      assert.isTrue(Option.isSome(yield* Fiber.join(suspect)))
      yield* Fiber.join(opened)
      assert.isTrue(Option.isSome(yield* among(Effect.void)))
    }))

  it.effect("gives up waiting after its patience, and lets the others begin again", () =>
    Effect.gen(function*() {
      const { alone, among } = yield* make
      yield* Effect.forkChild(among(Effect.never))
      yield* pass("0 millis")
      const suspect = yield* Effect.forkChild(alone(patience, Effect.die("it has begun")))
      yield* pass("20 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.join(suspect)))
      assert.isTrue(Option.isSome(yield* among(Effect.void)))
    }))

  it.effect("runs two that want to be alone one after the other, and opens when one of them is interrupted while it waits", () =>
    Effect.gen(function*() {
      const { alone, among } = yield* make
      const log: Array<string> = []
      const step = (name: string) => alone(patience, Effect.sync(() => log.push(`+${name}`)).pipe(Effect.andThen(Effect.sleep("1 minute")), Effect.andThen(Effect.sync(() => log.push(`-${name}`)))))
      const [a, b, c] = [yield* Effect.forkChild(step("a")), yield* Effect.forkChild(step("b")), yield* Effect.forkChild(step("c"))]
      yield* pass("10 seconds")
      yield* Fiber.interrupt(c)
      yield* pass("3 minutes")
      yield* Fiber.join(a)
      yield* Fiber.join(b)
      assert.deepStrictEqual(log, ["+a", "-a", "+b", "-b"])
      assert.isTrue(Option.isSome(yield* among(Effect.void)))
    }))
})
