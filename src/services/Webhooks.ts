import { Context, type Effect } from "effect"
import type { TenantId, WebhookId } from "../domain/ids.ts"
import type { WebhookDeliveriesError } from "./WebhookDeliveries.ts"

/** The state of the tenants' webhooks, as deliveries find out about it. Each tells the tenant by an event. */
export class Webhooks extends Context.Service<Webhooks, {
  /** Switches it off, with the reason (plain words) and the date; emits `webhook.disabled`. Nothing where it is off. */
  readonly disable: (tenantId: TenantId, webhookId: WebhookId, reason: string) => Effect.Effect<void, WebhookDeliveriesError>
  /** Once for each time it begins to fail: emits `webhook.failing`. */
  readonly warn: (tenantId: TenantId, webhookId: WebhookId) => Effect.Effect<void, WebhookDeliveriesError>
  /** It works again: what was noted of its failures is forgotten. */
  readonly recover: (tenantId: TenantId, webhookId: WebhookId) => Effect.Effect<void, WebhookDeliveriesError>
}>()("tt-worker/services/Webhooks") {}
