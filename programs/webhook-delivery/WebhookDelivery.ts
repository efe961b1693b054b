import { DateTime, Duration, Effect, Option, Random } from "effect"
import { QUEUE_NAMES, type WebhookDeliveryJobData } from "../../src/contract/index.ts"
import { WebhookDeliveryJob } from "../../src/contract/jobSchemas.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import { TenantId, WebhookDeliveryId } from "../../src/domain/ids.ts"
import { readRetrySchedule, waitAfter } from "../../src/domain/webhookSchedule.ts"
import { attributes } from "../../src/observability/attributes.ts"
import type { Breaker, BreakerOpen } from "../../src/services/Breaker.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import type { LimitReached, Limits } from "../../src/services/Limits.ts"
import { WebhookDeliveries, type WebhookDeliveriesError } from "../../src/services/WebhookDeliveries.ts"
import type { WebhookSender } from "../../src/services/WebhookSender.ts"
import type { Webhooks } from "../../src/services/Webhooks.ts"
import { type FailureRecord, Opening, type Program } from "../../src/supervisor/Program.ts"
import { Bulkhead } from "./Bulkhead.ts"
import { carryOut } from "./carryOut.ts"
import type { DeliveryFailed } from "./DeliveryFailed.ts"
import { endpointOf, type HeldDelivery } from "./HeldDelivery.ts"

export type WebhookDeliveryFailure = DeliveryFailed | WebhookDeliveriesError | LimitReached | BreakerOpen
export type WebhookDeliveryServices = Bulkhead | Breaker | Limits | Webhooks | WebhookDeliveries | WebhookSender

/** The sender's deadline, and room for the books. */
const timeLimit = Duration.seconds(25)
/** By then the process that claimed it is dead. */
const claimLease = Duration.seconds(40)
/** The longest schedule ends long before; only our own side's failures could go on for ever. */
const maxAge = Duration.days(60)
/** Another process is at it; it ends within its deadline. */
const busyPause = Duration.seconds(5)
/** After an interruption of ours somebody else may try at once. */
const atOnce = Duration.zero

const idsOf = (data: WebhookDeliveryJobData) => ({ tenantId: TenantId.make(data.tenantId), deliveryId: WebhookDeliveryId.make(data.webhookDeliveryId) })

/** Of those that wait for one moment, not all come back at once. */
const spread = (after: Duration.Duration) =>
  Effect.map(Random.next, (random) => Duration.sum(after, Duration.millis(Math.ceil(random * Math.min(60_000, Duration.toMillis(after) / 5)))))

const claim = Effect.fnUntraced(function*(data: WebhookDeliveryJobData, attempt: JobAttempt) {
  const deliveries = yield* WebhookDeliveries
  const answer = yield* deliveries.claim({ data, jobId: attempt.jobId, lease: claimLease })
  switch (answer._tag) {
    case "Claimed": {
      const span = yield* Effect.option(Effect.currentSpan)
      return Opening.held<HeldDelivery>({
        delivery: answer.delivery,
        traceId: Option.getOrNull(Option.map(span, ({ traceId }) => traceId)),
        stage: "claimed",
        endpoint: endpointOf(data)
      })
    }
    case "Gone":
      return Opening.skip("cancelled: the delivery's row is gone")
    case "Cancelled":
      yield* deliveries.wakeNext(idsOf(data))
      return Opening.skip(`cancelled: ${answer.reason}`)
    case "Finished":
      return Opening.skip(`already ${answer.status}`)
    case "Behind":
      return Opening.skip("waits for its turn: an earlier delivery with the same key wakes it")
    case "Later":
      return Opening.wait(
        answer.reason === "busy" ? Duration.min(busyPause, answer.after) : answer.reason === "early" ? answer.after : yield* spread(answer.after),
        { busy: "another worker is at this delivery", early: "its next attempt comes later", paused: "the endpoint asked to be left alone", probing: "one delivery finds out first whether the webhook works again" }[answer.reason]
      )
    case "Interrupted": {
      const next = waitAfter(readRetrySchedule(answer.retrySeconds), answer.attempt, null, yield* Random.next)
      if (next !== null) return Opening.wait(next, "the last attempt was broken off; whether it arrived is not known")
      yield* deliveries.close(idsOf(data), { errorClass: "interrupted", errorMessage: "The last attempt was broken off; whether it arrived is not known." })
      yield* deliveries.wakeNext(idsOf(data))
      return Opening.skip("its last attempt was broken off")
    }
  }
})

