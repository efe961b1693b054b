import { Effect, Layer, Schema } from "effect"
import type { CircuitBreakerStore } from "effect/persistence/CircuitBreaker"
import type { RateLimiterStore } from "effect/persistence/RateLimiter"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { PermitStore } from "../../../src/services/PermitStore.ts"
import { askRow } from "./askRow.ts"
import { postgresCircuitBreakerStore } from "./PostgresCircuitBreakerStore.ts"
import { PostgresPermitStore } from "./PostgresPermitStore.ts"
import { PostgresRateLimiterStore } from "./PostgresRateLimiterStore.ts"

/** What `SharedLimits` stands on, in the tables of migration 0006. */
export const layer: Layer.Layer<RateLimiterStore | CircuitBreakerStore | PermitStore, never, SqlClient.SqlClient> = Layer.mergeAll(
  PostgresRateLimiterStore,
  postgresCircuitBreakerStore(),
  PostgresPermitStore
)

/**
 * Removes what idle keys have left behind, at most `most` rows of each of the five tables, and says how many. Made to
 * be run every few minutes; rows in use are passed over, and a key that comes back begins as if it had stayed away.
 */
export const removeIdleLimits = Effect.fn("Limits.removeIdle")(function*(most: number): Effect.fn.Return<number, SqlError | Schema.SchemaError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const { removed } = yield* askRow(sql)(Schema.Struct({ removed: Schema.Finite }))(sql`SELECT tt_worker.clean_limits(${most})::integer AS removed`)
  return removed
})
