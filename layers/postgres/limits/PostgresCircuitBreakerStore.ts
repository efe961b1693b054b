import { Duration, Effect, Layer, Schema } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as SqlClient from "effect/sql/SqlClient"
import { askRow } from "./askRow.ts"

/** As `layerStoreRedis` has them by default: a probe's place comes back so soon, and idle circuits are forgotten. */
const probeLease = Duration.seconds(10)
const idleMillis = Duration.toMillis(Duration.hours(1))

const Admission = Schema.Struct({
  answer: Schema.Literals(["call", "probe", "open", "half-open"]),
  generation: Schema.Finite,
  openings: Schema.Int,
  after: Schema.Finite,
  moved: Schema.Boolean
})
const Recorded = Schema.Struct({ transition: Schema.Literals(["none", "closed-open", "halfopen-open", "halfopen-closed"]), openings: Schema.Int })
const Seen = Schema.Struct({ state: Schema.Literals(["Closed", "Open", "HalfOpen"]), after: Schema.Finite, openings: Schema.Int, probing: Schema.Boolean })

const toError = (what: string) => (cause: unknown) =>
  new CircuitBreaker.CircuitBreakerError({ reason: new CircuitBreaker.CircuitBreakerStoreError({ message: `PostgreSQL: ${what} failed`, cause }) })

/** Effect's circuit breakers on PostgreSQL: one round trip each, by the database's clock. A healthy circuit is only read. */
export const postgresCircuitBreakerStore = (options: { readonly probeLease?: Duration.Duration } = {}): Layer.Layer<CircuitBreaker.CircuitBreakerStore, never, SqlClient.SqlClient> => {
  const lease = Duration.toMillis(options.probeLease ?? probeLease)
  return Layer.effect(
    CircuitBreaker.CircuitBreakerStore,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const ask = askRow(sql)
      const askAdmission = ask(Admission)
      const askRecorded = ask(Recorded)
      const askSeen = ask(Seen)
      const askRenewed = ask(Schema.Struct({ renewed: Schema.Boolean }))

      /** Ends once the place is lost, because a renewal can never win it back. A failed one is tried again. */
      const keepProbing = (key: string, generation: number) =>
        askRenewed(sql`WITH renewed AS (
            UPDATE tt_worker.circuits SET "probeUntil" = clock_timestamp() + tt_worker.of_millis(${lease}), "forgetAt" = clock_timestamp() + tt_worker.of_millis(${lease + idleMillis})
            WHERE key = ${key} AND generation = ${generation} AND state = 'HalfOpen' RETURNING 1)
          SELECT EXISTS (SELECT 1 FROM renewed) AS renewed`).pipe(
          Effect.catch(() => Effect.succeed({ renewed: true })),
          Effect.delay(Duration.millis(lease / 3)),
          Effect.repeat({ while: ({ renewed }) => renewed })
        )

      return CircuitBreaker.CircuitBreakerStore.of({
        admit: Effect.fnUntraced(function*(key) {
          const row = yield* askAdmission(
            sql`SELECT answer, generation::double precision, openings, after, moved FROM tt_worker.admit_to_circuit(${key}, ${lease}, ${idleMillis})`
          ).pipe(Effect.mapError(toError("admitting a call")))
          if (row.answer === "open") {
            return yield* new CircuitBreaker.CircuitBreakerError({ reason: new CircuitBreaker.CircuitOpen({ key, retryAfter: Duration.millis(row.after) }) })
          }
          if (row.answer === "half-open") {
            return yield* new CircuitBreaker.CircuitBreakerError({ reason: new CircuitBreaker.CircuitHalfOpen({ key }) })
          }
          const probe = row.answer === "probe"
          if (probe) yield* keepProbing(key, row.generation).pipe(Effect.interruptible, Effect.forkScoped)
          return {
            generation: row.generation,
            probe,
            consecutiveOpenings: row.openings,
            transition: row.moved ? { key, from: "Open", to: "HalfOpen" } as const : undefined
          }
        }),
        record: ({ generation, key, openFor, outcome, tripPolicy }) => {
          const failures = tripPolicy._tag === "Consecutive" ? tripPolicy.failures : null
          const { minimumCalls, size, threshold } = tripPolicy._tag === "Rate" ? tripPolicy : { threshold: null, minimumCalls: null, size: null }
          return askRecorded(sql`SELECT * FROM tt_worker.record_in_circuit(${key}, ${generation}, ${outcome}, ${failures}, ${threshold}, ${minimumCalls}, ${size}, ${
            Math.max(0, Duration.toMillis(openFor))
          }, ${idleMillis})`).pipe(
            Effect.mapError(toError("recording an outcome")),
            Effect.map(({ openings, transition }): CircuitBreaker.Transition | undefined => {
              switch (transition) {
                case "none":
                  return undefined
                case "halfopen-closed":
                  return { key, from: "HalfOpen", to: "Closed" }
                default:
                  return { key, from: transition === "closed-open" ? "Closed" : "HalfOpen", to: "Open", retryAfter: openFor, consecutiveOpenings: openings }
              }
            })
          )
        },
        state: (key) =>
          askSeen(sql`SELECT coalesce(c.state, 'Closed') AS state, greatest(0, coalesce(tt_worker.millis(c."openUntil" - clock_timestamp()), 0)) AS after,
              coalesce(c.openings, 0) AS openings, coalesce(c."probeUntil" > clock_timestamp(), false) AS probing
            FROM (SELECT 1) AS one LEFT JOIN tt_worker.circuits c ON c.key = ${key} AND c."forgetAt" > clock_timestamp()`).pipe(
            Effect.mapError(toError("looking at a circuit")),
            Effect.map(({ after, openings, probing, state }): CircuitBreaker.State => {
              switch (state) {
                case "Closed":
                  return { _tag: "Closed", key }
                case "Open":
                  return { _tag: "Open", key, retryAfter: Duration.millis(after), consecutiveOpenings: openings }
                case "HalfOpen":
                  return { _tag: "HalfOpen", key, probing, consecutiveOpenings: openings }
              }
            })
          )
      })
    })
  )
}
