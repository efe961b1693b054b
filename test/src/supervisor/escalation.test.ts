import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Stream } from "effect"
import type { TreeFailed } from "../../../src/supervisor/TreeFailed.ts"
import { atMost, brief, countFibers, pass, settle, start, supervisor, workbench } from "./treeWorkbench.ts"
import { withLines } from "./toyProgram.ts"

const failureOf = (exit: Exit.Exit<never, TreeFailed> | undefined): string =>
  exit !== undefined && Exit.isFailure(exit) ? exit.cause.reasons.map((reason) => reason._tag === "Fail" ? reason.error.message : reason._tag).join() : "none"

describe("too many restarts", () => {
  it.effect("end the tree: the others are stopped in reverse order, and the reason is given", () =>
    Effect.gen(function*() {
      const { child, crash, since } = workbench()
      const tree = yield* start(supervisor("one-for-one", [child("a"), child("b"), child("c")], atMost(2, "10 seconds")))
      const ended = yield* Effect.forkChild(tree.ended)
      for (const reason of ["first", "second"]) {
        yield* crash("b", reason)
        yield* pass("1 second")
      }
      since()
      yield* crash("b", new Error("third"))
      assert.strictEqual(since(), "-b -c -a")
      assert.strictEqual(failureOf(ended.pollUnsafe()), "root gave up on b (more than 2 restarts within 10s): third")
      assert.deepStrictEqual(brief(yield* tree.status), ["a stopped 0", "b failed 2", "c stopped 0"])
      assert.deepInclude(yield* tree.status, { state: "failed", lastFailure: "root gave up on b (more than 2 restarts within 10s): third" })
    }))

  it.effect("are those of all children together, but not of one that counts its own", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const own = child("own", atMost(9))
      const tree = yield* start(supervisor("one-for-one", [child("a"), child("b"), own], atMost(2)))
      const ended = yield* Effect.forkChild(tree.ended)
      for (const name of ["own", "own", "own", "a", "b", "own"]) {
        yield* crash(name)
        yield* pass("10 seconds")
      }
      assert.isUndefined(ended.pollUnsafe())
      yield* crash("a")
      assert.match(failureOf(ended.pollUnsafe()), /^root gave up on a /)
    }))

  it.effect("do not come together when they are far apart", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const tree = yield* start(supervisor("one-for-one", [child("a")], atMost(1, "1 minute")))
      for (let crashes = 0; crashes < 20; crashes++) {
        yield* crash("a")
        yield* pass("61 seconds")
      }
      assert.deepStrictEqual(brief(yield* tree.status), ["a running 20"])
    }))

  it.effect("may be restarts on request", () =>
    Effect.gen(function*() {
      const { child } = workbench()
      const tree = yield* start(supervisor("one-for-one", [child("a")], atMost(1)))
      const ended = yield* Effect.forkChild(tree.ended)
      yield* tree.restart("root/a", "stuck")
      yield* settle
      assert.isUndefined(ended.pollUnsafe())
      yield* tree.restart("root/a", "stuck again")
      yield* settle
      assert.strictEqual(failureOf(ended.pollUnsafe()), "root gave up on a (more than 1 restarts within Infinity): stuck again")
      assert.isFalse(yield* tree.restart("root/a", "too late"))
    }))

  it.effect("wait for the deadlines of the others, and for nothing else", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const deaf = child("deaf", { stopWithin: Duration.seconds(3), start: Effect.succeed(Effect.uninterruptible(Effect.sleep("1 minute"))) })
      const tree = yield* start(supervisor("one-for-one", [child("a"), deaf], atMost(0)))
      const ended = yield* Effect.forkChild(tree.ended)
      yield* crash("a")
      yield* pass("2 seconds")
      assert.isUndefined(ended.pollUnsafe())
      yield* pass("1 second")
      assert.isDefined(ended.pollUnsafe())
      yield* pass("1 minute")
    }))
})

