import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Metric } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as SqlClient from "effect/sql/SqlClient"
import { Webhook } from "standardwebhooks"
import { attemptsOf, deliveryRow, emitted, newDelivery, newWebhook, ownWebhookTables } from "../../support/webhookTables.ts"
import { receiver, senderWith, trap } from "../../support/receiver.ts"
import { until } from "../../support/until.ts"
import { deliver, programServices } from "../../support/webhookProgram.ts"

const everything = Layer.mergeAll(ownWebhookTables, senderWith({ deadline: Duration.seconds(2) }), programServices(3))

layer(everything, { excludeTestServices: true })("a webhook delivery", (it) => {
  it.effect("goes out signed with the row's secret, though its job knows none, and is on record", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver()
      const hook = yield* newWebhook({ url: `${url}/services/very-secret-path`, secret: "whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0" })
      const job = yield* newDelivery(hook, { body: "{\"text\":\"\u00e9\\u0000\\ud83d\\ude00\",\"b\":1,\"a\":2}" })
      const verdict = yield* deliver(job, { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })
      assert.deepInclude(verdict, { _tag: "Complete", summary: { status: "delivered", responseStatus: 200, attempt: 1 } })
      const { body, headers, path } = received[0] ?? assert.fail("nothing received")
      assert.strictEqual(path, "/services/very-secret-path")
      new Webhook("whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0").verify(body, { ...headers } as Record<string, string>)
      assert.match(String(headers["traceparent"]), /^00-0af7651916cd43dd8448eb211c80319c-/)
      const row = yield* deliveryRow(job.webhookDeliveryId)
      assert.deepInclude(row, { status: "delivered", responseStatus: 200, traceId: "0af7651916cd43dd8448eb211c80319c" })
      for (const kept of [row, (yield* attemptsOf(job.webhookDeliveryId))[0]]) {
        for (const secret of ["very-secret-path", "bmV3LXNlY3JldC1uZXctc2VjcmV0", "sha256="]) assert.notInclude(JSON.stringify(kept), secret)
      }
      assert.deepInclude(yield* deliver(job), { _tag: "Complete" })
      assert.lengthOf(received, 1, "a second job for it sends nothing")
    }))

  it.effect("is counted by how it ended and who answered", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver((_request, response) => void response.writeHead(received.length === 1 ? 503 : 204).end())
      const job = yield* newDelivery(yield* newWebhook({ url, retrySchedule: [0, 0] }))
      const counts = Effect.gen(function*() {
        yield* deliver(job)
        yield* deliver(job)
        return yield* PrometheusMetrics.format()
      })
      const text = yield* Effect.provideService(counts, Metric.MetricRegistry, new Map())
      assert.include(text, 'tt_deliveries_total{outcome="failed",class="5xx"} 1')
      assert.notInclude(text, "127.0.0.1")
    }))

  it.effect("is not sent when its row is gone, its webhook deleted, switched off or leads inside", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { received, url } = yield* receiver()
      const hook = yield* newWebhook({ url })
      const [gone, orphan] = [yield* newDelivery(hook), yield* newDelivery(hook)]
      yield* sql`DELETE FROM webhook_deliveries WHERE id = ${gone.webhookDeliveryId}`
      yield* sql`DELETE FROM webhooks WHERE id = ${hook.webhookId}`
      for (const job of [{ ...gone, url }, { ...orphan, url, secret: "s" }]) {
        const verdict = yield* deliver(job)
        assert.strictEqual(verdict._tag, "Complete")
        if (verdict._tag === "Complete") assert.match(String(verdict.summary["reason"]), /^cancelled/)
      }
      const inside = yield* newDelivery(yield* newWebhook({ url: "http://10.0.0.1/" }))
      assert.strictEqual((yield* deliver(inside))._tag, "Fail")
      assert.deepInclude(yield* deliveryRow(inside.webhookDeliveryId), { status: "failed", errorClass: "url-refused" })
      assert.isEmpty(received)
    }))

  it.effect("that fails comes again by the webhook's schedule, the same bytes under the same id", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver((_request, response) => void response.writeHead(received.length === 1 ? 500 : 200).end("x"))
      const job = yield* newDelivery(yield* newWebhook({ url, secret: "s", retrySchedule: [0, 0] }))
      const first = yield* deliver(job, { number: 9, maxAttempts: 1 })
      assert.strictEqual(first._tag, "Postpone")
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "pending", errorClass: "http-500", responseStatus: 500, responseExcerpt: "x" })
      assert.strictEqual((yield* deliver(job))._tag, "Complete")
      const [one, two] = received
      assert.strictEqual(one?.body, two?.body)
      assert.strictEqual(one?.headers["webhook-id"], two?.headers["webhook-id"])
      assert.deepStrictEqual((yield* attemptsOf(job.webhookDeliveryId)).map(({ outcome }) => outcome), ["failed", "delivered"])
    }))

  it.effect("that is broken off in the middle ends as unknown, and is tried again", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* trap()
      const job = yield* newDelivery(yield* newWebhook({ url: `http://127.0.0.1:${port}/`, retrySchedule: [0] }))
      const fiber = yield* Effect.forkChild(deliver(job))
      yield* until(Effect.sync(() => seen.bytes), (bytes) => bytes > 0)
      yield* Fiber.interrupt(fiber)
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "unknown", attemptNumber: 1 })
      assert.deepInclude((yield* attemptsOf(job.webhookDeliveryId))[0], { outcome: "unknown" })
      const verdict = yield* deliver(job)
      assert.strictEqual(verdict._tag, "Fail")
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "failed", errorClass: "timeout", attemptNumber: 2 })
    }))

  it.effect("of an endpoint that hangs takes its own places only; what is over is put off before anything is read", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* trap()
      const hook = yield* newWebhook({ url: `http://127.0.0.1:${port}/` })
      const jobs = yield* Effect.forEach([1, 2, 3, 4, 5], () => newDelivery(hook))
      const fibers = yield* Effect.forEach(jobs.slice(0, 3), (job) => Effect.forkChild(deliver(job)))
      yield* until(Effect.sync(() => seen.connections), (connections) => connections === 3)
      for (const job of jobs.slice(3)) {
        const verdict = yield* deliver(job)
        assert.strictEqual(verdict._tag, "Postpone")
        assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "pending", attemptNumber: 0 })
      }
      const { url } = yield* receiver()
      assert.strictEqual((yield* deliver(yield* newDelivery(yield* newWebhook({ url }))))._tag, "Complete")
      yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(seen.connections, 3)
    }))

  it.effect("answered with 410 switches the webhook off at once; others of it are cancelled", () =>
    Effect.gen(function*() {
      const { received, url } = yield* receiver((_request, response) => void response.writeHead(410).end())
      const hook = yield* newWebhook({ url })
      const [one, other] = [yield* newDelivery(hook), yield* newDelivery(hook)]
      assert.strictEqual((yield* deliver(one))._tag, "Fail")
      assert.strictEqual((yield* deliver(other))._tag, "Complete")
      assert.deepInclude(yield* deliveryRow(other.webhookDeliveryId), { status: "cancelled", errorClass: "webhook-inactive" })
      assert.lengthOf(received, 1)
      assert.strictEqual(emitted.find(({ tenantId }) => tenantId === hook.tenantId)?.event, "webhook.disabled")
    }))

  it.effect("with a key waits for the one before it, and is woken when that one is over", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { received, url } = yield* receiver((_request, response) => void response.writeHead(400).end())
      const hook = yield* newWebhook({ url, ordering: "key" })
      const [one, two] = [yield* newDelivery(hook, { orderingKey: "k" }), yield* newDelivery(hook, { orderingKey: "k" })]
      assert.strictEqual((yield* deliver(two))._tag, "Complete")
      assert.isEmpty(received)
      assert.strictEqual((yield* deliver(one))._tag, "Fail")
      const [woken] = yield* sql<{ readonly id: string }>`SELECT data::json->>'webhookDeliveryId' AS id FROM tt_worker.outbox WHERE "tenantId" = ${hook.tenantId}`
      assert.strictEqual(woken?.id, two.webhookDeliveryId)
      yield* deliver(two)
      assert.deepStrictEqual(received.map(({ headers }) => headers["x-webhook-delivery"]), [one.webhookDeliveryId, two.webhookDeliveryId])
    }))

  it.effect("keeps to the webhook's own limits, put off without an attempt", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { received, url } = yield* receiver()
      const hook = yield* newWebhook({ url })
      yield* sql`UPDATE webhooks SET "maxPerMinute" = 2, "maxConcurrency" = 5 WHERE id = ${hook.webhookId}`
      const verdicts = yield* Effect.forEach([1, 2, 3], () => Effect.flatMap(newDelivery(hook), (job) => Effect.map(deliver(job), (verdict) => ({ job, verdict }))))
      assert.deepStrictEqual(verdicts.map(({ verdict }) => verdict._tag), ["Complete", "Complete", "Postpone"])
      assert.deepInclude(yield* deliveryRow(verdicts[2]?.job.webhookDeliveryId ?? ""), { status: "pending", attemptNumber: 0 })
      assert.lengthOf(received, 2)
    }))

  it.effect("that kills its process again and again is closed", () =>
    Effect.gen(function*() {
      const job = yield* newDelivery(yield* newWebhook())
      assert.strictEqual((yield* deliver(job, { condemned: "it has ended its process twice" }))._tag, "Fail")
      assert.deepInclude(yield* deliveryRow(job.webhookDeliveryId), { status: "failed" })
    }))
})
