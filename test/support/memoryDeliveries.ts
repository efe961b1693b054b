import { Clock, Duration, Effect, Layer, Redacted } from "effect"
import { TenantId, WebhookDeliveryId, WebhookId } from "../../src/domain/ids.ts"
import type { EndpointHealth } from "../../src/domain/webhookHealth.ts"
import { type AttemptRecord, ClaimAnswer, type ClaimedDelivery, WebhookDeliveries, WebhookDeliveriesError } from "../../src/services/WebhookDeliveries.ts"
import { type Exchange, type WebhookRequest, WebhookSender } from "../../src/services/WebhookSender.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"

/** One delivery and its endpoint, by the test's clock: for schedules that take days. */
export interface OneDelivery {
  /** When each request went out, in milliseconds of the test's clock. */
  readonly sentAt: Array<number>
  readonly requests: Array<WebhookRequest>
  readonly records: Array<AttemptRecord>
  readonly told: Array<string>
  /** What the receiver does with the next request. */
  answer: (request: WebhookRequest) => Exchange["answer"]
  retryAfter: Duration.Duration | null
  retrySeconds: ReadonlyArray<number> | null
  /** So many records fail before the database is there again. */
  awayFor: number
}

export const oneDelivery = (): OneDelivery => ({
  sentAt: [],
  requests: [],
  records: [],
  told: [],
  answer: () => ({ _tag: "Answered", status: 500 }),
  retryAfter: null,
  retrySeconds: null,
  awayFor: 0
})

interface Row {
  attempt: number
  nextAt: number
  over: string | null
  epoch: bigint
}
interface Failing {
  since: number
  failures: number
  successes: number
  streak: number
  warned: boolean
}

/** The services of the delivery program around this one; each job's delivery is a row of its own, their webhook is one. */
export const memoryServices = (one: OneDelivery): Layer.Layer<WebhookDeliveries | WebhookSender | Webhooks> => {
  const rows = new Map<string, Row>()
  let pausedUntil = 0
  let failing: Failing | null = null
  const told = (what: string) => Effect.sync(() => void one.told.push(what))

  const claim: WebhookDeliveries["Service"]["claim"] = ({ data }) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const row = rows.get(data.webhookDeliveryId) ?? { attempt: 0, nextAt: 0, over: null, epoch: 0n }
      rows.set(data.webhookDeliveryId, row)
      if (row.over !== null) return ClaimAnswer.Finished({ status: row.over })
      if (row.nextAt > now) return ClaimAnswer.Later({ reason: "early", after: Duration.millis(row.nextAt - now) })
      if (pausedUntil > now) return ClaimAnswer.Later({ reason: "paused", after: Duration.millis(pausedUntil - now) })
      row.attempt++
      row.epoch++
      const delivery: ClaimedDelivery = {
        claim: { tenantId: TenantId.make(data.tenantId), deliveryId: WebhookDeliveryId.make(data.webhookDeliveryId), webhookId: WebhookId.make(data.webhookId), epoch: row.epoch },
        event: data.event,
        messageId: "msg",
        url: Redacted.make("https://hooks.example/"),
        secrets: [],
        body: "{\"b\":1,\"a\":2}",
        bodyIntact: true,
        attempt: row.attempt,
        replay: false,
        probe: false,
        ordered: false,
        failing: failing !== null,
        retrySeconds: one.retrySeconds,
        maxConcurrency: null,
        maxPerMinute: null
      }
      return ClaimAnswer.Claimed({ delivery })
    })

  const record: WebhookDeliveries["Service"]["record"] = ({ claim }, attempt) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (one.awayFor-- > 0) return Effect.fail(new WebhookDeliveriesError({ deliveryId: claim.deliveryId, reason: "unavailable", detail: "away" }))
      return Effect.sync(() => write(claim.deliveryId, attempt, now))
    })
  const write = (deliveryId: string, attempt: AttemptRecord, now: number): EndpointHealth | null => {
    one.records.push(attempt)
    const row = rows.get(deliveryId)
    if (row === undefined) return null
    if (attempt.outcome === "own-side") row.attempt--
    if (attempt.nextAfter === null) row.over = attempt.outcome
    else row.nextAt = now + Duration.toMillis(attempt.nextAfter)
    if (attempt.pauseEndpoint !== null) pausedUntil = Math.max(pausedUntil, now + Duration.toMillis(attempt.pauseEndpoint))
    if (attempt.outcome === "failed") {
      failing ??= { since: now, failures: 0, successes: 0, streak: 0, warned: false }
      failing.failures++
      failing.streak = 0
    } else if (attempt.outcome === "delivered" && failing !== null) {
      failing.successes++
      failing.streak++
    }
    return failing === null
      ? null
      : { failingFor: Duration.millis(now - failing.since), failures: failing.failures, successes: failing.successes, successStreak: failing.streak, warned: failing.warned }
  }

  const putBack: WebhookDeliveries["Service"]["putBack"] = ({ deliveryId }, after) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const row = rows.get(deliveryId)
      if (row === undefined) return
      row.attempt--
      row.nextAt = now + Duration.toMillis(after)
    })

  return Layer.mergeAll(
    Layer.succeed(WebhookDeliveries, WebhookDeliveries.of({
      claim,
      record,
      putBack,
      markUnknown: () => told("unknown"),
      close: () => told("closed"),
      wakeNext: () => told("woken"),
      reopen: () => told("reopened"),
      replay: () => Effect.succeed(0)
    })),
    Layer.succeed(Webhooks, Webhooks.of({
      disable: () => told("disabled"),
      warn: () =>
        Effect.andThen(told("warned"), Effect.sync(() => {
          if (failing !== null) failing.warned = true
        })),
      recover: () =>
        Effect.andThen(told("recovered"), Effect.sync(() => {
          failing = null
        }))
    })),
    Layer.succeed(WebhookSender, WebhookSender.of({
      send: (request) =>
        Effect.map(Clock.currentTimeMillis, (now): Exchange => {
          one.sentAt.push(now)
          one.requests.push(request)
          return {
            answer: one.answer(request),
            timings: { dns: null, connect: null, tls: null, firstByte: null, total: 1 },
            address: null,
            requestHeaders: {},
            responseHeaders: {},
            excerpt: null,
            cut: false,
            retryAfter: one.retryAfter
          }
        })
    }))
  )
}
