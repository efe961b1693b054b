import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Scope } from "effect"
import { countFibers, brief, pass, settle, start, supervisor, workbench } from "./treeWorkbench.ts"
import { withLines } from "./toyProgram.ts"

const inScope = Effect.fnUntraced(function*<A, E>(effect: Effect.Effect<A, E, Scope.Scope>) {
  const scope = yield* Scope.make()
  return [yield* Scope.provide(effect, scope), scope] as const
})

describe("starting a tree", () => {
  it.effect("starts each child when the one before has started", () =>
    Effect.gen(function*() {
      const { child, note, since } = workbench()
      const slow = child("slow", { start: note("+slow").pipe(Effect.andThen(Effect.sleep("2 seconds")), Effect.andThen(note("slow is there")), Effect.as(Effect.never)) })
      for (const strategy of ["one-for-one", "one-for-all", "rest-for-one"] as const) {
        const tree = yield* start(supervisor(strategy, [child("a"), slow, child("z")]))
        assert.strictEqual(since(), "+a +slow")
        assert.deepStrictEqual(brief(yield* tree.status), ["a running 0", "slow starting 0", "z stopped 0"])
        assert.strictEqual((yield* tree.status).state, "starting")
        yield* pass("2 seconds")
        assert.strictEqual(since(), "slow is there +z")
        yield* tree.started
        assert.strictEqual((yield* tree.status).state, "running")
      }
    }))

  it.effect("does not let one hanging start hold up siblings that do not stand on it", () =>
    Effect.gen(function*() {
      const { child, since } = workbench()
      const hanging = child("hanging", { start: Effect.never })
      const tree = yield* start(supervisor("one-for-one", [hanging, child("b"), child("c")]))
      yield* pass("5 seconds")
      assert.strictEqual(since(), "+b +c")
      yield* tree.started
      assert.deepStrictEqual(brief(yield* tree.status), ["hanging starting 0", "b running 0", "c running 0"])
    }))

  it.effect("takes a start that hangs for a crash after its limit", () =>
    Effect.gen(function*() {
      const { child, since } = workbench()
      const hanging = child("hanging", { start: Effect.never, startWithin: Duration.seconds(7) })
      const [, lines] = yield* withLines(Effect.gen(function*() {
        const tree = yield* start(supervisor("rest-for-one", [hanging, child("b")]))
        yield* pass("6999 millis")
        assert.deepStrictEqual(brief(yield* tree.status), ["hanging starting 0", "b stopped 0"])
        yield* pass("1 millis")
        assert.strictEqual((yield* tree.status).children[0]?.state, "backing-off")
        yield* pass("100 millis")
        assert.deepStrictEqual(brief(yield* tree.status)[0], "hanging starting 1")
      }))
      assert.include(lines, "root/hanging did not start: did not start within 7s; next start in 100ms")
      assert.strictEqual(since(), "")
    }))

  it.effect("lets go of what a start that failed had acquired", () =>
    Effect.gen(function*() {
      const { child, note, since } = workbench()
      let tries = 0
      const failing = child("failing", {
        start: Effect.acquireRelease(note("+port"), () => note("-port")).pipe(
          Effect.andThen(Effect.suspend(() => ++tries < 3 ? Effect.fail(new Error("taken")) : Effect.succeed(Effect.never)))
        )
      })
      const tree = yield* start(supervisor("one-for-one", [failing, child("b")]))
      assert.strictEqual(since(), "+port -port +b")
      assert.strictEqual((yield* tree.status).children[0]?.lastFailure, "taken")
      yield* pass("1 seconds")
      assert.strictEqual(since(), "+port -port +port")
      assert.deepStrictEqual(brief(yield* tree.status), ["failing running 2", "b running 0"])
    }))

  it.effect("refuses two children of one name", () =>
    Effect.gen(function*() {
      const { child } = workbench()
      const exit = yield* Effect.exit(start(supervisor("one-for-one", [child("a"), child("a")])))
      assert.isTrue(Exit.hasDies(exit))
    }))
})