/** Without a span of its own: hundreds a second, and the claim's says the same. */
const open = (data: WebhookDeliveryJobData, attempt: JobAttempt) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const bulkhead = yield* Bulkhead
      const endpoint = endpointOf(data)
      const after = yield* bulkhead.enter(endpoint)
      if (after !== null) return Opening.wait(after, "the endpoint has all the places that one may have")
      return yield* restore(claim(data, attempt)).pipe(
        Effect.tap((opening) => opening._tag === "Held" ? Effect.void : bulkhead.leave(endpoint)),
        Effect.onError(() => bulkhead.leave(endpoint))
      )
    })
  )

const leavePlace = (held: HeldDelivery) =>
  Effect.suspend(() => {
    const { endpoint } = held
    if (endpoint === null) return Effect.void
    held.endpoint = null
    return Bulkhead.use((bulkhead) => bulkhead.leave(endpoint))
  })

/** Writes how an attempt that has no record of its own was left. */
const leaveOff = Effect.fnUntraced(function*(held: HeldDelivery, after: Duration.Duration) {
  yield* leavePlace(held)
  const { delivery, stage } = held
  const deliveries = yield* WebhookDeliveries
  if (stage === "claimed") yield* deliveries.putBack(delivery.claim, after)
  if (stage === "sending") yield* deliveries.markUnknown(delivery.claim, after)
})

/**
 * `webhook-delivery`: one POST to one subscriber, on record. A delivery that comes to nothing is put off by the webhook's
 * own schedule.
 */
export const WebhookDelivery: Program<WebhookDeliveryJobData, HeldDelivery, WebhookDeliveryFailure, WebhookDeliveryServices> = {
  queue: QUEUE_NAMES.WEBHOOK_DELIVERY,
  schema: WebhookDeliveryJob,
  timeLimit,
  maxAge,
  identify: (data) => ({
    [attributes.tenantId]: data.tenantId,
    [attributes.webhookId]: data.webhookId,
    [attributes.webhookDeliveryId]: data.webhookDeliveryId
  }),
  open,
  refuse: Effect.fn("WebhookDelivery.refuse")(function*(data: WebhookDeliveryJobData, _attempt: JobAttempt, failure: Failure) {
    const deliveries = yield* WebhookDeliveries
    yield* deliveries.close(idsOf(data), { errorClass: failure.code, errorMessage: failure.plainWords })
    yield* deliveries.wakeNext(idsOf(data))
  }),
  work: (held: HeldDelivery) => Effect.ensuring(carryOut(held), leavePlace(held)),
  giveUp: Effect.fn("WebhookDelivery.giveUp")(function*({ delivery, stage }: HeldDelivery, { code, plainWords }: FailureRecord) {
    if (stage === "recorded") return
    const deliveries = yield* WebhookDeliveries
    yield* deliveries.close(delivery.claim, { errorClass: code, errorMessage: plainWords })
    if (delivery.ordered) yield* deliveries.wakeNext(delivery.claim)
  }),
  noteRetry: Effect.fn("WebhookDelivery.noteRetry")((held: HeldDelivery, _record: FailureRecord, next: DateTime.Utc) =>
    Effect.flatMap(DateTime.now, (now) => leaveOff(held, Duration.max(Duration.zero, DateTime.distance(now, next))))
  ),
  release: Effect.fn("WebhookDelivery.release")((held: HeldDelivery) => leaveOff(held, atOnce))
}