describe("a supervisor below another", () => {
  it.effect("is restarted as a whole when it has given up, by its parent's strategy, and counts anew", () =>
    Effect.gen(function*() {
      const { child, crash, since } = workbench()
      const nested = supervisor("one-for-one", [child("b"), child("c")], { name: "nested", ...atMost(1) })
      const tree = yield* start(supervisor("rest-for-one", [child("a"), nested, child("d")]))
      since()
      for (let round = 1; round <= 3; round++) {
        yield* crash("c")
        yield* pass("1 second")
        assert.strictEqual(since(), "-c +c")
        yield* crash("c", `round ${round}`)
        assert.strictEqual(since(), "-c -b -d")
        assert.strictEqual((yield* tree.status).children[1]?.lastFailure, `nested gave up on c (more than 1 restarts within Infinity): round ${round}`)
        yield* pass("1 second")
        assert.strictEqual(since(), "+b +c +d")
      }
      assert.deepStrictEqual(brief(yield* tree.status), ["a running 0", "nested running 3", "b running 3", "c running 6", "d running 3"])
    }))

  it.effect("passes its reason up to the root: one line with the whole chain, the innermost reason last", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const inner = supervisor("one-for-one", [child("email-sync"), child("webhooks")], { name: "consumers", ...atMost(1, "10 seconds") })
      const outer = supervisor("one-for-all", [child("outbox"), inner], { name: "work", ...atMost(0, "1 minute") })
      const [, lines] = yield* withLines(Effect.gen(function*() {
        const tree = yield* start(supervisor("one-for-one", [outer, child("operations")], { name: "tt-worker", ...atMost(0, "1 minute") }))
        const ended = yield* Effect.forkChild(tree.ended)
        yield* crash("email-sync", "connection refused")
        yield* pass("1 second")
        yield* crash("email-sync", "connection\nrefused again")
        assert.strictEqual(
          failureOf(ended.pollUnsafe()),
          "tt-worker gave up on work (more than 0 restarts within 1m): work gave up on consumers (more than 0 restarts within 1m): "
            + "consumers gave up on email-sync (more than 1 restarts within 10s): connection refused again"
        )
        assert.strictEqual((yield* tree.status).state, "failed")
      }))
      assert.include(lines, "tt-worker/work/consumers/email-sync crashed: connection refused again; consumers gives up")
      assert.include(lines, "tt-worker/work crashed: work gave up on consumers")
    }))

  it.effect("that gives up while it starts counts as one that crashed", () =>
    Effect.gen(function*() {
      const { child } = workbench()
      let broken = true
      const failing = child("failing", { start: Effect.suspend(() => broken ? Effect.fail("no port") : Effect.succeed(Effect.never)) })
      const nested = supervisor("one-for-all", [failing], { name: "nested", ...atMost(1) })
      const tree = yield* start(supervisor("one-for-one", [nested, child("b")]))
      yield* pass("100 millis")
      assert.deepStrictEqual(brief(yield* tree.status), ["nested backing-off 0", "failing failed 1", "b running 0"])
      broken = false
      yield* pass("100 millis")
      assert.deepStrictEqual(brief(yield* tree.status), ["nested running 1", "failing running 2", "b running 0"])
    }))

  it.effect("leaves no fiber when the root has ended, and closing the scope then is quick", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const nested = supervisor("one-for-one", [child("b")], { name: "nested", ...atMost(0) })
      const count = yield* countFibers(Effect.scoped(Effect.gen(function*() {
        const tree = yield* start(supervisor("one-for-one", [child("a"), nested], atMost(0)))
        yield* crash("b")
        return yield* Effect.exit(tree.ended)
      })))
      yield* settle
      assert.strictEqual(count.left, 0)
      assert.isAbove(count.begun, 4)
    }))
})

describe("whoever follows a tree", () => {
  it.effect("sees each state that lasts", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const tree = yield* start(supervisor("one-for-one", [child("a")]))
      const seen: Array<string> = []
      const following = yield* Effect.forkChild(Stream.runForEach(tree.changes, (status) => Effect.sync(() => void seen.push(brief(status).join()))))
      yield* settle
      yield* crash("a")
      yield* pass("1 second")
      assert.deepStrictEqual(seen.filter((state, index) => state !== seen[index - 1]), ["a running 0", "a stopping 0", "a backing-off 0", "a starting 1", "a running 1"])
      yield* Fiber.interrupt(following)
    }))
})