describe("stopping a tree", () => {
  it.effect("stops in reverse order, each when the one after it has let go, and only once", () =>
    Effect.gen(function*() {
      const { child, note, since } = workbench()
      const slow = child("slow", {
        start: Effect.acquireRelease(note("+slow"), () => note("slow goes").pipe(Effect.andThen(Effect.sleep("2 seconds")), Effect.andThen(note("-slow")))).pipe(Effect.as(Effect.never))
      })
      const nested = supervisor("one-for-one", [child("b"), slow, child("c")], { name: "nested" })
      const [tree, scope] = yield* inScope(start(supervisor("one-for-one", [child("a"), nested, child("d")])))
      assert.strictEqual(since(), "+a +b +slow +c +d")
      const closing = yield* Effect.forkChild(Effect.all([Scope.close(scope, Exit.void), Scope.close(scope, Exit.void)], { concurrency: 2 }))
      yield* settle
      assert.strictEqual(since(), "-d -c slow goes")
      assert.deepStrictEqual(brief(yield* tree.status), ["a running 0", "nested stopping 0", "b running 0", "slow stopping 0", "c stopped 0", "d stopped 0"])
      yield* pass("2 seconds")
      assert.strictEqual(since(), "-slow -b -a")
      assert.isDefined(closing.pollUnsafe())
      assert.strictEqual((yield* tree.status).state, "stopped")
      assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(tree.ended)))
      assert.isFalse(yield* tree.restart("root/a", "too late"))
      yield* Scope.close(scope, Exit.void)
    }))

  it.effect("goes on without a child that does not stop within its deadline, and says so", () =>
    Effect.gen(function*() {
      const { child, since } = workbench()
      const deaf = child("deaf", { stopWithin: Duration.seconds(3), start: Effect.succeed(Effect.uninterruptible(Effect.sleep("1 minute"))) })
      const [, lines] = yield* withLines(Effect.gen(function*() {
        const [tree, scope] = yield* inScope(start(supervisor("one-for-one", [child("a"), deaf, child("c")])))
        since()
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        yield* pass("2999 millis")
        assert.strictEqual(since(), "-c")
        yield* pass("1 millis")
        assert.strictEqual(since(), "-a")
        assert.isDefined(closing.pollUnsafe())
        assert.strictEqual((yield* tree.status).children[1]?.leftBehind, 1)
        yield* pass("1 minute")
        assert.strictEqual((yield* tree.status).children[1]?.leftBehind, 0)
      }))
      assert.include(lines, "root/deaf did not stop within 3s and is left behind")
    }))

  it.effect("gives a scope that hangs after a crash the same deadline, and then restarts", () =>
    Effect.gen(function*() {
      const { child, crash, since } = workbench()
      let runs = 0
      const sticky = child("sticky", {
        start: Effect.addFinalizer(() => ++runs === 1 ? Effect.never : Effect.void).pipe(Effect.andThen(child("sticky").start))
      })
      const tree = yield* start(supervisor("one-for-one", [sticky, child("b")]))
      since()
      yield* crash("sticky")
      assert.strictEqual((yield* tree.status).children[0]?.state, "stopping")
      yield* crash("b")
      yield* pass("100 millis")
      assert.strictEqual(since(), "-sticky -b +b")
      yield* pass("5 seconds")
      assert.strictEqual(since(), "+sticky")
      assert.deepInclude((yield* tree.status).children[0], { state: "running", restarts: 1, leftBehind: 1, lastFailure: "broken" })
    }))

  it.effect("tells what goes wrong on the way out, and goes on", () =>
    Effect.gen(function*() {
      const { child, crash, since } = workbench()
      const clumsy = child("clumsy", { start: Effect.addFinalizer(() => Effect.die(new Error("still locked"))).pipe(Effect.andThen(child("clumsy").start)) })
      const rude = child("rude", { start: Effect.succeed(Effect.never.pipe(Effect.ensuring(Effect.die("no")))) })
      const [, lines] = yield* withLines(Effect.scoped(Effect.gen(function*() {
        yield* start(supervisor("one-for-one", [child("a"), clumsy, rude]))
        yield* crash("clumsy")
        yield* pass("100 millis")
        assert.strictEqual(since(), "+a +clumsy -clumsy +clumsy")
      })))
      assert.strictEqual(since(), "-clumsy -a")
      assert.strictEqual(lines.match(/root\/clumsy failed while it was stopped: unexpected Error: still locked/g)?.length, 2)
      assert.include(lines, "root/rude failed while it was stopped: unexpected: no")
    }))

  it.effect("ends promptly while a child backs off, and while one hangs in its start", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const [tree, scope] = yield* inScope(start(supervisor("one-for-one", [child("a"), child("hanging", { start: Effect.never })])))
      yield* crash("a")
      assert.deepStrictEqual(brief(yield* tree.status), ["a backing-off 0", "hanging starting 0"])
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      assert.isDefined(closing.pollUnsafe())
      assert.deepStrictEqual(brief(yield* tree.status), ["a stopped 0", "hanging stopped 0"])
    }))

  it.effect("leaves no fiber behind, whatever happened before", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      const spawning = child("spawning", { start: Effect.forkScoped(Effect.never).pipe(Effect.andThen(child("spawning").start)) })
      const nested = supervisor("rest-for-one", [child("b"), spawning, child("c")], { name: "nested" })
      const count = yield* countFibers(Effect.scoped(Effect.gen(function*() {
        const tree = yield* start(supervisor("one-for-all", [child("a"), nested, child("hanging", { start: Effect.never })]))
        yield* crash("b")
        yield* pass("1 second")
        yield* crash("spawning")
        yield* crash("a")
        yield* pass("1 second")
        yield* tree.restart("root/nested/c", "wished")
        yield* settle
        yield* crash("c")
      })))
      yield* settle
      assert.isAbove(count.begun, 20)
      assert.strictEqual(count.left, 0)
    }))
})

describe("what is said of a tree", () => {
  it.effect("is plain data with the state of each node, and when it starts next", () =>
    Effect.gen(function*() {
      const { child, crash } = workbench()
      yield* pass("1 second")
      const tree = yield* start(supervisor("rest-for-one", [child("a", { kind: "transient" }), supervisor("one-for-all", [child("b")], { name: "nested" })]))
      yield* pass("1 second")
      yield* crash("a", new Error("the socket\n  was closed"))
      const status: unknown = JSON.parse(JSON.stringify((yield* tree.status).children[0]))
      assert.deepStrictEqual(status, {
        name: "a", path: "root/a", kind: "transient", strategy: null, state: "backing-off", since: "1970-01-01T00:00:02.000Z",
        restarts: 0, lastFailure: "the socket was closed", nextStart: "1970-01-01T00:00:02.100Z", leftBehind: 0, children: []
      })
      const { children: [, nested] } = yield* tree.status
      assert.deepInclude(nested, { path: "root/nested", kind: "permanent", strategy: "one-for-all" })
      assert.strictEqual(nested?.children[0]?.path, "root/nested/b")
      yield* pass("1 second")
      const { children: [a] } = yield* tree.status
      assert.deepInclude(a, { state: "running", restarts: 1, lastFailure: "the socket was closed", nextStart: null })
      assert.strictEqual(a === undefined ? 0 : DateTime.toEpochMillis(a.since), 2100)
    }))
})
