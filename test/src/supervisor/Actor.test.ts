import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Scope } from "effect"
import * as Actor from "../../../src/supervisor/Actor.ts"
import { countFibers, pass, settle, start, supervisor } from "./treeWorkbench.ts"

type Message =
  | { readonly _tag: "Add"; readonly amount: number }
  | { readonly _tag: "Sum"; readonly reply: Actor.Reply<number> }
  | { readonly _tag: "Halve"; readonly reply: Actor.Reply<number, "odd"> }
  | { readonly _tag: "Slow"; readonly reply: Actor.Reply<string> }
  | { readonly _tag: "Later"; readonly reply: Actor.Reply<string> }
  | { readonly _tag: "Break"; readonly reply: Actor.Reply<never> }
  | { readonly _tag: "Fail" }
  | { readonly _tag: "AnswerAndBreak"; readonly reply: Actor.Reply<string> }

const counter = Effect.suspend(() => {
  let sum = 0
  return Actor.make("counter", (message: Message) => {
    switch (message._tag) {
      case "Add":
        return Effect.yieldNow.pipe(Effect.andThen(Effect.sync(() => void (sum += message.amount))))
      case "Sum":
        return Deferred.succeed(message.reply, sum)
      case "Halve":
        return sum % 2 === 0 ? Deferred.succeed(message.reply, sum / 2) : Deferred.fail(message.reply, "odd" as const)
      case "Slow":
        return Effect.sleep("1 minute").pipe(Effect.andThen(Deferred.succeed(message.reply, "done")))
      case "Later":
        return Effect.sleep("1 minute").pipe(Effect.andThen(Deferred.succeed(message.reply, "later")), Effect.forkScoped)
      case "Break":
        return Effect.die(new Error("a fuse"))
      case "Fail":
        return Effect.fail("no more" as const)
      case "AnswerAndBreak":
        return Deferred.succeed(message.reply, "last words").pipe(Effect.andThen(Effect.die("afterwards")))
    }
  })
})

const sum = (reply: Actor.Reply<number>): Message => ({ _tag: "Sum", reply })
const slow = (reply: Actor.Reply<string>): Message => ({ _tag: "Slow", reply })
const breaking = (reply: Actor.Reply<never>): Message => ({ _tag: "Break", reply })

describe("an actor", () => {
  it.effect("handles messages one after another, in the order in which they came", () =>
    Effect.gen(function*() {
      const actor = yield* counter
      for (const amount of [1, 2, 3]) assert.isTrue(yield* actor.tell({ _tag: "Add", amount }))
      assert.strictEqual(yield* actor.ask(sum), 6)
      yield* actor.tell({ _tag: "Add", amount: 1 })
      assert.deepStrictEqual(yield* Effect.flip(actor.ask((reply: Actor.Reply<number, "odd">) => ({ _tag: "Halve", reply }))), "odd")
    }))

  it.effect("holds up the next message for as long as it handles one, but not for what it has forked", () =>
    Effect.gen(function*() {
      const actor = yield* counter
      const later = yield* Effect.forkChild(actor.ask((reply: Actor.Reply<string>) => ({ _tag: "Later", reply })))
      assert.strictEqual(yield* actor.ask(sum), 0)
      yield* Effect.forkChild(actor.ask(slow))
      const waiting = yield* Effect.forkChild(actor.ask(sum))
      yield* pass("59 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* pass("1 second")
      assert.deepStrictEqual(waiting.pollUnsafe(), Exit.succeed(0))
      assert.deepStrictEqual(later.pollUnsafe(), Exit.succeed("later"))
    }))

  it.effect("whose handler dies tells everyone who waits, and crashes", () =>
    Effect.gen(function*() {
      const actor = yield* counter
      const asks = yield* Effect.forkChild(Effect.all([Effect.flip(actor.ask(breaking)), Effect.flip(actor.ask(sum))], { concurrency: 2 }))
      yield* settle
      const exit = asks.pollUnsafe()
      assert.deepStrictEqual(exit !== undefined && Exit.isSuccess(exit) ? exit.value.map(({ message }) => message) : [], Array.from({ length: 2 }, () => "counter crashed: unexpected Error: a fuse"))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(actor.ended)))
      assert.isFalse(yield* actor.tell({ _tag: "Add", amount: 1 }))
      assert.strictEqual((yield* Effect.flip(actor.ask(sum)))._tag, "ActorStopped")
    }))

  it.effect("ends with the failure of its handler", () =>
    Effect.gen(function*() {
      const actor = yield* counter
      yield* actor.tell({ _tag: "Fail" })
      assert.strictEqual(yield* Effect.flip(actor.ended), "no more")
    }))

  it.effect("that has answered before it dies has answered", () =>
    Effect.gen(function*() {
      const actor = yield* counter
      assert.strictEqual(yield* actor.ask((reply: Actor.Reply<string>) => ({ _tag: "AnswerAndBreak", reply })), "last words")
    }))

  it.effect("that is stopped tells everyone who waits, also while a handler hangs, and leaves no fiber", () =>
    Effect.gen(function*() {
      const count = yield* countFibers(Effect.gen(function*() {
        const scope = yield* Scope.make()
        const actor = yield* Scope.provide(counter, scope)
        const asks = yield* Effect.forkChild(Effect.all([Effect.flip(actor.ask(slow)), Effect.flip(actor.ask(sum))], { concurrency: 2 }))
        yield* settle
        yield* Scope.close(scope, Exit.void)
        yield* settle
        const exit = asks.pollUnsafe()
        assert.deepStrictEqual(exit !== undefined && Exit.isSuccess(exit) ? exit.value.map(({ message }) => message) : [], ["counter is stopped", "counter is stopped"])
        assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(actor.ended)))
        assert.strictEqual((yield* Effect.flip(actor.ask(sum))).message, "counter is stopped")
      }))
      yield* settle
      assert.strictEqual(count.left, 0)
    }))

  it.effect("is a child like any other: its supervisor starts a new one when it has crashed", () =>
    Effect.gen(function*() {
      const actors: Array<Effect.Success<typeof counter>> = []
      const tree = yield* start(supervisor("one-for-one", [{
        name: "counter",
        kind: "permanent",
        stopWithin: Duration.seconds(1),
        start: Effect.map(Effect.tap(counter, (actor) => Effect.sync(() => void actors.push(actor))), ({ ended }) => ended)
      }]))
      yield* actors[0]?.tell({ _tag: "Add", amount: 7 }) ?? Effect.void
      yield* Effect.exit(actors[0]?.ask(breaking) ?? Effect.void)
      yield* pass("100 millis")
      assert.deepInclude((yield* tree.status).children[0], { state: "running", restarts: 1, lastFailure: "unexpected Error: a fuse" })
      assert.strictEqual(yield* actors[1]?.ask(sum) ?? Effect.succeed(-1), 0)
    }))
})
