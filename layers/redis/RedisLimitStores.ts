import { Layer, type Redacted } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type { Redis } from "effect/persistence/Redis"
import type { PermitStore } from "../../src/services/PermitStore.ts"
import * as RedisConnection from "./RedisConnection.ts"
import { redisPermitStore } from "./RedisPermitStore.ts"

type Stores = RateLimiter.RateLimiterStore | CircuitBreaker.CircuitBreakerStore | PermitStore

/** All keys begin with "tt-worker:", apart from BullMQ's. */
export const onRedis: Layer.Layer<Stores, never, Redis> = Layer.mergeAll(
  RateLimiter.layerStoreRedis({ prefix: "tt-worker:rate:" }),
  CircuitBreaker.layerStoreRedis({ prefix: "tt-worker:circuit:" }),
  redisPermitStore({ prefix: "tt-worker:permits:" })
)

/**
 * What `SharedLimits` stands on, in Redis. Rates are counted by Effect's token bucket, which reads the time from the
 * process: keep the machines' clocks together (NTP), or a process ahead of the others makes them wait for its lead.
 */
export const layer = (options: { readonly url: Redacted.Redacted<string>; readonly label: string }): Layer.Layer<Stores> =>
  onRedis.pipe(Layer.provide(RedisConnection.layer(options)))
