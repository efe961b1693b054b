import { assert, describe, it } from "@effect/vitest"
import { Cause, type Duration, Effect } from "effect"
import { ActorStopped } from "../../../src/supervisor/Actor.ts"
import type { ChildKind, Strategy } from "../../../src/supervisor/ChildSpec.ts"
import { brief, pass, settle, start, supervisor, workbench } from "./treeWorkbench.ts"
import { withLines } from "./toyProgram.ts"

const three = (strategy: Strategy, kind: ChildKind = "permanent") =>
  Effect.gen(function*() {
    const bench = workbench()
    const tree = yield* start(supervisor(strategy, [bench.child("a"), bench.child("b", { kind }), bench.child("c")]))
    bench.since()
    return { ...bench, tree, states: Effect.map(tree.status, brief) }
  })

describe("a child that crashes", () => {
  it.effect.each([
    ["one-for-one", "-b", "+b", ["a running 0", "b running 1", "c running 0"]],
    ["one-for-all", "-b -c -a", "+a +b +c", ["a running 1", "b running 1", "c running 1"]],
    ["rest-for-one", "-b -c", "+b +c", ["a running 0", "b running 1", "c running 1"]]
  ] as const)("%s takes down what its strategy says, and all is started again in order after the back-off", ([strategy, down, up, states]) =>
    Effect.gen(function*() {
      const tree = yield* three(strategy)
      yield* tree.crash("b")
      assert.strictEqual(tree.since(), down)
      yield* pass("99 millis")
      assert.strictEqual(tree.since(), "")
      yield* pass("1 millis")
      assert.strictEqual(tree.since(), up)
      assert.deepStrictEqual(yield* tree.states, [...states])
    }))

  it.effect.each([
    ["permanent", "crash", "b running 1"],
    ["permanent", "end", "b running 1"],
    ["transient", "crash", "b running 1"],
    ["transient", "end", "b stopped 0"],
    ["temporary", "crash", "b failed 0"],
    ["temporary", "end", "b stopped 0"]
  ] as const)("or ends, being %s (%s), is started again as its kind says", ([kind, how, state]) =>
    Effect.gen(function*() {
      for (const strategy of ["one-for-one", "one-for-all", "rest-for-one"] as const) {
        const tree = yield* three(strategy, kind)
        yield* how === "crash" ? tree.crash("b") : tree.end("b", Effect.void)
        yield* pass("1 second")
        const states = yield* tree.states
        assert.strictEqual(states[1], state)
        // What does not come back takes nobody with it.
        if (!state.startsWith("b running")) assert.strictEqual(tree.since(), "-b")
      }
    }))

  it.effect.each([
    ["by a failure", Effect.fail(new Error("no more rows")), "no more rows", "WARN"],
    ["by a failure without a message", Effect.fail({ _tag: "Gone" }), "Gone", "WARN"],
    ["by a failure of a service", Effect.fail(new ActorStopped({ actor: "scheduler", reason: null })), "scheduler is stopped", "WARN"],
    ["by a defect", Effect.die(new TypeError("x of undefined")), "unexpected TypeError: x of undefined", "ERROR"],
    ["by an interruption from inside", Effect.interrupt, "interrupted from inside", "WARN"]
  ] as const)("%s is told in one line, with a stack for defects alone", ([, how, reason, level]) =>
    Effect.gen(function*() {
      const [, lines] = yield* withLines(Effect.gen(function*() {
        const tree = yield* three("one-for-one", "transient")
        yield* tree.end("b", how)
        yield* pass("100 millis")
        assert.deepStrictEqual(yield* tree.states, ["a running 0", "b running 1", "c running 0"])
      }))
      assert.include(lines, `root/b crashed: ${reason}; next start in 100ms`)
      assert.include(lines, `level=${level}`)
      assert.strictEqual(lines.split("\n").filter((line) => line.includes("level=")).length, 1)
      assert.strictEqual(/\bat .*\.ts/.test(lines), level === "ERROR")
    }))

  it.effect("waits twice as long each time, up to the cap, and begins anew once it has run well", () =>
    Effect.gen(function*() {
      const tree = yield* three("one-for-one")
      const crashAfter = (running: Duration.Input) =>
        Effect.gen(function*() {
          yield* pass(running)
          yield* tree.crash("b")
          const [, b] = (yield* tree.tree.status).children
          if (b === undefined || b.nextStart === null) return null
          const wait = b.nextStart.epochMilliseconds - b.since.epochMilliseconds
          yield* pass(wait)
          return wait
        })
      const waits: Array<number | null> = []
      for (let crash = 0; crash < 9; crash++) waits.push(yield* crashAfter(0))
      assert.deepStrictEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
      assert.strictEqual(yield* crashAfter("9999 millis"), 10_000)
      assert.strictEqual(yield* crashAfter("10 seconds"), 100)
    }))
})

