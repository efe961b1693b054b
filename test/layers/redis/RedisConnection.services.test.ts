import { assert, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Option, Queue, Redacted } from "effect"
import * as Redis from "effect/persistence/Redis"
import { freePort } from "../../../layers/embedded/freePort.ts"
import * as RedisConnection from "../../../layers/redis/RedisConnection.ts"
import { OwnRedis } from "../../support/ownRedis.ts"
import { until } from "../../support/until.ts"
import { quiet } from "../limits/bench.ts"

const connected = OwnRedis.use(({ url }) => Effect.map(Layer.build(RedisConnection.layer({ url, label: "own Redis" })), Context.get(Redis.Redis)))
const double = Redis.script((key: string) => [key], { numberOfKeys: 1, lua: `return redis.call("GET", KEYS[1]) * 2` }).withReturnType<number>()

layer(OwnRedis.layer, { excludeTestServices: true, timeout: "60 seconds" })("the connection to Redis", (it) => {
  it.effect("sends commands and runs scripts, and says what Redis refused", () =>
    Effect.gen(function*() {
      const redis = yield* connected
      assert.strictEqual(yield* redis.send("SET", "n", "21"), "OK")
      assert.strictEqual(yield* redis.eval(double)("n"), 42)
      yield* redis.send("SCRIPT", "FLUSH")
      assert.strictEqual(yield* redis.eval(double)("n"), 42)
      const error = yield* Effect.flip(redis.send("HGET", "n", "field"))
      assert.include(String(error.cause), "WRONGTYPE")
    }))

  it.effect("hands on what is published, and lends connections that may block", () =>
    Effect.gen(function*() {
      const redis = yield* connected
      const messages = yield* redis.subscribe("news")
      yield* until(redis.send<number>("PUBLISH", "news", "hello"), (heard) => heard === 1)
      assert.deepStrictEqual(yield* Queue.take(messages), { channel: "news", message: "hello" })
      const reserved = yield* redis.reserve
      const blocked = yield* Effect.forkChild(reserved.send<ReadonlyArray<string>>("BLPOP", "line", "5"))
      yield* Effect.sleep("100 millis")
      yield* redis.send("RPUSH", "line", "first")
      assert.deepStrictEqual(yield* Fiber.join(blocked), ["line", "first"])
    }))

  it.effect("fails at once while Redis is gone, and works again by itself when it is back", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* OwnRedis
      const redis = yield* connected
      yield* redis.send("SET", "kept", "yes")
      yield* stop
      yield* Effect.sleep("100 millis")
      const began = performance.now()
      for (let round = 0; round < 50; round++) yield* Effect.flip(redis.send("GET", "kept"))
      assert.isBelow(performance.now() - began, 1_000)
      yield* start
      const answer = yield* until(Effect.option(redis.send<string>("GET", "kept")), Option.isSome)
      assert.strictEqual(Option.getOrNull(answer), "yes")
    }).pipe(quiet))

  it.effect("does not hold up the start where there is no Redis yet", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const began = performance.now()
      const context = yield* Layer.build(RedisConnection.layer({ url: Redacted.make(`redis://127.0.0.1:${port}`), label: "nobody" }))
      assert.isBelow(performance.now() - began, 3_500)
      yield* Effect.flip(Context.get(context, Redis.Redis).send("PING"))
    }).pipe(quiet))
})
