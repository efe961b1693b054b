import { Duration, Effect, Layer, Redacted, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { hash } from "node:crypto"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { TenantId, WebhookDeliveryId, WebhookId } from "../../src/domain/ids.ts"
import type { EndpointHealth } from "../../src/domain/webhookHealth.ts"
import { JobOutbox, JobOutboxError } from "../../src/services/JobOutbox.ts"
import {
  type AttemptRecord,
  ClaimAnswer,
  type ClaimedDelivery,
  type ClaimRequest,
  type DeliveryClaim,
  type DeliveryIds,
  type ReplayFilter,
  type ReplayPace,
  WebhookDeliveries,
  WebhookDeliveriesError
} from "../../src/services/WebhookDeliveries.ts"
import { oneStatement } from "./oneStatement.ts"
import { isMisfit } from "./sqlState.ts"
import * as Statements from "./webhookStatements.ts"

const ClaimRow = Schema.Struct({
  n: Schema.Int,
  answer: Schema.Literals(["claim", "interrupted", "webhook-deleted", "webhook-inactive", "finished", "busy", "early", "paused", "probing", "behind"]),
  status: Schema.String,
  webhookId: Schema.String,
  url: Schema.NullOr(Schema.String),
  secret: Schema.NullOr(Schema.String),
  previousSecret: Schema.NullOr(Schema.String),
  known: Schema.Boolean,
  retrySchedule: Schema.NullOr(Schema.Array(Schema.Number)),
  maxConcurrency: Schema.NullOr(Schema.Number),
  maxPerMinute: Schema.NullOr(Schema.Number),
  ordered: Schema.NullOr(Schema.Boolean),
  probe: Schema.Boolean,
  failing: Schema.Boolean,
  eventId: Schema.NullOr(Schema.String),
  epoch: Schema.NullOr(Schema.BigIntFromString),
  attempt: Schema.NullOr(Schema.Int),
  body: Schema.NullOr(Schema.String),
  bodyHash: Schema.NullOr(Schema.String),
  event: Schema.NullOr(Schema.String),
  replay: Schema.NullOr(Schema.Boolean),
  afterMillis: Schema.NullOr(Schema.Number)
})
type ClaimRow = typeof ClaimRow.Type
const decodeClaims = Schema.decodeUnknownEffect(Schema.Array(ClaimRow))

const decodeRecorded = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  n: Schema.Int,
  written: Schema.Boolean,
  failingMillis: Schema.NullOr(Schema.Number),
  failures: Schema.NullOr(Schema.Int),
  successes: Schema.NullOr(Schema.Int),
  successStreak: Schema.NullOr(Schema.Int),
  warned: Schema.NullOr(Schema.Boolean)
})))

const Waiting = { id: Schema.String, webhookId: Schema.String, event: Schema.String, payload: Schema.Record(Schema.String, Schema.Unknown) }
const decodeWaiting = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct(Waiting)))
const decodeOpened = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ ...Waiting, delay: Schema.Number })))
const decodeCounts = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ count: Schema.Int })]))

const hashOf = (body: string): string => hash("sha256", body, "hex")

/** What PostgreSQL cannot keep in a text must not fail the statement for all the others. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD")

/** A webhook without a URL of its own in its row is one that nobody knows any more: the job's is all there is. */
const urlNobodyReads = "about:blank"

/** SQL, decoding and enqueueing errors become ours; ours pass. */
const toError = (deliveryId: string, doing: string) => (error: unknown): WebhookDeliveriesError => {
  if (error instanceof WebhookDeliveriesError) return error
  const failed = (reason: "unavailable" | "misfit", detail: string) => new WebhookDeliveriesError({ deliveryId, reason, detail: `${doing}: ${detail}`, cause: error })
  if (error instanceof JobOutboxError) return failed(error.reason === "unavailable" ? "unavailable" : "misfit", error.message)
  if (!isSqlError(error)) return failed("misfit", "a row does not fit")
  return isMisfit(error) ? failed("misfit", `${error.message}; the tables do not fit, run \`migrate\``) : failed("unavailable", error.message)
}

const secretsOf = (...texts: ReadonlyArray<string | null>) => texts.flatMap((text) => text === null || text === "" ? [] : [Redacted.make(text)])