describe("a group that is started again", () => {
  it.effect("never waits for more than the slowest stop and the back-off, and begins when both are over", () =>
    Effect.gen(function*() {
      const { child, crash, since } = workbench()
      let stops = 0
      const slow = child("slow", {
        start: Effect.addFinalizer(() => ++stops === 1 ? Effect.sleep("1 second") : Effect.void).pipe(Effect.andThen(child("slow").start))
      })
      yield* start(supervisor("one-for-all", [child("a"), slow, child("c")]))
      since()
      yield* crash("c")
      assert.strictEqual(since(), "-c -slow")
      yield* pass("999 millis")
      assert.strictEqual(since(), "")
      yield* pass("1 millis")
      assert.strictEqual(since(), "-a +a +slow +c")
    }))

  it.effect("counts a crash on the way up, and waits again", () =>
    Effect.gen(function*() {
      const { child, crash, since } = workbench()
      let broken = true
      const fragile = child("fragile", { start: Effect.suspend(() => broken && starts++ > 0 ? Effect.fail("not yet") : child("fragile").start) })
      let starts = 0
      const tree = yield* start(supervisor("rest-for-one", [child("a"), child("b"), fragile, child("d")]))
      since()
      yield* crash("b")
      assert.strictEqual(since(), "-b -d -fragile")
      yield* pass("100 millis")
      assert.strictEqual(since(), "+b")
      yield* pass("100 millis")
      assert.deepStrictEqual(brief(yield* tree.status), ["a running 0", "b running 1", "fragile backing-off 2", "d backing-off 0"])
      broken = false
      yield* pass("1 second")
      assert.strictEqual(since(), "+fragile +d")
    }))

  it.effect("brings back a transient sibling that had ended well, but no temporary one", () =>
    Effect.gen(function*() {
      const { child, crash, end, since } = workbench()
      const tree = yield* start(supervisor("one-for-all", [child("a"), child("once", { kind: "transient" }), child("never", { kind: "temporary" })]))
      yield* end("once", Effect.void)
      since()
      yield* crash("a")
      yield* pass("1 second")
      assert.strictEqual(since(), "-a -never +a +once")
      assert.deepStrictEqual(brief(yield* tree.status), ["a running 1", "once running 1", "never stopped 0"])
    }))
})

describe("a restart on request", () => {
  it.effect("stops and starts this one child at once, with the reason", () =>
    Effect.gen(function*() {
      for (const strategy of ["one-for-one", "one-for-all", "rest-for-one"] as const) {
        const { since, states, tree } = yield* three(strategy)
        assert.isTrue(yield* tree.restart("root/b", "no progress for 30s"))
        yield* settle
        assert.strictEqual(since(), "-b +b")
        assert.deepStrictEqual(yield* states, ["a running 0", "b running 1", "c running 0"])
        assert.strictEqual((yield* tree.status).children[1]?.lastFailure, "no progress for 30s")
      }
    }))

  it.effect("starts what waits for its next start, and what had ended", () =>
    Effect.gen(function*() {
      const { crash, since, states, tree } = yield* three("one-for-one", "temporary")
      yield* crash("a")
      yield* crash("b")
      assert.deepStrictEqual(yield* states, ["a backing-off 0", "b failed 0", "c running 0"])
      yield* tree.restart("root/a", "wished")
      yield* tree.restart("root/b", "wished")
      yield* settle
      assert.deepStrictEqual(yield* states, ["a running 1", "b running 1", "c running 0"])
      yield* pass("1 minute")
      assert.strictEqual(since(), "-a -b +a +b")
    }))

  it.effect("of a supervisor restarts all below it", () =>
    Effect.gen(function*() {
      const { child, since } = workbench()
      const tree = yield* start(supervisor("one-for-one", [child("a"), supervisor("one-for-one", [child("b"), child("c")], { name: "nested" })]))
      since()
      yield* tree.restart("root/nested", "wished")
      yield* settle
      assert.strictEqual(since(), "-c -b +b +c")
      assert.deepStrictEqual(brief(yield* tree.status), ["a running 0", "nested running 1", "b running 1", "c running 1"])
      assert.isTrue(yield* tree.restart("root/nested/c", "wished"))
      yield* settle
      assert.strictEqual(since(), "-c +c")
    }))

  it.effect("of what is not there does nothing", () =>
    Effect.gen(function*() {
      const { since, tree } = yield* three("one-for-one")
      for (const path of ["root", "root/x", "root/", "b", ""]) assert.isFalse(yield* tree.restart(path, "wished"))
      yield* settle
      assert.strictEqual(since(), "")
    }))
})

describe("a cause", () => {
  it.effect("of several reasons is told by its failure", () =>
    Effect.gen(function*() {
      const tree = yield* three("one-for-one")
      yield* tree.end("b", Effect.failCause(Cause.combine(Cause.interrupt(), Cause.combine(Cause.die("odd"), Cause.fail("first")))))
      assert.strictEqual((yield* tree.tree.status).children[1]?.lastFailure, "first")
    }))
})
