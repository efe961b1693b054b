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
const notReady = (because: string) => ({ status: 503, body: JSON.stringify({ status: "not ready", because: [because] }), cache: "no-store" })

describe("health", () => {
  it.effect("is ready only while the consumers take jobs, and says what is in the way", () =>
    Effect.gen(function*() {
      const { ask, readiness } = yield* open
      assert.deepStrictEqual(yield* ask("/health/ready"), notReady("it is starting"))
      yield* readiness.follow(Effect.succeed([]))
      assert.deepStrictEqual(yield* ask("/health/ready"), ready)
      yield* readiness.follow(Effect.succeed(["it is draining"]))
      assert.deepStrictEqual(yield* ask("/health/ready"), notReady("it is draining"))
    }))

  it.effect("has started once it was ready, and stays so while it drains", () =>
    Effect.gen(function*() {
      const { ask, readiness } = yield* open
      assert.strictEqual((yield* ask("/health/startup")).status, 503)
      yield* readiness.follow(Effect.succeed([]))
      assert.strictEqual((yield* ask("/health/startup")).status, 200)
      yield* readiness.follow(Effect.succeed(["it is draining"]))
      assert.strictEqual((yield* ask("/health/startup")).status, 200)
    }))

  it.effect("is live all the time, so that a worker that waits or drains is not killed", () =>
    Effect.gen(function*() {
      const { ask, readiness } = yield* open
      for (const now of [false, true, false]) {
        yield* readiness.follow(Effect.succeed(now ? [] : ["email-sync: its server is full"]))
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
