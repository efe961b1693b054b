import { Duration, Effect, Layer, Schema } from "effect"
import { randomUUID } from "node:crypto"
import * as SqlClient from "effect/sql/SqlClient"
import { PermitStore, PermitStoreError } from "../../../src/services/PermitStore.ts"
import { askNothing, askRow } from "./askRow.ts"

const toError = (what: string) => (cause: unknown) => new PermitStoreError({ detail: `PostgreSQL: ${what} failed`, cause })

/** Permits as rows, each with a token that only its holder knows. */
export const PostgresPermitStore: Layer.Layer<PermitStore, never, SqlClient.SqlClient> = Layer.effect(
  PermitStore,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const askTruth = askRow(sql)(Schema.Struct({ truth: Schema.Boolean }))
    const askNumber = askRow(sql)(Schema.Struct({ number: Schema.Finite }))
    return PermitStore.of({
      take: ({ key, lease, limit }) =>
        Effect.suspend(() => {
          const token = randomUUID()
          const millis = Duration.toMillis(lease)
          return askTruth(sql`SELECT tt_worker.take_permit(${key}, ${token}, ${limit}, ${millis}) AS truth`).pipe(
            Effect.mapError(toError("taking one")),
            Effect.map(({ truth }) =>
              !truth ? null : {
                renew: askTruth(sql`WITH renewed AS (
                    UPDATE tt_worker.limit_permits SET "leaseUntil" = clock_timestamp() + tt_worker.of_millis(${millis})
                    WHERE key = ${key} AND token = ${token} AND "leaseUntil" > clock_timestamp() RETURNING 1)
                  SELECT EXISTS (SELECT 1 FROM renewed) AS truth`).pipe(
                  Effect.map(({ truth }) => truth),
                  Effect.mapError(toError("renewing one"))
                ),
                release: askNothing(sql)(sql`DELETE FROM tt_worker.limit_permits WHERE key = ${key} AND token = ${token}`).pipe(
                  Effect.mapError(toError("giving one back"))
                )
              }
            )
          )
        }),
      held: (key) =>
        askNumber(sql`SELECT count(*)::integer AS number FROM tt_worker.limit_permits WHERE key = ${key} AND "leaseUntil" > clock_timestamp()`).pipe(
          Effect.map(({ number }) => number),
          Effect.mapError(toError("counting"))
        )
    })
  })
)
