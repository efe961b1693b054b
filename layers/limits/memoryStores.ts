import { Layer } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type { PermitStore } from "../../src/services/PermitStore.ts"
import { MemoryPermitStore } from "./MemoryPermitStore.ts"

/** What `SharedLimits` stands on, in this process alone: for one-shot commands and tests. */
export const memoryStores: Layer.Layer<RateLimiter.RateLimiterStore | CircuitBreaker.CircuitBreakerStore | PermitStore> = Layer.mergeAll(
  RateLimiter.layerStoreMemory,
  CircuitBreaker.layerStoreMemory(),
  MemoryPermitStore
)