const claimedOf = (row: ClaimRow, { data }: ClaimRequest): ClaimedDelivery => ({
  claim: {
    tenantId: TenantId.make(data.tenantId),
    deliveryId: WebhookDeliveryId.make(data.webhookDeliveryId),
    webhookId: WebhookId.make(row.webhookId),
    epoch: row.epoch ?? 0n
  },
  event: row.event ?? data.event,
  messageId: row.eventId ?? data.webhookDeliveryId,
  url: Redacted.make(row.url === null || row.url === "" ? data.url : row.url),
  // A secret in an old job still counts where the row has none: better signed for nobody than not signed.
  secrets: secretsOf(row.secret === null || row.secret === "" ? data.secret : row.secret, row.previousSecret),
  body: row.body ?? "",
  bodyIntact: row.body !== null && (row.bodyHash === null || row.bodyHash === hashOf(row.body)),
  attempt: row.attempt ?? 1,
  replay: row.replay ?? false,
  probe: row.probe,
  ordered: row.ordered ?? false,
  failing: row.failing,
  retrySeconds: row.retrySchedule,
  maxConcurrency: row.maxConcurrency,
  maxPerMinute: row.maxPerMinute
})

const answerOf = (row: ClaimRow | undefined, request: ClaimRequest): ClaimAnswer => {
  if (row === undefined) return ClaimAnswer.Gone()
  const { answer } = row
  switch (answer) {
    case "claim":
      return ClaimAnswer.Claimed({ delivery: claimedOf(row, request) })
    case "interrupted":
      return ClaimAnswer.Interrupted({ attempt: row.attempt ?? 1, retrySeconds: row.retrySchedule })
    case "webhook-deleted":
    case "webhook-inactive":
      return ClaimAnswer.Cancelled({ reason: answer })
    case "finished":
      return ClaimAnswer.Finished({ status: row.status })
    case "behind":
      return ClaimAnswer.Behind()
    case "busy":
    case "early":
    case "paused":
    case "probing":
      return ClaimAnswer.Later({ reason: answer, after: Duration.millis(row.afterMillis ?? 5_000) })
  }
}

const inputOf = ({ claim, replay }: ClaimedDelivery, attempt: AttemptRecord, n: number): Statements.RecordInput => {
  const { answer, timings } = attempt.exchange
  const millis = (duration: Duration.Duration | null) => duration === null ? null : Math.round(Duration.toMillis(duration))
  const rounded = (value: number | null) => value === null ? null : Math.round(value * 1000) / 1000
  return {
    n,
    tenant: claim.tenantId,
    id: claim.deliveryId,
    webhook: claim.webhookId,
    epoch: claim.epoch.toString(),
    outcome: attempt.outcome,
    next: millis(attempt.nextAfter),
    pause: millis(attempt.pauseEndpoint),
    counts: !replay && attempt.outcome !== "own-side",
    status: answer._tag === "Answered" ? answer.status : null,
    class: attempt.errorClass,
    message: attempt.errorMessage,
    address: attempt.exchange.address,
    timings: { dns: rounded(timings.dns), connect: rounded(timings.connect), tls: rounded(timings.tls), firstByte: rounded(timings.firstByte), total: rounded(timings.total) },
    asked: attempt.exchange.requestHeaders,
    answered: attempt.exchange.responseHeaders,
    excerpt: attempt.exchange.excerpt,
    cut: attempt.exchange.cut,
    retry: millis(attempt.exchange.retryAfter),
    trace: attempt.traceId
  }
}

