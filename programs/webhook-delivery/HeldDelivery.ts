import type { ClaimedDelivery } from "../../src/services/WebhookDeliveries.ts"

/** A claimed delivery and how far its attempt has come: what is sent must not be sent again as though it were not. */
export interface HeldDelivery {
  readonly delivery: ClaimedDelivery
  /** null where nothing is traced. */
  readonly traceId: string | null
  stage: "claimed" | "sending" | "recorded"
  /** The endpoint one of whose places it has; null when it has left. */
  endpoint: string | null
}

/** By which the endpoint's places are counted. */
export const endpointOf = ({ tenantId, webhookId }: { readonly tenantId: string; readonly webhookId: string }): string => `${tenantId} ${webhookId}`
