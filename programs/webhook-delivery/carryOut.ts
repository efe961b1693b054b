import { Cause, Data, Duration, Effect, Exit, Metric, Option, Random } from "effect"
import type { JobSummary } from "../../src/domain/Verdict.ts"
import { endpointKey, nextHealthStep } from "../../src/domain/webhookHealth.ts"
import { type ExchangeFailure, isDown, judgeFailure, judgeStatus, Outcome, outcomeInWords } from "../../src/domain/webhookOutcome.ts"
import { longestRetryAfter, readRetrySchedule, waitAfter } from "../../src/domain/webhookSchedule.ts"
import { labelled, metrics } from "../../src/observability/metrics.ts"
import { Breaker, type BreakerPolicy } from "../../src/services/Breaker.ts"
import { type LimitPolicy, Limits } from "../../src/services/Limits.ts"
import { type AttemptRecord, type ClaimedDelivery, WebhookDeliveries, type WebhookDeliveriesError } from "../../src/services/WebhookDeliveries.ts"
import { type Exchange, WebhookSender } from "../../src/services/WebhookSender.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"
import { DeliveryFailed } from "./DeliveryFailed.ts"
import type { HeldDelivery } from "./HeldDelivery.ts"
import { asRequest } from "./receiverSpan.ts"

/** An endpoint that asks for a pause without saying how long. */
const unnamedPause = Duration.seconds(10)
/** Our own side: soon again, and for as long as it takes. */
const ownSidePause = Duration.seconds(30)

/** Within the attempt's time limit, and the lease of its claim. */
const recordPause = Duration.millis(500)
const untilThere = <A>(writing: Effect.Effect<A, WebhookDeliveriesError>) =>
  Effect.retry(Effect.delay(writing, recordPause), { while: ({ reason }) => reason === "unavailable", times: 11 })

/** An exchange and what it means, as the circuit breaker sees it. */
class EndpointDown extends Data.TaggedError("EndpointDown")<{ readonly attempted: Attempted }> {}
interface Attempted {
  readonly exchange: Exchange
  readonly outcome: Outcome
}

const breakerPolicy: BreakerPolicy<unknown> = {
  opens: { afterFailures: 5 },
  openFor: Duration.seconds(30),
  openForAtMost: Duration.minutes(15),
  counts: (error) => error instanceof EndpointDown ? "down" : "nothing"
}

const broken = (failure: ExchangeFailure): Exchange => ({
  answer: { _tag: "Broken", failure },
  timings: { dns: null, connect: null, tls: null, firstByte: null, total: 0 },
  address: null,
  requestHeaders: {},
  responseHeaders: {},
  excerpt: null,
  cut: false,
  retryAfter: null
})

const attempt = Effect.fnUntraced(function*(held: HeldDelivery) {
  const { body, bodyIntact, claim, event, messageId, secrets, url } = held.delivery
  const sender = yield* WebhookSender
  held.stage = "sending"
  const exchange = bodyIntact
    ? yield* asRequest(url, held.traceId !== null, (traceparent) => sender.send({ url, secrets, body, event, messageId, deliveryId: claim.deliveryId, traceparent })).pipe(
      // A fault of ours counts as an attempt, or it would be tried without end.
      Effect.catchDefect((defect) => Effect.as(Effect.logError("a delivery broke", Cause.die(defect)), broken("internal")))
    )
    : broken("body-changed")
  const outcome = exchange.answer._tag === "Answered" ? judgeStatus(exchange.answer.status) : judgeFailure(exchange.answer.failure)
  return { exchange, outcome }
})

/**
 * Limits that the webhook has over all replicas, where it has any; and its circuit breaker, which is asked only about
 * endpoints that have failed: a healthy one costs nothing.
 */
const guarded = Effect.fnUntraced(function*(held: HeldDelivery) {
  const limits = yield* Limits
  const breaker = yield* Breaker
  const { delivery } = held
  const key = endpointKey(delivery.claim)
  const policy: LimitPolicy<unknown> = {
    ...(delivery.maxConcurrency === null ? {} : { concurrency: Math.max(1, delivery.maxConcurrency) }),
    ...(delivery.maxPerMinute === null ? {} : { rate: { limit: Math.max(1, delivery.maxPerMinute), window: Duration.minutes(1) } })
  }
  const judged = attempt(held).pipe(
    Effect.flatMap((attempted) => isDown(attempted.outcome) ? Effect.fail(new EndpointDown({ attempted })) : Effect.succeed(attempted))
  )
  const watched = delivery.failing
    ? breaker.withBreaker(key, breakerPolicy, judged)
    : Effect.tapErrorTag(judged, "EndpointDown", (down) => Effect.ignore(breaker.withBreaker(key, breakerPolicy, Effect.fail(down))))
  const seen = Effect.catchTag(watched, "EndpointDown", ({ attempted }) => Effect.succeed(attempted))
  if (delivery.maxConcurrency === null && delivery.maxPerMinute === null) return yield* seen
  return yield* limits.withLimits(key, policy, seen)
})

