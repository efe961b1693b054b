import { Queue } from "bullmq"
import { Effect, Layer, Redacted } from "effect"
import { Redis } from "ioredis"
import { redisBackend } from "../../../layers/bullmq/backends.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { OwnRedis } from "../../support/ownRedis.ts"
import { ErasureQueues, erasureRules } from "./rules.ts"

/** Every key, with its value where it is text of any kind, that names the text. */
const searchAll = async (redis: Redis, text: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const key of await redis.keys("*")) {
    const read: Readonly<Record<string, () => Promise<unknown>>> = {
      hash: () => redis.hgetall(key),
      string: () => redis.get(key),
      list: () => redis.lrange(key, 0, -1),
      set: () => redis.smembers(key),
      zset: () => redis.zrange(key, 0, "-1"),
      stream: () => redis.xrange(key, "-", "+")
    }
    const value = JSON.stringify([key, await read[await redis.type(key)]?.()])
    if (new RegExp(`${text}([^0-9]|$)`).test(value)) found.push(`${key}: ${value}`)
  }
  return found
}

erasureRules("Redis", Layer.unwrap(Effect.map(OwnRedis, ({ url }) =>
  Layer.merge(
    Layer.orDie(redisBackend({ url, label: "own Redis", waits: true, retention: defaultRetention })),
    Layer.effect(ErasureQueues, Effect.gen(function*() {
      const redis = yield* Effect.acquireRelease(Effect.sync(() => new Redis(Redacted.value(url))), (opened) => Effect.sync(() => opened.disconnect()))
      yield* Effect.promise(async () => {
        await redis.set("tt-worker:limits:mailbox:firm-1:imap", "1")
        await redis.set("tt-worker:limits:mailbox:firm-10:imap", "1")
        await redis.xadd("bull:automation:events", "*", "event", "failed", "failedReason", "tenant firm-1 has no such user")
      })
      return ErasureQueues.of({
        open: (name) =>
          Effect.acquireRelease(
            Effect.sync(() => new Queue(name, { connection: { url: Redacted.value(url) } })),
            (queue) => Effect.promise(() => queue.close())
          ),
        search: (text) => Effect.promise(() => searchAll(redis, text))
      })
    }))
  ))).pipe(Layer.provide(OwnRedis.layer)))
