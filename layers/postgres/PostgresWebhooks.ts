import { DateTime, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import type { TenantId, WebhookId } from "../../src/domain/ids.ts"
import { Events, EventsError } from "../../src/services/Events.ts"
import { WebhookDeliveriesError } from "../../src/services/WebhookDeliveries.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"
import { isMisfit } from "./sqlState.ts"

const Moment = Schema.NullOr(Schema.DateTimeUtcFromMillis)
const decodeChanged = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ failingSince: Moment, at: Schema.DateTimeUtcFromMillis })))

const now = `(clock_timestamp() AT TIME ZONE 'UTC')`
const millis = (moment: string) => `floor(extract(epoch FROM ${moment}) * 1000)::float8`

const toError = (doing: string) => (error: unknown): WebhookDeliveriesError => {
  const away = error instanceof EventsError ? error.reason === "unavailable" : isSqlError(error) && !isMisfit(error)
  const detail = `${doing}: ${error instanceof Error ? error.message : "a row does not fit"}`
  return new WebhookDeliveriesError({ deliveryId: "", reason: away ? "unavailable" : "misfit", detail, cause: error })
}

/** `Webhooks` in PostgreSQL. What is changed and the event about it are one transaction. */
export const PostgresWebhooks: Layer.Layer<Webhooks, never, SqlClient.SqlClient | Events> = Layer.effect(
  Webhooks,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const events = yield* Events

    const disable = Effect.fn("Webhooks.disable")(function*(tenantId: TenantId, webhookId: WebhookId, reason: string) {
      // A row of health is what lets it be tried first when it is switched on again.
      yield* sql`INSERT INTO tt_worker.webhook_health ("tenantId", "webhookId") VALUES (${tenantId}, ${webhookId})
        ON CONFLICT ("tenantId", "webhookId") DO UPDATE SET "probeUntil" = NULL`
      const [changed] = yield* sql`UPDATE webhooks w SET active = false, "disabledAt" = ${sql.literal(now)}, "disabledReason" = ${reason},
          "failingSince" = h."failingSince" AT TIME ZONE 'UTC', "updatedAt" = ${sql.literal(now)}
        FROM tt_worker.webhook_health h
        WHERE w."tenantId" = ${tenantId} AND w.id = ${webhookId} AND coalesce(w.active, true) AND h."tenantId" = w."tenantId" AND h."webhookId" = w.id
        RETURNING ${sql.literal(millis(`h."failingSince"`))} AS "failingSince", ${sql.literal(millis(`w."disabledAt"`))} AS at`.pipe(Effect.flatMap(decodeChanged))
      if (changed === undefined) return
      yield* Effect.logWarning(`webhook ${webhookId} is switched off: ${reason}`)
      const disabledAt = DateTime.formatIso(changed.at)
      yield* events.emit(tenantId, "webhook.disabled", {
        type: "webhook.disabled",
        timestamp: disabledAt,
        data: { tenantId, webhookId, reason, failingSince: changed.failingSince === null ? null : DateTime.formatIso(changed.failingSince), disabledAt }
      }, `webhook.disabled:${webhookId}:${disabledAt}`)
    }, (effect) => sql.withTransaction(effect).pipe(Effect.mapError(toError("the webhook could not be switched off"))))

    const warn = Effect.fn("Webhooks.warn")(function*(tenantId: TenantId, webhookId: WebhookId) {
      const [changed] = yield* sql`UPDATE tt_worker.webhook_health h SET "warnedAt" = clock_timestamp()
        WHERE h."tenantId" = ${tenantId} AND h."webhookId" = ${webhookId} AND h."warnedAt" IS NULL AND h."failingSince" IS NOT NULL
        RETURNING ${sql.literal(millis(`h."failingSince"`))} AS "failingSince", ${sql.literal(millis(`h."warnedAt"`))} AS at`.pipe(Effect.flatMap(decodeChanged))
      if (changed === undefined || changed.failingSince === null) return
      const failingSince = DateTime.formatIso(changed.failingSince)
      yield* sql`UPDATE webhooks SET "failingSince" = ${failingSince}::text::timestamptz AT TIME ZONE 'UTC' WHERE "tenantId" = ${tenantId} AND id = ${webhookId}`
      const reason = "The webhook's receiver has been failing for days. If nothing changes, the webhook will be switched off."
      yield* Effect.logWarning(`webhook ${webhookId} has been failing since ${failingSince}`)
      yield* events.emit(tenantId, "webhook.failing", {
        type: "webhook.failing",
        timestamp: DateTime.formatIso(changed.at),
        data: { tenantId, webhookId, reason, failingSince }
      }, `webhook.failing:${webhookId}:${failingSince}`)
    }, (effect) => sql.withTransaction(effect).pipe(Effect.mapError(toError("nobody could be warned"))))

    const recover = Effect.fn("Webhooks.recover")(function*(tenantId: TenantId, webhookId: WebhookId) {
      yield* sql`UPDATE tt_worker.webhook_health SET "failingSince" = NULL, failures = 0, successes = 0, "successStreak" = 0, "warnedAt" = NULL, "probeUntil" = NULL, "pausedUntil" = NULL
        WHERE "tenantId" = ${tenantId} AND "webhookId" = ${webhookId}`
      yield* sql`UPDATE webhooks SET "disabledAt" = NULL, "disabledReason" = NULL, "failingSince" = NULL, "updatedAt" = ${sql.literal(now)}
        WHERE "tenantId" = ${tenantId} AND id = ${webhookId} AND coalesce(active, true) AND ("disabledAt" IS NOT NULL OR "failingSince" IS NOT NULL)`
    }, (effect) => sql.withTransaction(effect).pipe(Effect.mapError(toError("the recovery could not be recorded"))))

    return Webhooks.of({ disable, warn, recover })
  })
)
