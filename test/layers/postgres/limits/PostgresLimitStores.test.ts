import { assert, layer } from "@effect/vitest"
import { Context, Duration, Effect, Layer } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as SqlClient from "effect/sql/SqlClient"
import { postgresCircuitBreakerStore } from "../../../../layers/postgres/limits/PostgresCircuitBreakerStore.ts"
import * as PostgresLimitStores from "../../../../layers/postgres/limits/PostgresLimitStores.ts"
import { PermitStore } from "../../../../src/services/PermitStore.ts"
import { ownTables } from "../../../support/invoiceTables.ts"

const take = { lease: Duration.minutes(1), limit: 3 }
const down = { outcome: "Failure", tripPolicy: CircuitBreaker.consecutive(1), openFor: Duration.millis(1) } as const

layer(PostgresLimitStores.layer.pipe(Layer.provideMerge(ownTables)), { excludeTestServices: true, timeout: "60 seconds" })("limits in PostgreSQL", (it) => {
  it.effect("are not undone with the work of whoever asked", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const permits = yield* PermitStore
      yield* Effect.flip(sql.withTransaction(permits.take({ ...take, key: "in-transaction" }).pipe(Effect.andThen(Effect.fail("rolled back")))))
      assert.strictEqual(yield* permits.held("in-transaction"), 1)
    }))

  it.effect("leave no rows behind of what is idle, a few at a time, and keep the rest", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const permits = yield* PermitStore
      const rates = yield* RateLimiter.make
      const circuits = yield* CircuitBreaker.CircuitBreakerStore
      yield* Effect.forEach([1, 2, 3, 4, 5], (n) => permits.take({ key: `gone-${n}`, limit: 1, lease: Duration.millis(1) }))
      yield* permits.take({ ...take, key: "stays" })
      yield* rates.consume({ key: "gone", limit: 5, window: "5 millis", algorithm: "token-bucket" })
      yield* rates.consume({ key: "stays", limit: 5, window: "1 hour", algorithm: "token-bucket" })
      yield* rates.consume({ key: "gone", limit: 5, window: "5 millis" })
      yield* rates.consume({ key: "stays", limit: 5, window: "1 hour" })
      yield* rates.adaptiveFeedback({ key: "stays", epoch: 0, tokens: 1, status: 429, retryAfter: Duration.seconds(1) })
      yield* circuits.record({ ...down, key: "stays", generation: 0 })
      yield* circuits.record({ ...down, key: "gone", generation: 0 })
      yield* sql`UPDATE tt_worker.circuits SET "forgetAt" = now() - interval '1 second' WHERE key = 'gone'`
      yield* Effect.sleep("50 millis")

      assert.strictEqual(yield* PostgresLimitStores.removeIdleLimits(2), 5)
      assert.strictEqual(yield* PostgresLimitStores.removeIdleLimits(100), 3)
      assert.strictEqual(yield* PostgresLimitStores.removeIdleLimits(100), 0)
      const [left] = yield* sql`SELECT
        (SELECT array_agg(key) FROM tt_worker.limit_permits WHERE key <> 'in-transaction') AS permits, (SELECT array_agg(key) FROM tt_worker.limit_buckets) AS buckets,
        (SELECT array_agg(key) FROM tt_worker.limit_windows) AS windows, (SELECT array_agg(key) FROM tt_worker.limit_adaptations) AS adaptations,
        (SELECT array_agg(key) FROM tt_worker.circuits) AS circuits`
      assert.deepStrictEqual({ ...left }, { permits: ["stays"], buckets: ["stays"], windows: ["stays"], adaptations: ["stays"], circuits: ["stays"] })
    }))

  it.effect("never lock each other out, whatever happens to the same few keys at the same time", () =>
    Effect.gen(function*() {
      const permits = yield* PermitStore
      const rates = yield* RateLimiter.make
      const circuits = yield* CircuitBreaker.CircuitBreakerStore
      const round = (index: number) => {
        const key = `busy-${index % 3}`
        const call = Effect.scoped(circuits.admit(key).pipe(Effect.flatMap(({ generation }) => circuits.record({ ...down, key, generation })))).pipe(
          Effect.catchIf(({ reason }) => reason._tag !== "CircuitBreakerStoreError", () => Effect.void)
        )
        const hold = permits.take({ ...take, key, lease: Duration.millis(2) }).pipe(
          Effect.flatMap((permit) => permit === null ? Effect.void : Effect.andThen(permit.renew, permit.release))
        )
        const spend = rates.consume({ key, limit: 50, window: "3 millis", algorithm: index % 2 === 0 ? "token-bucket" : "fixed-window", onExceeded: "delay" })
        const adapt = rates.adaptiveConsume({ key, tokens: 1, fallbackLimit: 1, fallbackWindow: Duration.millis(2) }).pipe(
          Effect.flatMap(({ epoch }) => rates.adaptiveFeedback({ key, epoch, tokens: 1, status: 429, retryAfter: Duration.millis(1) }))
        )
        return Effect.all([hold, spend, call, adapt, index % 10 === 0 ? PostgresLimitStores.removeIdleLimits(50) : Effect.void], { discard: true })
      }
      // A deadlock would fail one of them with 40P01.
      yield* Effect.forEach(Array.from({ length: 400 }, (_, index) => index), round, { concurrency: 40, discard: true })
    }))

  it.effect("give a dead process's probe to the next after its lease, and heed the dead one no more", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const stores = yield* Layer.build(postgresCircuitBreakerStore({ probeLease: Duration.millis(300) }))
      const circuits = Context.get(stores, CircuitBreaker.CircuitBreakerStore)
      const key = "probed"
      yield* circuits.record({ ...down, key, generation: 0 })
      yield* Effect.sleep("20 millis")
      // Its scope closes at once, and with it the renewal: as in a process that died.
      const dead = yield* Effect.scoped(circuits.admit(key))
      assert.isTrue(dead.probe)
      assert.strictEqual((yield* Effect.flip(Effect.scoped(circuits.admit(key)))).reason._tag, "CircuitHalfOpen")
      yield* Effect.sleep("400 millis")
      const next = yield* circuits.admit(key)
      assert.isTrue(next.probe)
      yield* circuits.record({ ...down, key, generation: dead.generation, outcome: "Success" })
      assert.deepInclude(yield* circuits.state(key), { _tag: "HalfOpen", probing: true })
      // The living one keeps its place for as long as it takes.
      yield* Effect.sleep("700 millis")
      assert.strictEqual((yield* Effect.flip(Effect.scoped(circuits.admit(key)))).reason._tag, "CircuitHalfOpen")
      yield* circuits.record({ ...down, key, generation: next.generation, outcome: "Success" })
      assert.strictEqual((yield* circuits.state(key))._tag, "Closed")
      const rows = yield* sql`SELECT 1 FROM tt_worker.circuits WHERE key = ${key} AND "probeUntil" IS NOT NULL`
      assert.strictEqual(rows.length, 0)
    }).pipe(Effect.scoped))
})
