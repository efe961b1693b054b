import { Context, Data, type Duration, type Effect } from "effect"

/** One place of a key, held until `release` or until its lease ends without having been renewed. */
export interface Permit {
  /** Holds it for another lease; false when it had lapsed: it may be somebody else's by now, and stays lost. */
  readonly renew: Effect.Effect<boolean, PermitStoreError>
  /** Gives back this very permit; a lapsed one changes nothing. */
  readonly release: Effect.Effect<void, PermitStoreError>
}

/**
 * Counts who is at work for a key, over all processes that share the store. Beside `RateLimiterStore` and
 * `CircuitBreakerStore` of `effect/persistence`, which `Limits` and `Breaker` stand on. The store's own clock ends
 * leases.
 */
export class PermitStore extends Context.Service<PermitStore, {
  /** A permit, or null where `limit` of them are held. */
  readonly take: (options: { readonly key: string; readonly limit: number; readonly lease: Duration.Duration }) => Effect.Effect<Permit | null, PermitStoreError>
  /** How many are held now. */
  readonly held: (key: string) => Effect.Effect<number, PermitStoreError>
}>()("tt-worker/services/PermitStore") {}

/** The store could not be asked; it says nothing about the limit. */
export class PermitStoreError extends Data.TaggedError("PermitStoreError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `permits: ${this.detail}`
  }
}
