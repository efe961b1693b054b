import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { Usage, UsageError } from "../../src/services/Usage.ts"
import { serverMessageOf } from "./sqlState.ts"

const used = { pages: Schema.Int, inputTokens: Schema.Int, outputTokens: Schema.Int, cost: Schema.Int }
const by = { provider: Schema.String, model: Schema.String, region: Schema.String }
const decodeMonths = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  tenantId: Schema.String,
  month: Schema.String,
  ...by,
  answered: Schema.Int,
  failed: Schema.Int,
  uncertain: Schema.Int,
  ...used,
  reserved: Schema.Int,
  uncertainCost: Schema.Int
})))
const decodeCalls = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ step: Schema.String, ...by, state: Schema.String, ...used, startedAt: Schema.String })))
const decodeReaders = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  step: Schema.String,
  provider: Schema.String,
  model: Schema.NullOr(Schema.String),
  region: Schema.NullOr(Schema.String),
  reused: Schema.Boolean
})))
const toError = (error: unknown): UsageError =>
  new UsageError({ detail: isSqlError(error) ? serverMessageOf(error) : "a row does not fit; run `migrate`", cause: error })

/** `Usage` in PostgreSQL. */
export const PostgresUsage: Layer.Layer<Usage, never, SqlClient.SqlClient> = Layer.effect(
  Usage,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    return Usage.of({
      month: Effect.fn("Usage.month")((month: string, tenantId: string | null) =>
        sql`SELECT "tenantId", to_char(month, 'YYYY-MM') AS month, provider, model, region, answered::int, failed::int, uncertain::int,
            pages::int, "inputTokens"::float8, "outputTokens"::float8, "costMicros"::float8 AS cost, "reservedMicros"::float8 AS reserved,
            "uncertainMicros"::float8 AS "uncertainCost"
          FROM tt_worker.usage_months
          WHERE month = (${month}::text || '-01')::date AND (${tenantId}::text IS NULL OR "tenantId" = ${tenantId})
          ORDER BY "tenantId", provider, model, region`.pipe(Effect.flatMap(decodeMonths), Effect.mapError(toError))
      ),
      invoice: Effect.fn("Usage.invoice")((tenantId: string, invoiceId: string) =>
        Effect.all({
          calls: sql`SELECT step, provider, model, region, state, pages, "inputTokens"::float8, "outputTokens"::float8, "costMicros"::float8 AS cost,
              to_char("startedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "startedAt"
            FROM tt_worker.provider_calls WHERE "tenantId" = ${tenantId} AND "invoiceId" = ${invoiceId} ORDER BY id`.pipe(Effect.flatMap(decodeCalls)),
          readers: sql`SELECT step, provider, model, region, reused FROM tt_worker.invoice_readers
            WHERE "tenantId" = ${tenantId} AND "invoiceId" = ${invoiceId} ORDER BY "readAt", step`.pipe(Effect.flatMap(decodeReaders))
        }).pipe(Effect.mapError(toError))
      )
    })
  })
)
