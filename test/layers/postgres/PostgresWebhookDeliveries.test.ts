import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { WebhookDeliveryJobData } from "../../../src/contract/index.ts"
import { TenantId, WebhookDeliveryId, WebhookId } from "../../../src/domain/ids.ts"
import { type AttemptRecord, type ClaimAnswer, type ClaimedDelivery, WebhookDeliveries } from "../../../src/services/WebhookDeliveries.ts"
import { PostgresRetention } from "../../../layers/postgres/retentionStores.ts"
import { RetentionStores } from "../../../src/services/RetentionStores.ts"
import { Webhooks } from "../../../src/services/Webhooks.ts"
import { attemptsOf, deliveryRow, emitted, newDelivery, newWebhook, ownWebhookTables } from "../../support/webhookTables.ts"

const claim = (data: WebhookDeliveryJobData, jobId = "job", lease = Duration.seconds(30)) => WebhookDeliveries.use((deliveries) => deliveries.claim({ data, jobId, lease }))
const claimed = (data: WebhookDeliveryJobData, jobId = "job") =>
  Effect.flatMap(claim(data, jobId), (answer) => answer._tag === "Claimed" ? Effect.succeed(answer.delivery) : Effect.die(JSON.stringify(answer)))
const tagOf = (answer: ClaimAnswer) => answer._tag === "Later" ? answer.reason : answer._tag

const attempt = (changes: Partial<AttemptRecord> = {}): AttemptRecord => ({
  outcome: "delivered",
  nextAfter: null,
  pauseEndpoint: null,
  errorClass: null,
  errorMessage: null,
  traceId: "trace",
  exchange: {
    answer: { _tag: "Answered", status: 200 },
    timings: { dns: null, connect: 1.5, tls: null, firstByte: 2, total: 3.25 },
    address: "127.0.0.1",
    requestHeaders: { "x-webhook-event": "e" },
    responseHeaders: { server: "s\ud83d\ude00" },
    excerpt: "ok",
    cut: false,
    retryAfter: null
  },
  ...changes
})
const failed = (changes: Partial<AttemptRecord> = {}) => attempt({ outcome: "failed", nextAfter: Duration.zero, errorClass: "http-500", errorMessage: "It answered 500.", ...changes })
const record = (delivery: ClaimedDelivery, of: AttemptRecord) => WebhookDeliveries.use((deliveries) => deliveries.record(delivery, of))
const idsOf = (data: WebhookDeliveryJobData) => ({ tenantId: TenantId.make(data.tenantId), webhookId: WebhookId.make(data.webhookId) })

