import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { Redis } from "ioredis"
import { checkRedis } from "../../../layers/bullmq/redisServer.ts"
import { OwnRedis } from "../../support/ownRedis.ts"

const check = (url: Redacted.Redacted, waits = false) => checkRedis({ url, waits, label: "127.0.0.1" })

const changed = (url: Redacted.Redacted, change: (url: URL) => void): Redacted.Redacted => {
  const address = new URL(Redacted.value(url))
  change(address)
  return Redacted.make(address.href)
}

layer(OwnRedis.layer, { excludeTestServices: true })("a Redis that jobs are to be kept in", (it) => {
  it.effect("is fine when it lets us in and has the database", () =>
    Effect.gen(function*() {
      const { url } = yield* OwnRedis
      yield* check(url)
      yield* check(changed(url, (address) => void (address.pathname = "/7")))
    }))

  it.effect("is refused when it has no such database: jobs would land among another application's", () =>
    Effect.gen(function*() {
      const { url } = yield* OwnRedis
      const error = yield* Effect.flip(check(changed(url, (address) => void (address.pathname = "/5000")), true))
      assert.isFalse(error.comesBack)
      assert.include(error.message, "REDIS_URL")
    }))

  it.effect("is refused with a wrong password, which is not repeated", () =>
    Effect.gen(function*() {
      const { url } = yield* OwnRedis
      const admin = yield* Effect.acquireRelease(
        Effect.sync(() => new Redis(Redacted.value(url))),
        (redis) => Effect.promise(() => redis.config("SET", "requirepass", "")).pipe(Effect.andThen(Effect.sync(() => redis.disconnect())))
      )
      yield* Effect.promise(() => admin.config("SET", "requirepass", "open sesame"))
      const error = yield* Effect.flip(check(changed(url, (address) => void (address.password = "hunter2")), true))
      assert.isFalse(error.comesBack)
      assert.include(error.message, "WRONGPASS")
      assert.notInclude(error.message, "hunter2")
    }))

  it.effect("is told to be away at once, or waited for", () =>
    Effect.gen(function*() {
      const { start, stop, url } = yield* OwnRedis
      yield* stop
      const error = yield* Effect.flip(check(url))
      assert.isTrue(error.comesBack)
      assert.include(error.message, "cannot be reached")
      const waiting = yield* Effect.forkChild(check(url, true))
      yield* start
      yield* Fiber.join(waiting)
    }))
})
