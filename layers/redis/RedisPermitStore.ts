import { Duration, Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import * as Redis from "effect/persistence/Redis"
import { PermitStore, PermitStoreError } from "../../src/services/PermitStore.ts"

/** Each key is a sorted set of tokens by the end of their leases, on Redis' own clock. It goes with its last lease. */
const prelude = `
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function hold(token, lease)
  redis.call("ZADD", KEYS[1], string.format("%.0f", now + lease), token)
  local last = redis.call("ZRANGE", KEYS[1], -1, -1, "WITHSCORES")
  redis.call("PEXPIREAT", KEYS[1], string.format("%.0f", tonumber(last[2])))
  return 1
end
`

const takeScript = Redis.script((key: string, token: string, limit: number, lease: number) => [key, token, limit, lease], {
  numberOfKeys: 1,
  lua: `${prelude}
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", string.format("%.0f", now))
if redis.call("ZCARD", KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
return hold(ARGV[1], tonumber(ARGV[3]))`
}).withReturnType<number>()

const renewScript = Redis.script((key: string, token: string, lease: number) => [key, token, lease], {
  numberOfKeys: 1,
  lua: `${prelude}
local ends = redis.call("ZSCORE", KEYS[1], ARGV[1])
if not ends or tonumber(ends) <= now then return 0 end
return hold(ARGV[1], tonumber(ARGV[2]))`
}).withReturnType<number>()

const heldScript = Redis.script((key: string) => [key], {
  numberOfKeys: 1,
  lua: `${prelude}
return redis.call("ZCOUNT", KEYS[1], "(" .. string.format("%.0f", now), "+inf")`
}).withReturnType<number>()

const toError = (what: string) => (error: Redis.RedisError) => new PermitStoreError({ detail: `Redis: ${what} failed`, cause: error.cause })

/** Permits in Redis, one round trip each. */
export const redisPermitStore = (options: { readonly prefix: string }): Layer.Layer<PermitStore, never, Redis.Redis> =>
  Layer.effect(PermitStore, Effect.gen(function*() {
    const redis = yield* Redis.Redis
    const take = redis.eval(takeScript)
    const renew = redis.eval(renewScript)
    const held = redis.eval(heldScript)
    const nameOf = (key: string) => `${options.prefix}${key}`
    return PermitStore.of({
      take: ({ key, lease, limit }) =>
        Effect.suspend(() => {
          const token = randomUUID()
          const name = nameOf(key)
          const millis = Math.ceil(Duration.toMillis(lease))
          return take(name, token, limit, millis).pipe(
            Effect.mapError(toError("taking one")),
            Effect.map((taken) =>
              taken !== 1 ? null : {
                renew: renew(name, token, millis).pipe(Effect.map((renewed) => renewed === 1), Effect.mapError(toError("renewing one"))),
                release: redis.send("ZREM", name, token).pipe(Effect.asVoid, Effect.mapError(toError("giving one back")))
              }
            )
          )
        }),
      held: (key) => held(nameOf(key)).pipe(Effect.mapError(toError("counting")))
    })
  }))
