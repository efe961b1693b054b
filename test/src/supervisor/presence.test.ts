import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Scope, SubscriptionRef } from "effect"
import { ProcessRegistry, ProcessRegistryError } from "../../../src/services/ProcessRegistry.ts"
import { type Controls, noControls, QueueControls } from "../../../src/services/QueueControls.ts"
import { LiveControls } from "../../../src/supervisor/consumer/LiveControls.ts"
import { startPresence } from "../../../src/supervisor/presence.ts"
import { withLines } from "./toyProgram.ts"
import { pass } from "./treeWorkbench.ts"

const database = (state: { away: boolean; wanted: Controls; beats: number; left: number }) =>
  Layer.mergeAll(
    Layer.succeed(ProcessRegistry, {
      id: "p",
      beat: Effect.suspend(() => {
        if (state.away) return Effect.fail(new ProcessRegistryError({ detail: "connection refused" }))
        state.beats++
        return Effect.void
      }),
      leave: Effect.sync(() => void state.left++)
    }),
    Layer.mock(QueueControls, { read: Effect.sync(() => state.wanted) }),
    LiveControls.layer
  )

const paused: Controls = { ...noControls, pausedQueues: new Set(["email-sync"]) }

describe("the presence of a process", () => {
  it.effect("shows itself every second, learns what operators want within two, and leaves in the end", () =>
    Effect.gen(function*() {
      const state = { away: false, wanted: noControls, beats: 0, left: 0 }
      const context = yield* Layer.build(database(state))
      const scope = yield* Scope.make()
      const run = yield* startPresence.pipe(Effect.provideContext(context), Scope.provide(scope))
      assert.strictEqual(state.beats, 1)
      const fiber = yield* Effect.forkChild(Effect.provideContext(run, context))
      yield* pass("10 seconds")
      assert.isAtLeast(state.beats, 10)
      state.wanted = paused
      yield* pass("2 seconds")
      assert.deepStrictEqual(yield* SubscriptionRef.get(Context.get(context, LiveControls)), paused)
      yield* Fiber.interrupt(fiber)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(state.left, 1)
    }))

  it.effect("keeps the last known commands in force while the database is away, and tells it once", () =>
    Effect.gen(function*() {
      const state = { away: false, wanted: paused, beats: 0, left: 0 }
      const context = yield* Layer.build(database(state))
      const [, lines] = yield* withLines(Effect.gen(function*() {
        const run = yield* startPresence
        yield* Effect.forkChild(run)
        yield* pass("1 second")
        state.away = true
        state.wanted = noControls
        yield* pass("1 minute")
        assert.deepStrictEqual(yield* SubscriptionRef.get(yield* LiveControls), paused)
        state.away = false
        yield* pass("2 seconds")
        assert.deepStrictEqual(yield* SubscriptionRef.get(yield* LiveControls), noControls)
      }).pipe(Effect.provideContext(context)))
      assert.lengthOf(lines.match(/the last known commands stay in force/g) ?? [], 1)
      assert.include(lines, "the database is back")
    }))

  it.effect("shows itself again within the six seconds after which it would count as dead, when one answer is lost", () =>
    Effect.gen(function*() {
      const state = { away: false, wanted: noControls, beats: 0, left: 0 }
      let asked = 0
      let longest = 0
      let last = 0
      const registry = Layer.succeed(ProcessRegistry, {
        id: "p",
        beat: Effect.gen(function*() {
          if (++asked % 3 === 2) return yield* Effect.never
          const now = yield* Clock.currentTimeMillis
          longest = Math.max(longest, now - last)
          last = now
        }),
        leave: Effect.void
      })
      const context = yield* Layer.build(Layer.merge(database(state), registry))
      const run = yield* startPresence.pipe(Effect.provideContext(context))
      yield* Effect.forkChild(Effect.provideContext(run, context))
      yield* pass("1 minute")
      assert.isAtLeast(asked, 20)
      assert.isBelow(longest, 6_000)
    }))

  it.effect("has not begun before the database could be asked once", () =>
    Effect.gen(function*() {
      const state = { away: true, wanted: paused, beats: 0, left: 0 }
      const context = yield* Layer.build(database(state))
      const starting = yield* Effect.forkChild(startPresence.pipe(Effect.provideContext(context)))
      yield* pass("1 minute")
      assert.isUndefined(starting.pollUnsafe())
      state.away = false
      yield* pass("2 seconds")
      assert.isDefined(starting.pollUnsafe())
    }))
})
