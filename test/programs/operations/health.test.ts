import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { healthRoutes } from "../../../programs/operations/health.ts"
import { Readiness } from "../../../src/supervisor/Readiness.ts"

/** Asks the routes without a server between. */
const open = Effect.gen(function*() {
  const readiness = Context.get(yield* Layer.build(Readiness.layer), Readiness)
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(healthRoutes.pipe(Layer.provide(Layer.succeed(Readiness, readiness))), { disableLogger: true })),
    ({ dispose }) => Effect.promise(dispose)
  )
  const ask = (path: string, method = "GET") =>
    Effect.promise(async () => {
      const response = await handler(new Request(`http://worker${path}`, { method }))
      return { status: response.status, body: await response.text(), cache: response.headers.get("cache-control") }
    })
  return { readiness, ask }
})

const ready = { status: 200, body: "{\"status\":\"ready\"}", cache: "no-store" }
const notReady = { status: 503, body: "{\"status\":\"not ready\"}", cache: "no-store" }

describe("health", () => {
  it.effect("is ready only while the consumers take jobs", () =>
    Effect.gen(function*() {
      const { ask, readiness } = yield* open
      assert.deepStrictEqual(yield* ask("/health/ready"), notReady)
      yield* readiness.set(true)
      assert.deepStrictEqual(yield* ask("/health/ready"), ready)
      yield* readiness.set(false)
      assert.deepStrictEqual(yield* ask("/health/ready"), notReady)
    }))

  it.effect("has started once it was ready, and stays so while it drains", () =>
    Effect.gen(function*() {
      const { ask, readiness } = yield* open
      assert.strictEqual((yield* ask("/health/startup")).status, 503)
      yield* readiness.set(true)
      assert.strictEqual((yield* ask("/health/startup")).status, 200)
      yield* readiness.set(false)
      assert.strictEqual((yield* ask("/health/startup")).status, 200)
    }))

  it.effect("is live all the time, so that a worker that waits or drains is not killed", () =>
    Effect.gen(function*() {
      const { ask, readiness } = yield* open
      for (const now of [false, true, false]) {
        yield* readiness.set(now)
        assert.deepStrictEqual(yield* ask("/health/live"), { status: 200, body: "{\"status\":\"live\"}", cache: "no-store" })
      }
    }))

  it.effect("serves nothing else", () =>
    Effect.gen(function*() {
      const { ask } = yield* open
      assert.strictEqual((yield* ask("/health")).status, 404)
      assert.strictEqual((yield* ask("/health/ready", "POST")).status, 404)
    }))
})
