import { Context, Data, type DateTime, type Duration, type Effect, type Redacted } from "effect"
import type { WebhookDeliveryJobData } from "../contract/index.ts"
import type { Failure } from "../domain/Failure.ts"
import type { TenantId, WebhookDeliveryId, WebhookId } from "../domain/ids.ts"
import { databasePause, Retry } from "../domain/Retry.ts"
import type { EndpointHealth } from "../domain/webhookHealth.ts"
import type { Exchange } from "./WebhookSender.ts"

export interface DeliveryIds {
  readonly tenantId: TenantId
  readonly deliveryId: WebhookDeliveryId
}

/**
 * The right to carry out one attempt. `epoch` is the fencing token: it grows with every claim, every write names it, and
 * a holder whose epoch is no longer the newest changes nothing.
 */
export interface DeliveryClaim extends DeliveryIds {
  readonly webhookId: WebhookId
  readonly epoch: bigint
}

/** A claimed delivery, with what its webhook's row says now; where that row has nothing, what the job says. */
export interface ClaimedDelivery {
  readonly claim: DeliveryClaim
  readonly event: string
  /** The event's id, or the delivery's: the same for every attempt and replay. */
  readonly messageId: string
  readonly url: Redacted.Redacted<string>
  /** The present one first. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
  readonly body: string
  /** The body is still the one whose hash was kept. */
  readonly bodyIntact: boolean
  /** 1 for the first; failures of our own side are not counted. */
  readonly attempt: number
  readonly replay: boolean
  /** The webhook was switched on again, and this is the one delivery that finds out whether it works. */
  readonly probe: boolean
  readonly ordered: boolean
  /** The endpoint has failed, and not recovered yet. */
  readonly failing: boolean
  readonly retrySeconds: ReadonlyArray<number> | null
  readonly maxConcurrency: number | null
  readonly maxPerMinute: number | null
}

export interface ClaimRequest {
  readonly data: WebhookDeliveryJobData
  readonly jobId: string
  readonly lease: Duration.Duration
}

export type ClaimAnswer = Data.TaggedEnum<{
  Claimed: { readonly delivery: ClaimedDelivery }
  /** No such delivery of this tenant: nothing is left to do. */
  Gone: {}
  /** Cancelled now: the webhook was deleted or is switched off. */
  Cancelled: { readonly reason: "webhook-deleted" | "webhook-inactive" }
  /** Delivered, failed or cancelled before. */
  Finished: { readonly status: string }
  /** Not now, for this reason. */
  Later: { readonly after: Duration.Duration; readonly reason: "busy" | "early" | "paused" | "probing" }
  /** An earlier delivery with the same key comes first, and wakes this one when it is over. */
  Behind: {}
  /** An earlier attempt was broken off in the middle: it is on record as unknown, and counts. */
  Interrupted: { readonly attempt: number; readonly retrySeconds: ReadonlyArray<number> | null }
}>
export const ClaimAnswer = Data.taggedEnum<ClaimAnswer>()

/** How an attempt goes into the books. */
export interface AttemptRecord {
  readonly outcome: "delivered" | "failed" | "own-side"
  /** When the next one comes; null for a delivery that is over. */
  readonly nextAfter: Duration.Duration | null
  /** The whole endpoint is left alone for so long. */
  readonly pauseEndpoint: Duration.Duration | null
  readonly exchange: Exchange
  readonly errorClass: string | null
  /** In plain words. */
  readonly errorMessage: string | null
  readonly traceId: string | null
}

/** Which deliveries to send again. */
export interface ReplayFilter {
  readonly tenantId: TenantId
  readonly webhookId: WebhookId | null
  readonly deliveryIds: ReadonlyArray<WebhookDeliveryId> | null
  readonly statuses: ReadonlyArray<string> | null
  readonly event: string | null
  readonly since: DateTime.Utc | null
  readonly until: DateTime.Utc | null
}

/** One after the other, so many a second; the first after `startAfter`. */
export interface ReplayPace {
  readonly perSecond: number
  readonly startAfter: Duration.Duration
}

/**
 * `webhook_deliveries` and the worker's own record of each attempt. Every write checks tenant, status and epoch in one
 * statement; all clocks are the database's.
 */
export class WebhookDeliveries extends Context.Service<WebhookDeliveries, {
  /** Takes the delivery for one attempt, or says why not. The body of the job is kept where the row has none. */
  readonly claim: (request: ClaimRequest) => Effect.Effect<ClaimAnswer, WebhookDeliveriesError>
  /** Writes the attempt and what follows from it; the claim ends. The endpoint's health, where it is failing. */
  readonly record: (delivery: ClaimedDelivery, attempt: AttemptRecord) => Effect.Effect<EndpointHealth | null, WebhookDeliveriesError>
  /** Nothing was sent: the attempt does not count. Nothing is changed when the claim has ended. */
  readonly putBack: (claim: DeliveryClaim, after: Duration.Duration) => Effect.Effect<void, WebhookDeliveriesError>
  /** Broken off in the middle: nobody knows whether it arrived. Nothing is changed when the claim has ended. */
  readonly markUnknown: (claim: DeliveryClaim, after: Duration.Duration) => Effect.Effect<void, WebhookDeliveriesError>
  /** Over, without an attempt on record. Nothing is changed when it was over before. */
  readonly close: (
    ids: DeliveryIds,
    error: { readonly errorClass: string; readonly errorMessage: string }
  ) => Effect.Effect<void, WebhookDeliveriesError>
  /** Gives a job to the next delivery with the same key that waits behind this one. */
  readonly wakeNext: (ids: DeliveryIds) => Effect.Effect<void, WebhookDeliveriesError>
  /** One that has failed may be tried by its job again, from the first attempt on, as a replay. Nothing is changed in any other state. */
  readonly reopen: (ids: DeliveryIds, jobId: string) => Effect.Effect<void, WebhookDeliveriesError>
  /** Up to `limit` deliveries that fit are sent again, oldest first; how many. With `dryRun` they are only counted. */
  readonly replay: (
    filter: ReplayFilter,
    options: { readonly pace: ReplayPace; readonly limit: number; readonly dryRun: boolean }
  ) => Effect.Effect<number, WebhookDeliveriesError>
}>()("tt-worker/services/WebhookDeliveries") {}

export class WebhookDeliveriesError
  extends Data.TaggedError("WebhookDeliveriesError")<{
    readonly deliveryId: string
    readonly reason: "claim-lost" | "unavailable" | "misfit"
    readonly detail: string
    readonly cause?: unknown
  }>
  implements Failure
{
  override get message(): string {
    return `webhook delivery ${this.deliveryId}: ${this.detail}`
  }
  get code(): string {
    return this.reason === "claim-lost" ? "claim-lost" : `database-${this.reason}`
  }
  get retry(): Retry {
    return this.reason === "misfit" ? Retry.Permanent() : Retry.RateLimited({ after: databasePause })
  }
  get plainWords(): string {
    return "The delivery could not be recorded because of a fault on our side. It will be tried again."
  }
}
