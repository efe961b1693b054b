import { Context, type Effect } from "effect"

/** One POST as it came in, checked with the secret that only the receiver and the webhook's row know. */
export interface ReceivedDelivery {
  readonly event: string
  readonly deliveryId: string
  /** The bytes, as text. */
  readonly body: string
  /** `X-Signature-256`: HMAC-SHA256 of the body. */
  readonly signed: boolean
  /** Standard Webhooks 1.0: over id, time and body, and the time is now. */
  readonly standard: boolean
  /** As they stood in the request. */
  readonly signatures: { readonly legacy: string; readonly standard: string }
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A subscriber on this machine, for `demo`: what a customer would have behind a webhook's address. */
export class DemoReceiver extends Context.Service<DemoReceiver, {
  readonly url: string
  readonly secret: string
  /** What has been received so far, each delivery once. */
  readonly received: Effect.Effect<ReadonlyArray<ReceivedDelivery>>
}>()("tt-worker/services/DemoReceiver") {}