/** `WebhookDeliveries` in PostgreSQL. Claims and records of one moment go into one statement each. */
export const PostgresWebhookDeliveries: Layer.Layer<WebhookDeliveries, never, SqlClient.SqlClient | JobOutbox> = Layer.effect(
  WebhookDeliveries,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const outbox = yield* JobOutbox

    const claim = yield* oneStatement<ClaimRequest, ClaimAnswer, WebhookDeliveriesError>((requests) => {
      const asked = requests.map(({ data, jobId, lease }, n): Statements.ClaimInput => {
        const body = JSON.stringify(data.payload)
        return { n, tenant: data.tenantId, id: data.webhookDeliveryId, job: storable(jobId), lease: Duration.toMillis(lease), body, hash: hashOf(body) }
      })
      return Statements.claimDeliveries(sql, asked).pipe(
        Effect.flatMap(decodeClaims),
        Effect.map((rows) => {
          const byPlace = new Map(rows.map((row) => [row.n, row]))
          return requests.map((request, n) => answerOf(byPlace.get(n), request))
        }),
        Effect.mapError(toError(requests[0]?.data.webhookDeliveryId ?? "", "it could not be taken"))
      )
    })

    const record = yield* oneStatement<{ readonly delivery: ClaimedDelivery; readonly attempt: AttemptRecord }, { readonly written: boolean; readonly health: EndpointHealth | null }, WebhookDeliveriesError>(
      (items) =>
        Statements.recordAttempts(sql, items.map(({ attempt, delivery }, n) => inputOf(delivery, attempt, n))).pipe(
          Effect.flatMap(decodeRecorded),
          Effect.map((rows) => {
            const byPlace = new Map(rows.map((row) => [row.n, row]))
            return items.map((_, n) => {
              const row = byPlace.get(n)
              const failing = row?.failingMillis ?? null
              return {
                written: row?.written ?? false,
                health: row === undefined || failing === null
                  ? null
                  : { failingFor: Duration.millis(failing), failures: row.failures ?? 0, successes: row.successes ?? 0, successStreak: row.successStreak ?? 0, warned: row.warned ?? false }
              }
            })
          }),
          Effect.mapError(toError(items[0]?.delivery.claim.deliveryId ?? "", "the attempt could not be recorded"))
        )
    )

    const alone = (deliveryId: string, doing: string, statement: Effect.Effect<unknown, unknown>) =>
      Effect.asVoid(statement).pipe(Effect.mapError(toError(deliveryId, doing)))

    const jobOf = (tenantId: TenantId, row: { readonly id: string; readonly webhookId: string; readonly event: string; readonly payload: Record<string, unknown> }) => ({
      webhookId: row.webhookId,
      webhookDeliveryId: row.id,
      tenantId,
      event: row.event,
      url: urlNobodyReads,
      secret: null,
      payload: row.payload
    })

    return WebhookDeliveries.of({
      // Many in one statement, which is on nobody's span.
      claim: Effect.fn("WebhookDeliveries.claim")(claim),
      record: Effect.fn("WebhookDeliveries.record")(function*(delivery: ClaimedDelivery, attempt: AttemptRecord) {
        const { health, written } = yield* record({ delivery, attempt })
        if (written) return health
        return yield* new WebhookDeliveriesError({ deliveryId: delivery.claim.deliveryId, reason: "claim-lost", detail: "another worker has taken it over; nothing was written" })
      }),
      putBack: Effect.fn("WebhookDeliveries.putBack")((held: DeliveryClaim, after: Duration.Duration) =>
        alone(held.deliveryId, "it could not be put back", Statements.putBack(sql, held, Duration.toMillis(after)))
      ),
      reopen: Effect.fn("WebhookDeliveries.reopen")((ids: DeliveryIds, jobId: string) =>
        alone(ids.deliveryId, "it could not be opened again", Statements.reopenDelivery(sql, ids, storable(jobId)))
      ),
      markUnknown: Effect.fn("WebhookDeliveries.markUnknown")((held: DeliveryClaim, after: Duration.Duration) =>
        alone(held.deliveryId, "the broken-off attempt could not be recorded", Statements.markUnknown(sql, held, Duration.toMillis(after)))
      ),
      close: Effect.fn("WebhookDeliveries.close")(({ deliveryId, tenantId }, { errorClass, errorMessage }) =>
        alone(deliveryId, "it could not be closed", Statements.closeDelivery(sql, tenantId, deliveryId, errorClass, errorMessage))
      ),
      wakeNext: Effect.fn("WebhookDeliveries.wakeNext")((held: DeliveryIds) =>
        sql.withTransaction(Effect.gen(function*() {
          const [next] = yield* Statements.nextInOrder(sql, held).pipe(Effect.flatMap(decodeWaiting))
          if (next !== undefined) yield* outbox.enqueue(QUEUE_NAMES.WEBHOOK_DELIVERY, jobOf(held.tenantId, next))
        })).pipe(Effect.mapError(toError(held.deliveryId, "the next one could not be woken")))
      ),
      replay: Effect.fn("WebhookDeliveries.replay")(function*(filter: ReplayFilter, { dryRun, limit, pace }: { readonly pace: ReplayPace; readonly limit: number; readonly dryRun: boolean }) {
        if (dryRun) {
          const [{ count }] = yield* Statements.countReplayable(sql, filter, limit).pipe(Effect.flatMap(decodeCounts))
          return count
        }
        const opened = yield* Statements.openAgain(sql, filter, { limit, startMillis: Duration.toMillis(pace.startAfter), spacingMillis: 1000 / pace.perSecond }).pipe(Effect.flatMap(decodeOpened))
        yield* outbox.enqueueMany(QUEUE_NAMES.WEBHOOK_DELIVERY, opened.map((row) => ({ data: jobOf(filter.tenantId, row), delay: Duration.millis(row.delay) })))
        return opened.length
      }, (effect) => sql.withTransaction(effect).pipe(Effect.mapError(toError("", "nothing was sent again"))))
    })
  })
)
