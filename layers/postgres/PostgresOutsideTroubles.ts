import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { shownText } from "../../src/domain/shownJobData.ts"
import { OutsideTroubles, OutsideTroublesError } from "../../src/services/OutsideTroubles.ts"

const Moment = Schema.NullOr(Schema.Finite)
const decodeEndpoints = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  tenantId: Schema.String,
  webhookId: Schema.String,
  url: Schema.NullOr(Schema.String),
  state: Schema.Literals(["failing", "slowed", "disabled"]),
  since: Moment,
  until: Moment,
  failures: Schema.Int,
  reason: Schema.NullOr(Schema.String)
})))
const decodeMailboxes = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  tenantId: Schema.String,
  mailboxId: Schema.String,
  host: Schema.String,
  state: Schema.Literals(["error", "paused"]),
  since: Moment,
  until: Moment,
  reason: Schema.NullOr(Schema.String)
})))

const millis = (moment: string) => `round(extract(epoch FROM ${moment}) * 1000)::float8`
/** A moment of the shared tables, which keep UTC without a zone. */
const shared = (column: string) => millis(`${column} AT TIME ZONE 'UTC'`)

const originOf = (url: string | null): string => {
  const parsed = URL.parse(url ?? "")
  return parsed === null || parsed.origin === "null" ? "no address" : parsed.origin
}

/** `OutsideTroubles` in PostgreSQL: the worker's own records of what failed, of which there are few. */
export const PostgresOutsideTroubles: Layer.Layer<OutsideTroubles, never, SqlClient.SqlClient> = Layer.effect(
  OutsideTroubles,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const mapped = Effect.mapError((cause: unknown) => new OutsideTroublesError({ detail: cause instanceof Error ? cause.message : "unknown error", cause }))
    return OutsideTroubles.of({
      endpoints: (most) =>
        sql`SELECT h."tenantId", h."webhookId", w.url,
            CASE WHEN w."disabledAt" IS NOT NULL AND NOT coalesce(w.active, true) THEN 'disabled' WHEN h."pausedUntil" > now() THEN 'slowed' ELSE 'failing' END AS state,
            ${sql.literal(`coalesce(${millis(`h."failingSince"`)}, ${shared(`w."disabledAt"`)})`)} AS since,
            CASE WHEN h."pausedUntil" > now() THEN ${sql.literal(millis(`h."pausedUntil"`))} END AS until,
            h.failures, coalesce(w."disabledReason", h."lastErrorClass") AS reason
          FROM tt_worker.webhook_health h JOIN webhooks w ON w.id = h."webhookId" AND w."tenantId" = h."tenantId"
          WHERE h."failingSince" IS NOT NULL OR h."pausedUntil" > now() OR (w."disabledAt" IS NOT NULL AND NOT coalesce(w.active, true))
          ORDER BY coalesce(h."lastFailureAt", h."failingSince") DESC NULLS LAST, h."webhookId" LIMIT ${most}`.pipe(
          Effect.flatMap(decodeEndpoints),
          Effect.map((rows) => rows.map(({ reason, url, ...row }) => ({ ...row, host: originOf(url), reason: reason === null ? null : shownText(reason) }))),
          mapped
        ),
      mailboxes: (most) =>
        sql`SELECT m."tenantId", m."mailboxId", m.host, CASE WHEN m.paused THEN 'paused' ELSE 'error' END AS state,
            ${sql.literal(millis(`m."lastErrorAt"`))} AS since, CASE WHEN m."notBefore" > now() THEN ${sql.literal(millis(`m."notBefore"`))} END AS until, m."lastError" AS reason
          FROM tt_worker.mailboxes m
          WHERE m."removedAt" IS NULL AND m.enabled AND (m.paused OR m.status = 'error')
          ORDER BY m."lastErrorAt" DESC NULLS LAST, m."mailboxId" LIMIT ${most}`.pipe(
          Effect.flatMap(decodeMailboxes),
          Effect.map((rows) => rows.map(({ reason, ...row }) => ({ ...row, reason: reason === null ? null : shownText(reason) }))),
          mapped
        )
    })
  })
)
