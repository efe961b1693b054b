import { Context, type Duration, type Effect, type Redacted } from "effect"
import type { ExchangeFailure } from "../domain/webhookOutcome.ts"

/** One POST, complete but for the signatures. */
export interface WebhookRequest {
  /** The webhook's address: its path may be a credential. */
  readonly url: Redacted.Redacted<string>
  /** Signed with each of them, the present one first. None: not signed. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
  /** Sent and signed as it is, in UTF-8. */
  readonly body: string
  readonly event: string
  /** The same for every attempt and replay: `webhook-id`. */
  readonly messageId: string
  readonly deliveryId: string
  readonly traceparent: string | null
}

/** Milliseconds; null where that part did not happen, as with a connection that was used again. */
export interface ExchangeTimings {
  readonly dns: number | null
  readonly connect: number | null
  readonly tls: number | null
  readonly firstByte: number | null
  readonly total: number
}

/** What went over the wire, fit to be kept: secrets, signatures of others and the URL's path are taken out. */
export interface Exchange {
  readonly answer: { readonly _tag: "Answered"; readonly status: number } | { readonly _tag: "Broken"; readonly failure: ExchangeFailure }
  readonly timings: ExchangeTimings
  /** Which address was dialled. */
  readonly address: string | null
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly responseHeaders: Readonly<Record<string, string>>
  /** The first part of the body as text; `cut` when there was more. */
  readonly excerpt: string | null
  readonly cut: boolean
  /** As the receiver asked, not yet bounded. */
  readonly retryAfter: Duration.Duration | null
}

/**
 * Carries one request to a receiver that nobody vouches for: only to addresses that `AddressGuard` has let through, no
 * redirects, one deadline over everything, a bounded part of the answer. Never fails: what went wrong is the outcome.
 */
export class WebhookSender extends Context.Service<WebhookSender, {
  readonly send: (request: WebhookRequest) => Effect.Effect<Exchange>
}>()("tt-worker/services/WebhookSender") {}
