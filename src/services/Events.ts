import { Context, Data, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

export interface EmitOptions {
  /** Where a subscriber wants order, its deliveries with the same key go one after the other. */
  readonly orderingKey?: string
}

export interface EmittedEvent {
  /** The same for the same tenant, event name and idempotency key. */
  readonly eventId: string
  /** One for each of the tenant's active subscriptions, whether written now or by an earlier call. */
  readonly deliveryIds: ReadonlyArray<string>
}

/**
 * Events to the tenant's webhooks. Called inside a transaction, its deliveries are part of it: both happen or neither.
 * The deliveries are in the queue right after the commit, or as soon as the queue is there again. The same idempotency
 * key for the same event of the same tenant gives one delivery per subscription, for as long as deliveries are kept;
 * the first payload stands.
 */
export class Events extends Context.Service<Events, {
  /** `payload` is the body that receivers get: JSON of at most 256 KiB, sent byte for byte as it is serialised here. */
  readonly emit: (
    tenantId: string,
    event: string,
    payload: Readonly<Record<string, unknown>>,
    idempotencyKey: string,
    options?: EmitOptions
  ) => Effect.Effect<EmittedEvent, EventsError>
}>()("tt-worker/services/Events") {}

/** `refused`: this event cannot be sent (payload too large, no JSON, no event's name). */
export class EventsError
  extends Data.TaggedError("EventsError")<{
    readonly event: string
    readonly reason: "refused" | "unavailable" | "misfit"
    readonly detail: string
    readonly cause?: unknown
  }>
  implements Failure
{
  override get message(): string {
    return `event ${this.event} could not be emitted: ${this.detail}`
  }
  get code(): string {
    return this.reason === "refused" ? "event-refused" : `database-${this.reason}`
  }
  get retry(): Retry {
    return this.reason === "unavailable" ? Retry.RateLimited({ after: databasePause }) : Retry.Permanent()
  }
  get plainWords(): string {
    return "Your webhooks could not be told because of a fault on our side. Please try again later."
  }
}