const plan = ({ attempt, retrySeconds }: ClaimedDelivery, { exchange, outcome }: Attempted, random: number) =>
  Outcome.$match(outcome, {
    Delivered: () => ({ outcome: "delivered" as const, errorClass: null, next: null, pause: null }),
    OwnSide: ({ errorClass }) => ({
      outcome: "own-side" as const,
      errorClass,
      next: Duration.millis(Math.round(Duration.toMillis(ownSidePause) * (0.75 + random / 2))),
      pause: null
    }),
    Failed: ({ errorClass, final, slowsEndpoint }) => ({
      outcome: "failed" as const,
      errorClass,
      next: final ? null : waitAfter(readRetrySchedule(retrySeconds), attempt, exchange.retryAfter, random),
      pause: slowsEndpoint ? Duration.min(longestRetryAfter, exchange.retryAfter ?? unnamedPause) : null
    })
  })

/** What the attempt tells about the endpoint: warned, switched off, or well again. Its failure does not undo the attempt. */
const heed = Effect.fnUntraced(function*({ claim, probe, replay }: ClaimedDelivery, { outcome }: Attempted, health: Parameters<typeof nextHealthStep>[0] | null) {
  const webhooks = yield* Webhooks
  const { tenantId, webhookId } = claim
  const [failed, words] = outcome._tag === "Failed" ? [true, outcomeInWords(outcome.errorClass)] : [false, ""]
  if (outcome._tag === "Failed" && outcome.disables) return yield* webhooks.disable(tenantId, webhookId, words)
  if (replay) return
  if (probe && failed) return yield* webhooks.disable(tenantId, webhookId, `It was switched on again, but the first delivery failed. ${words}`)
  if (probe && outcome._tag === "Delivered") return yield* webhooks.recover(tenantId, webhookId)
  switch (health === null ? "none" : nextHealthStep(health)) {
    case "disable":
      return yield* webhooks.disable(tenantId, webhookId, `It has failed for ${Math.floor(Duration.toDays(health?.failingFor ?? 0))} days. ${words}`)
    case "warn":
      return yield* webhooks.warn(tenantId, webhookId)
    case "recovered":
      return yield* webhooks.recover(tenantId, webhookId)
    case "none":
      return
  }
})

const deliveryCount = labelled(metrics.deliveries)

/** For the metric: what answered, or whose fault it was that nothing did. */
const classOf = ({ exchange: { answer }, outcome }: Attempted): string =>
  answer._tag === "Answered" ? `${Math.floor(answer.status / 100)}xx` : outcome._tag === "OwnSide" ? "own-side" : "network"

/** One attempt: sent, put on record, and what follows from it. Ends with `DeliveryFailed` when it did not deliver. */
export const carryOut = Effect.fnUntraced(function*(held: HeldDelivery) {
  const { delivery } = held
  const deliveries = yield* WebhookDeliveries
  const attempted = yield* guarded(held)
  const { errorClass, next, outcome, pause } = plan(delivery, attempted, yield* Random.next)
  const record: AttemptRecord = {
    outcome,
    nextAfter: next,
    pauseEndpoint: pause,
    exchange: attempted.exchange,
    errorClass,
    errorMessage: errorClass === null ? null : outcomeInWords(errorClass),
    traceId: held.traceId
  }
  // What was sent and is not on record would be sent again: a short absence of the database is waited for.
  const writing = deliveries.record(delivery, record)
  const health = yield* writing.pipe(Effect.catchIf(({ reason }) => reason === "unavailable", () => untilThere(writing)))
  held.stage = "recorded"
  yield* Metric.update(deliveryCount({ outcome, class: classOf(attempted) }), 1)
  const followed = yield* Effect.exit(Effect.andThen(
    heed(delivery, attempted, health),
    delivery.ordered && next === null ? deliveries.wakeNext(delivery.claim) : Effect.void
  ))
  if (Exit.isFailure(followed)) {
    yield* Effect.logWarning(`webhook ${delivery.claim.webhookId}: ${Option.getOrNull(Cause.findErrorOption(followed.cause))?.message ?? "what follows from the attempt could not be recorded"}`)
  }
  if (errorClass !== null) return yield* new DeliveryFailed({ errorClass, attempt: delivery.attempt, next })
  const summary: JobSummary = {
    status: "delivered",
    responseStatus: attempted.exchange.answer._tag === "Answered" ? attempted.exchange.answer.status : null,
    attempt: delivery.attempt
  }
  return summary
})