layer(ownWebhookTables, { excludeTestServices: true })("the deliveries", (it) => {
  it.effect("are taken with what the webhook's row says, and put on record with the attempt", () =>
    Effect.gen(function*() {
      const hook = yield* newWebhook({ url: "https://hooks.example/secret-path", secret: "s", retrySchedule: [1, 2] })
      const job = yield* newDelivery(hook, { body: "{\"b\":\"\\u0000\\ud800\",\"a\":1}" })
      const delivery = yield* claimed(job)
      assert.strictEqual(Redacted.value(delivery.url), "https://hooks.example/secret-path")
      assert.deepStrictEqual(delivery.secrets.map(Redacted.value), ["s"])
      assert.deepInclude(delivery, { body: "{\"b\":\"\\u0000\\ud800\",\"a\":1}", bodyIntact: true, attempt: 1, replay: false, probe: false, failing: false, retrySeconds: [1, 2], event: "invoice.processed" })
      assert.match(delivery.messageId, /^event-/)
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "delivering", attemptNumber: 1, jobId: "job" })
      assert.isNull(yield* record(delivery, attempt()))
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), {
        status: "delivered", responseStatus: 200, durationMs: 3, attemptNumber: 1, errorClass: null, responseExcerpt: "ok", traceId: "trace",
        timings: { dns: null, connect: 1.5, tls: null, firstByte: 2, total: 3.25 }, leaseUntil: null
      })
      const [row] = yield* attemptsOf(job.webhookDeliveryId)
      assert.deepInclude(row, { outcome: "delivered", responseStatus: 200, address: "127.0.0.1", totalMs: 3.25, attemptNumber: 1, replay: false })
      assert.strictEqual(tagOf(yield* claim(job)), "Finished")
    }))

  it.effect("keep the body of a former worker's job as it was sent first", () =>
    Effect.gen(function*() {
      const hook = yield* newWebhook({ secret: "row" })
      const job = { ...(yield* newDelivery(hook, { body: null, eventId: null })), payload: { z: "\0", a: 1 }, secret: "job's" }
      const delivery = yield* claimed(job)
      assert.strictEqual(delivery.body, "{\"z\":\"\\u0000\",\"a\":1}")
      assert.strictEqual(delivery.messageId, job.webhookDeliveryId)
      assert.deepStrictEqual(delivery.secrets.map(Redacted.value), ["row"])
      yield* record(delivery, failed())
      assert.strictEqual((yield* claimed({ ...job, payload: { a: 1, z: "other" } })).body, delivery.body)
    }))

  it.effect("notice a body that was changed afterwards", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const job = yield* newDelivery(yield* newWebhook())
      yield* sql`UPDATE webhook_deliveries SET body = '{"other":1}' WHERE id = ${job.webhookDeliveryId}`
      assert.isFalse((yield* claimed(job)).bodyIntact)
    }))

  it.effect("are another tenant's to nobody", () =>
    Effect.gen(function*() {
      const job = yield* newDelivery(yield* newWebhook())
      assert.strictEqual(tagOf(yield* claim({ ...job, tenantId: "stranger" })), "Gone")
      const foreign = yield* newWebhook({ url: "http://foreign.example/" })
      const own = yield* newWebhook()
      const crossed = yield* newDelivery({ tenantId: own.tenantId, webhookId: foreign.webhookId })
      assert.deepStrictEqual(yield* claim(crossed), { _tag: "Cancelled", reason: "webhook-deleted" })
    }))

  it.effect("of a webhook that was deleted or switched off end as cancelled", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [off, deleted] = [yield* newWebhook({ active: false }), yield* newWebhook()]
      const [one, other] = [yield* newDelivery(off), yield* newDelivery(deleted)]
      yield* sql`DELETE FROM webhooks WHERE id = ${deleted.webhookId}`
      assert.deepStrictEqual(yield* claim(one), { _tag: "Cancelled", reason: "webhook-inactive" })
      assert.deepStrictEqual(yield* claim(other), { _tag: "Cancelled", reason: "webhook-deleted" })
      for (const job of [one, other]) assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "cancelled" })
      assert.strictEqual(tagOf(yield* claim({ ...one, webhookDeliveryId: "nobody" })), "Gone")
      assert.isEmpty(yield* attemptsOf(one.webhookDeliveryId))
    }))

  it.effect("from before the worker moved in are sent by what their job says when nobody knows their webhook", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const job = { ...(yield* newDelivery({ tenantId: "old", webhookId: "gone" }, { body: null, eventId: null })), url: "http://old.example/x", secret: "old-secret" }
      yield* sql`UPDATE webhook_deliveries SET "createdAt" = now() - interval '1 year' WHERE id = ${job.webhookDeliveryId}`
      const delivery = yield* claimed(job)
      assert.strictEqual(Redacted.value(delivery.url), job.url)
      assert.deepStrictEqual(delivery.secrets.map(Redacted.value), ["old-secret"])
      yield* record(delivery, failed())
      // A job that the reconciler has made knows no secret: it is not sent unsigned.
      yield* sql`INSERT INTO tt_worker.delivery_reconciliation ("tenantId", "deliveryId") VALUES ('old', ${job.webhookDeliveryId})`
      assert.strictEqual(tagOf(yield* claim({ ...job, secret: null })), "Cancelled")
    }))

  it.effect("are signed with the secret before, as long as that is wanted", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const hook = yield* newWebhook({ secret: "new" })
      const secretsAt = (until: string) =>
        Effect.gen(function*() {
          yield* sql`UPDATE webhooks SET "previousSecret" = 'old', "previousSecretUntil" = now() + ${until}::interval WHERE id = ${hook.webhookId}`
          return (yield* claimed(yield* newDelivery(hook))).secrets.map(Redacted.value)
        })
      assert.deepStrictEqual(yield* secretsAt("1 hour"), ["new", "old"])
      assert.deepStrictEqual(yield* secretsAt("-1 second"), ["new"])
    }))

  it.effect("are carried out by one worker at a time; a dead one's attempt is on record as unknown", () =>
    Effect.gen(function*() {
      const job = yield* newDelivery(yield* newWebhook())
      const answers = yield* Effect.forEach(["a", "b", "c", "d"], (jobId) => claim(job, jobId), { concurrency: "unbounded" })
      assert.sameMembers(answers.map(tagOf), ["Claimed", "busy", "busy", "busy"])
      const winner = answers.findIndex(({ _tag }) => _tag === "Claimed")
      const first = answers[winner]
      const jobId = ["a", "b", "c", "d"][winner] ?? ""
      assert.deepStrictEqual(yield* claim(job, jobId), { _tag: "Interrupted", attempt: 1, retrySeconds: null })
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "unknown", errorClass: "interrupted" })
      assert.deepInclude((yield* attemptsOf(job.webhookDeliveryId))[0], { outcome: "unknown", attemptNumber: 1 })
      const second = yield* claimed(job, jobId)
      assert.strictEqual(second.attempt, 2)
      if (first?._tag !== "Claimed") return assert.fail("nobody won")
      assert.strictEqual((yield* Effect.flip(record(first.delivery, attempt()))).reason, "claim-lost")
      yield* record(second, attempt())
      assert.lengthOf(yield* attemptsOf(job.webhookDeliveryId), 2)
    }))

  it.effect("wait for their next attempt and for a pause of their endpoint; what was not sent does not count", () =>
    Effect.gen(function*() {
      const hook = yield* newWebhook()
      const deliveries = yield* WebhookDeliveries
      const [one, other] = [yield* newDelivery(hook), yield* newDelivery(hook)]
      yield* record(yield* claimed(one), failed({ nextAfter: Duration.minutes(2) }))
      const early = yield* claim(one)
      assert.strictEqual(tagOf(early), "early")
      if (early._tag === "Later") assert.approximately(Duration.toSeconds(early.after), 120, 2)
      const second = yield* claimed(other)
      yield* deliveries.putBack(second.claim, Duration.zero)
      assert.deepInclude(yield* deliveryRow(other.webhookDeliveryId), { status: "pending", attemptNumber: 0 })
      yield* record(yield* claimed(other), failed({ pauseEndpoint: Duration.hours(1) }))
      const paused = yield* claim(yield* newDelivery(hook))
      assert.strictEqual(tagOf(paused), "paused")
      if (paused._tag === "Later") assert.approximately(Duration.toSeconds(paused.after), 3600, 2)
    }))

  it.effect("are not counted when our own side failed", () =>
    Effect.gen(function*() {
      const job = yield* newDelivery(yield* newWebhook())
      const delivery = yield* claimed(job)
      assert.isNull(yield* record(delivery, failed({ outcome: "own-side", errorClass: "no-route" })))
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "pending", attemptNumber: 0, errorClass: "no-route" })
      assert.deepInclude((yield* attemptsOf(job.webhookDeliveryId))[0], { outcome: "own-side", attemptNumber: 1, replay: false })
    }))

  it.effect("with one key go one after the other, and a final failure releases the next", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const deliveries = yield* WebhookDeliveries
      const hook = yield* newWebhook({ ordering: "key" })
      const make = (orderingKey: string | null) => newDelivery(hook, { orderingKey })
      const [first, second, third, stranger, keyless] = [yield* make("k"), yield* make("k"), yield* make("k"), yield* make("l"), yield* make(null)]
      const answers = yield* Effect.forEach([third, second, first, stranger, keyless], (job) => claim(job), { concurrency: "unbounded" })
      assert.deepStrictEqual(answers.map(tagOf), ["Behind", "Behind", "Claimed", "Claimed", "Claimed"])
      const [, , held] = answers
      if (held?._tag !== "Claimed") return assert.fail("not claimed")
      yield* record(held.delivery, failed())
      assert.strictEqual(tagOf(yield* claim(second)), "Behind")
      const again = yield* claimed(first)
      yield* record(again, failed({ nextAfter: null }))
      yield* deliveries.wakeNext(again.claim)
      const [woken] = yield* sql<{ readonly data: string }>`SELECT data FROM tt_worker.outbox ORDER BY id DESC LIMIT 1`
      assert.deepInclude(JSON.parse(woken?.data ?? "{}"), { webhookDeliveryId: second.webhookDeliveryId, secret: null, payload: {} })
      assert.strictEqual(tagOf(yield* claim(second)), "Claimed")
      assert.strictEqual(tagOf(yield* claim(third)), "Behind")
    }))

  it.effect("tell of an endpoint's health while it fails, not of what is sent again by hand", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const hook = yield* newWebhook()
      const first = yield* record(yield* claimed(yield* newDelivery(hook)), failed())
      assert.deepInclude(first, { failures: 1, successes: 0, successStreak: 0, warned: false })
      const job = yield* newDelivery(hook)
      yield* sql`UPDATE webhook_deliveries SET replaying = true WHERE id = ${job.webhookDeliveryId}`
      const replayed = yield* claimed(job)
      assert.isTrue(replayed.replay)
      assert.isTrue(replayed.failing)
      yield* record(replayed, failed())
      yield* record(yield* claimed(job), attempt())
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "delivered", replaying: false })
      assert.deepInclude(yield* record(yield* claimed(yield* newDelivery(hook)), attempt()), { failures: 1, successes: 1, successStreak: 1 })
      const held = yield* Effect.forEach([1, 2, 3], () => Effect.flatMap(newDelivery(hook), (job) => claimed(job)))
      const health = yield* Effect.forEach(held, (delivery) => record(delivery, failed()), { concurrency: "unbounded" })
      assert.strictEqual(health.at(-1)?.failures, 4)
      assert.strictEqual(health.at(-1)?.successStreak, 0)
    }))

  it.effect("of a webhook that is switched on again are held back until one has found out whether it works", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const webhooks = yield* Webhooks
      const hook = yield* newWebhook()
      const ids = idsOf(yield* newDelivery(hook))
      yield* record(yield* claimed(yield* newDelivery(hook)), failed())
      yield* webhooks.warn(ids.tenantId, ids.webhookId)
      yield* webhooks.warn(ids.tenantId, ids.webhookId)
      yield* webhooks.disable(ids.tenantId, ids.webhookId, "It failed.")
      yield* webhooks.disable(ids.tenantId, ids.webhookId, "It failed again.")
      const ours = emitted.filter(({ tenantId }) => tenantId === ids.tenantId)
      assert.deepStrictEqual(ours.map(({ event }) => event), ["webhook.failing", "webhook.disabled"])
      assert.deepInclude(ours[1]?.payload["data"], { tenantId: ids.tenantId, webhookId: ids.webhookId, reason: "It failed." })
      const [row] = yield* sql`SELECT active, "disabledReason", "disabledAt" IS NOT NULL AS dated, "failingSince" IS NOT NULL AS since FROM webhooks WHERE id = ${ids.webhookId}`
      assert.deepStrictEqual({ ...row }, { active: false, disabledReason: "It failed.", dated: true, since: true })

      yield* sql`UPDATE webhooks SET active = true WHERE id = ${ids.webhookId}`
      const jobs = yield* Effect.forEach([1, 2, 3], () => newDelivery(hook))
      const answers = yield* Effect.forEach(jobs, (job) => claim(job), { concurrency: "unbounded" })
      assert.sameMembers(answers.map(tagOf), ["Claimed", "probing", "probing"])
      yield* webhooks.recover(ids.tenantId, ids.webhookId)
      const after = yield* Effect.forEach(jobs, (job) => claim(job, "other"), { concurrency: "unbounded" })
      assert.sameMembers(after.map(tagOf), ["busy", "Claimed", "Claimed"])
      const [well] = yield* sql`SELECT active, "disabledAt", "failingSince" FROM webhooks WHERE id = ${ids.webhookId}`
      assert.deepStrictEqual({ ...well }, { active: true, disabledAt: null, failingSince: null })
    }))

  it.effect("that are over can be sent again: chosen, counted first, one after the other", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const deliveries = yield* WebhookDeliveries
      const hook = yield* newWebhook()
      const make = (status: string, event = "invoice.processed") => newDelivery(hook, { status, event })
      const [one, two, , , other] = [yield* make("failed"), yield* make("failed"), yield* make("delivered"), yield* make("pending"), yield* make("failed", "entry.approved")]
      const filter = { tenantId: TenantId.make(hook.tenantId), webhookId: null, deliveryIds: null, statuses: ["failed"], event: "invoice.processed", since: null, until: null }
      const options = { pace: { perSecond: 4, startAfter: Duration.seconds(1) }, limit: 100, dryRun: false }
      assert.strictEqual(yield* deliveries.replay(filter, { ...options, dryRun: true }), 2)
      assert.strictEqual(yield* deliveries.replay({ ...filter, tenantId: TenantId.make("stranger") }, options), 0)
      assert.strictEqual(yield* deliveries.replay(filter, options), 2)
      assert.strictEqual(yield* deliveries.replay(filter, options), 0)
      const jobs = yield* sql<{ readonly data: string; readonly delay: number }>`SELECT data, "delayMs"::int AS delay FROM tt_worker.outbox WHERE "tenantId" = ${hook.tenantId} ORDER BY id`
      assert.deepStrictEqual(jobs.map(({ delay }) => delay), [1000, 1250])
      assert.deepStrictEqual(jobs.map(({ data }) => JSON.parse(data).webhookDeliveryId), [one, two].map(({ webhookDeliveryId }) => webhookDeliveryId))
      assert.deepInclude(yield* deliveryRow(one.webhookDeliveryId), { status: "pending", replaying: true, replays: 1, attemptNumber: 0 })
      assert.strictEqual(tagOf(yield* claim(one)), "early")
      const day = DateTime.fromDateUnsafe(new Date())
      const inRange = (since: DateTime.Utc, until: DateTime.Utc) => deliveries.replay({ ...filter, statuses: null, event: null, since, until }, { ...options, dryRun: true })
      assert.strictEqual(yield* inRange(DateTime.subtract(day, { hours: 1 }), DateTime.add(day, { hours: 1 })), 2)
      assert.strictEqual(yield* inRange(DateTime.subtract(day, { hours: 2 }), DateTime.subtract(day, { hours: 1 })), 0)
      assert.strictEqual(yield* deliveries.replay({ ...filter, statuses: null, event: null, deliveryIds: [WebhookDeliveryId.make(other.webhookDeliveryId)] }, options), 1)
    }))

  it.effect("are forgotten with their attempts when they have been over for long enough; the API's own rows are not", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { all } = yield* Effect.provide(RetentionStores, PostgresRetention)
      const store = all.find(({ name }) => name === "webhook-deliveries") ?? assert.fail("no such store")
      const hook = yield* newWebhook()
      const [old, young, theirs] = [yield* newDelivery(hook), yield* newDelivery(hook), yield* newDelivery(hook, { status: "delivered" })]
      for (const job of [old, young]) yield* record(yield* claimed(job), attempt())
      yield* sql`UPDATE webhook_deliveries SET "finishedAt" = now() - interval '91 days', "createdAt" = now() - interval '91 days' WHERE id IN (${old.webhookDeliveryId}, ${theirs.webhookDeliveryId})`
      assert.strictEqual(yield* store.forget({ olderThan: Duration.days(90), limit: 10 }), 1)
      assert.isEmpty(yield* attemptsOf(old.webhookDeliveryId))
      assert.lengthOf(yield* attemptsOf(young.webhookDeliveryId), 1)
      assert.deepInclude(yield* deliveryRow(theirs.webhookDeliveryId), { status: "delivered" })
    }))
})
