import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import * as fc from "fast-check"
import * as FiberPool from "../../../src/supervisor/FiberPool.ts"
import { countFibers, pass, settle } from "./treeWorkbench.ts"

const job = Effect.sleep("1 minute")

/** Starters that wait for their turn in the background. */
const starters = (pool: FiberPool.FiberPool, keys: string, effect: Effect.Effect<unknown> = job) =>
  Effect.forEach([...keys], (key) => Effect.forkChild(pool.run(key, effect))).pipe(Effect.tap(() => settle))

describe("a pool of fibers", () => {
  it.effect("runs as many as it has slots, and lets the next in when one has ended, first come, first served", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(2)
      yield* starters(pool, "abcd")
      assert.deepStrictEqual(yield* pool.keys, ["a", "b"])
      assert.isTrue(yield* pool.interrupt("a"))
      assert.deepStrictEqual(yield* pool.keys, ["b", "c"])
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* pool.keys, ["d"])
      yield* pass("1 minute")
      assert.strictEqual(yield* pool.size, 0)
    }))

  it.effect("answers with the fiber, whose end is its own", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(1)
      assert.strictEqual(yield* Fiber.join(yield* pool.run("a", Effect.succeed(42))), 42)
      assert.strictEqual(yield* Effect.flip(Fiber.join(yield* pool.run("a", Effect.fail("no")))), "no")
      assert.isTrue(Exit.hasDies(yield* Fiber.await(yield* pool.run("a", Effect.die("odd")))))
      assert.strictEqual(yield* pool.size, 0)
    }))

  it.effect("refuses a second run of a key, whether it runs or waits", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(1)
      yield* starters(pool, "ab")
      for (const key of ["a", "b"]) {
        assert.strictEqual((yield* Effect.flip(pool.run(key, job))).message, `${key} is in the pool already`)
      }
      yield* pool.interrupt("a")
      yield* starters(pool, "a")
      assert.deepStrictEqual(yield* pool.keys, ["b"])
    }))

  it.effect("grows at once, and shrinks as its fibers end", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(1)
      yield* starters(pool, "abcde")
      yield* pool.setCapacity(4)
      assert.deepStrictEqual(yield* pool.keys, ["a", "b", "c", "d"])
      yield* pool.setCapacity(2)
      assert.strictEqual(yield* pool.size, 4)
      for (const key of ["a", "b"]) yield* pool.interrupt(key)
      assert.deepStrictEqual(yield* pool.keys, ["c", "d"])
      yield* pool.interrupt("c")
      assert.deepStrictEqual(yield* pool.keys, ["d", "e"])
      assert.strictEqual(yield* pool.capacity, 2)
    }))

  it.effect("lets the next in when a fiber leaves its slot and goes on; no more go on so than there are slots", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(2)
      yield* starters(pool, "abcdef")
      yield* pool.leaveSlot("a")
      yield* pool.leaveSlot("a")
      assert.deepStrictEqual([yield* pool.keys, yield* pool.size], [["a", "b", "c"], 2])
      assert.strictEqual((yield* Effect.flip(pool.run("a", job))).message, "a is in the pool already")
      yield* pool.leaveSlot("b")
      yield* pool.leaveSlot("c")
      assert.deepStrictEqual([yield* pool.keys, yield* pool.size, yield* pool.free], [["a", "b", "c", "d"], 1, 0])
      yield* pool.interrupt("a")
      assert.deepStrictEqual([yield* pool.keys, yield* pool.size], [["b", "c", "d", "e"], 2])
      yield* pool.leaveSlot("nobody")
      yield* pool.interruptAll
      assert.deepStrictEqual([yield* pool.keys, yield* pool.size, yield* pool.free], [["f"], 1, 1])
      const idle = yield* Effect.forkChild(pool.awaitIdle)
      yield* pool.leaveSlot("f")
      yield* settle
      assert.deepStrictEqual([yield* pool.size, yield* pool.free, idle.pollUnsafe()], [0, 2, undefined])
      yield* pool.interrupt("f")
      yield* settle
      assert.isDefined(idle.pollUnsafe())
    }))

  it.effect("with no slots lets nobody in until it has some", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(0)
      yield* starters(pool, "ab")
      yield* pass("1 hour")
      assert.strictEqual(yield* pool.size, 0)
      yield* pool.setCapacity(1)
      assert.deepStrictEqual(yield* pool.keys, ["a"])
    }))

  it.effect("tells when a slot is free, and when nothing runs", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(2)
      yield* pool.awaitFree
      yield* pool.awaitIdle
      yield* starters(pool, "abc")
      const free = yield* Effect.forkChild(pool.awaitFree)
      const idle = yield* Effect.forkChild(pool.awaitIdle)
      yield* settle
      yield* pool.interrupt("a")
      yield* settle
      // That slot was for the one in the line.
      assert.isUndefined(free.pollUnsafe())
      yield* pool.interrupt("b")
      yield* settle
      assert.deepStrictEqual(free.pollUnsafe(), Exit.void)
      assert.isUndefined(idle.pollUnsafe())
      yield* pool.interrupt("c")
      yield* settle
      assert.deepStrictEqual(idle.pollUnsafe(), Exit.void)
    }))

  it.effect("has a free slot when it has grown, and when the last in the line has left", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(1)
      yield* starters(pool, "a")
      const first = yield* Effect.forkChild(pool.awaitFree)
      yield* settle
      yield* pool.setCapacity(2)
      yield* Fiber.join(first)
      yield* pool.setCapacity(0)
      const [leaving] = yield* starters(pool, "b")
      const second = yield* Effect.forkChild(pool.awaitFree)
      yield* settle
      yield* pool.setCapacity(1)
      yield* settle
      assert.isUndefined(second.pollUnsafe())
      if (leaving !== undefined) yield* Fiber.interrupt(leaving)
      yield* pool.interrupt("a")
      yield* settle
      assert.deepStrictEqual(second.pollUnsafe(), Exit.void)
      assert.strictEqual(yield* pool.size, 0)
    }))

  it.effect("waits for the end of what it interrupts", () =>
    Effect.gen(function*() {
      // The test clock's very first sleep can be interrupted even where nothing else can.
      yield* pass("1 second")
      const pool = yield* FiberPool.make(3)
      yield* starters(pool, "abc", Effect.never.pipe(Effect.onInterrupt(() => Effect.sleep("2 seconds"))))
      const one = yield* Effect.forkChild(pool.interrupt("a"))
      yield* pass("1 second")
      assert.isUndefined(one.pollUnsafe())
      yield* pass("1 second")
      assert.deepStrictEqual(one.pollUnsafe(), Exit.succeed(true))
      assert.isFalse(yield* pool.interrupt("a"))
      const all = yield* Effect.forkChild(pool.interruptAll)
      yield* pass("2 seconds")
      assert.deepStrictEqual(all.pollUnsafe(), Exit.void)
      assert.strictEqual(yield* pool.size, 0)
    }))

  it.effect("that closes interrupts what runs, refuses who waits, and leaves no fiber", () =>
    Effect.gen(function*() {
      const count = yield* countFibers(Effect.gen(function*() {
        const scope = yield* Scope.make()
        const pool = yield* Scope.provide(FiberPool.make(1), scope)
        const waiting = yield* Effect.forkChild(Effect.all([pool.run("a", job), pool.run("b", job)], { concurrency: 2 }))
        const free = yield* Effect.forkChild(pool.awaitFree)
        yield* settle
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual((yield* Effect.flip(Fiber.join(waiting)))._tag, "PoolClosed")
        assert.strictEqual((yield* Effect.flip(Fiber.join(free)))._tag, "PoolClosed")
        assert.strictEqual((yield* Effect.flip(pool.run("c", job)))._tag, "PoolClosed")
        yield* pool.awaitIdle
      }))
      yield* settle
      assert.strictEqual(count.left, 0)
    }))

  it("never runs more than it may, loses nobody, and runs none twice, whatever happens in what order", async () => {
    const action = fc.oneof(
      fc.record({ what: fc.constant("run" as const), n: fc.nat({ max: 9 }) }),
      fc.record({ what: fc.constant("end" as const), n: fc.nat({ max: 9 }) }),
      fc.record({ what: fc.constant("interrupt" as const), n: fc.nat({ max: 9 }) }),
      fc.record({ what: fc.constant("leave" as const), n: fc.nat({ max: 9 }) }),
      fc.record({ what: fc.constant("resize" as const), n: fc.nat({ max: 4 }) })
    )
    const tryIt = (actions: ReadonlyArray<{ readonly what: "run" | "end" | "interrupt" | "leave" | "resize"; readonly n: number }>) =>
      Effect.gen(function*() {
        const pool = yield* FiberPool.make(2)
        // The reference: who runs, who waits, in order.
        let slots = 2
        const running: Array<string> = []
        const waiting: Array<string> = []
        const admit = () => {
          while (running.length < slots) {
            const next = waiting.shift()
            if (next === undefined) return
            running.push(next)
          }
        }
        const remove = (list: Array<string>, key: string) => list.includes(key) && list.splice(list.indexOf(key), 1).length > 0
        const ends = new Map<string, Deferred.Deferred<void>>()
        const askers = new Map<string, Fiber.Fiber<unknown, unknown>>()
        for (const { n, what } of actions) {
          const key = `${n}`
          if (what === "run") {
            const taken = running.includes(key) || waiting.includes(key)
            if (!taken) waiting.push(key)
            const end = Deferred.makeUnsafe<void>()
            const asker = yield* Effect.forkChild(pool.run(key, Effect.suspend(() => {
              ends.set(key, end)
              return Deferred.await(end)
            })))
            yield* settle
            if (taken) assert.isTrue(Exit.isFailure(yield* Fiber.await(asker)))
            else askers.set(key, asker)
          } else if (what === "end" || what === "interrupt") {
            const end = ends.get(key)
            const ran = remove(running, key)
            if (what === "interrupt") assert.strictEqual(yield* pool.interrupt(key), ran)
            else if (ran && end !== undefined) yield* Deferred.succeed(end, undefined)
          } else if (what === "leave") {
            const asker = askers.get(key)
            if (remove(waiting, key) && asker !== undefined) yield* Fiber.interrupt(asker)
          } else {
            slots = n
            yield* pool.setCapacity(n)
          }
          admit()
          yield* settle
          assert.deepStrictEqual(yield* pool.keys, running)
          const free = yield* Effect.forkChild(pool.awaitFree)
          yield* settle
          assert.strictEqual(free.pollUnsafe() !== undefined, running.length < slots && waiting.length === 0)
        }
      }).pipe(Effect.scoped)
    let tried = 0
    await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
      await Effect.runPromise(tryIt(actions))
      tried += 1
    }), { numRuns: 200 })
    assert.strictEqual(tried, 200)
  })

  it.live("is cheap: a line of fifty thousand that end at once does not grow the stack, and takes less than five seconds", () =>
    Effect.gen(function*() {
      const pool = yield* FiberPool.make(0)
      let ran = 0
      const noop = Effect.sync(() => void (ran += 1))
      const all = yield* Effect.forkChild(Effect.forEach(Array.from({ length: 50_000 }), (_, index) => pool.run(`${index}`, noop), { concurrency: "unbounded", discard: true }))
      yield* Effect.yieldNow
      const began = performance.now()
      yield* pool.setCapacity(10)
      yield* Fiber.join(all)
      assert.strictEqual(ran, 50_000)
      for (let index = 0; index < 50_000; index++) yield* pool.run("same", noop)
      assert.isBelow(performance.now() - began, 5_000)
    }))
})
