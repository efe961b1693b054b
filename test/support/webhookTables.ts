import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresWebhookDeliveries } from "../../layers/postgres/PostgresWebhookDeliveries.ts"
import { PostgresWebhooks } from "../../layers/postgres/PostgresWebhooks.ts"
import type { WebhookDeliveryJobData } from "../../src/contract/index.ts"
import { Events } from "../../src/services/Events.ts"
import type { WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import type { Webhooks } from "../../src/services/Webhooks.ts"
import { ownTables, type TestTables } from "./invoiceTables.ts"

export interface Emitted {
  readonly tenantId: string
  readonly event: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly key: string
}

/** What was emitted, in order. */
export const emitted: Array<Emitted> = []

const RecordingEvents = Layer.succeed(Events, Events.of({
  emit: (tenantId, event, payload, key) =>
    Effect.sync(() => {
      emitted.push({ tenantId, event, payload, key })
      return { eventId: "evt_test", deliveryIds: [] }
    })
}))

export type WebhookTables = TestTables | WebhookDeliveries | Webhooks

/** The real tables with what the deliveries need, on a server of their own. */
export const ownWebhookTables: Layer.Layer<WebhookTables> = Layer.mergeAll(PostgresWebhookDeliveries, PostgresWebhooks).pipe(
  Layer.provide(RecordingEvents),
  Layer.provideMerge(ownTables)
)

let made = 0

export interface WebhookOptions {
  readonly url?: string
  readonly secret?: string | null
  readonly ordering?: "none" | "key"
  readonly retrySchedule?: ReadonlyArray<number> | null
  readonly active?: boolean
}

/** A webhook of a tenant of its own. */
export const newWebhook = Effect.fn("test.newWebhook")(function*(options: WebhookOptions = {}) {
  const sql = yield* SqlClient.SqlClient
  made++
  const [tenantId, webhookId] = [`tenant-${made}`, `webhook-${made}`]
  yield* sql`INSERT INTO webhooks (id, "tenantId", url, secret, active, ordering, "retrySchedule")
    VALUES (${webhookId}, ${tenantId}, ${options.url ?? "http://127.0.0.1:9/"}, ${options.secret ?? null}, ${options.active ?? true}, ${options.ordering ?? "none"}, ${options.retrySchedule ?? null}::int[])`
  return { tenantId, webhookId }
})

export interface DeliveryOptions {
  readonly body?: string | null
  readonly event?: string
  readonly orderingKey?: string | null
  readonly status?: string
  readonly eventId?: string | null
}

/** A delivery as an event's emission writes it, and its job. */
export const newDelivery = Effect.fn("test.newDelivery")(function*(
  { tenantId, webhookId }: { readonly tenantId: string; readonly webhookId: string },
  options: DeliveryOptions = {}
) {
  const sql = yield* SqlClient.SqlClient
  made++
  const id = `delivery-${made}`
  const event = options.event ?? "invoice.processed"
  yield* sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event, status, "eventId", body, "bodyHash", "orderingKey", "orderingSequence")
    VALUES (${id}, ${webhookId}, ${tenantId}, ${event}, ${options.status ?? "pending"}, ${options.eventId === undefined ? `event-${made}` : options.eventId},
      ${options.body === undefined ? "{\"z\":1,\"a\":2}" : options.body}::text, encode(sha256(convert_to(${options.body === undefined ? "{\"z\":1,\"a\":2}" : options.body}::text, 'UTF8')), 'hex'),
      ${options.orderingKey ?? null}::text, ${made})`
  const job: WebhookDeliveryJobData = { webhookId, webhookDeliveryId: id, tenantId, event, url: "http://127.0.0.1/", secret: null, payload: {} }
  return job
})

export const deliveryRow = Effect.fn("test.deliveryRow")(function*(id: string) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly row: Record<string, unknown> }>`SELECT to_jsonb(d) AS row FROM webhook_deliveries d WHERE id = ${id}`
  return row?.row ?? (yield* Effect.die(`no delivery ${id}`))
})

export const attemptsOf = Effect.fn("test.attemptsOf")(function*(id: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly row: Record<string, unknown> }>`SELECT to_jsonb(a) AS row FROM tt_worker.webhook_attempts a WHERE "deliveryId" = ${id} ORDER BY "claimEpoch"`
  return rows.map(({ row }) => row)
})
