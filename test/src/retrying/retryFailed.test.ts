import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresQueueControls } from "../../../layers/postgres/PostgresQueueControls.ts"
import { retryFailed } from "../../../src/retrying/retryFailed.ts"
import { JobInspector } from "../../../src/services/JobInspector.ts"
import { QueueControls } from "../../../src/services/QueueControls.ts"
import { WebhookDeliveries } from "../../../src/services/WebhookDeliveries.ts"

import { deliveryRow, newDelivery, newWebhook, ownWebhookTables } from "../../support/webhookTables.ts"

/** A failed list with one job of these data. */
const failedJob = (data: unknown) =>
  Layer.mock(JobInspector, { retry: (_queue, _id, prepare) => Effect.as(prepare({ id: "job-1", data }), { _tag: "Retried", jobs: 1 }) })

layer(Layer.provideMerge(PostgresQueueControls, ownWebhookTables), { excludeTestServices: true })("a failed delivery whose job is tried again", (it) => {
  it.effect("is open again with all its attempts, as a replay, and is carried out; on record with who", () =>
    Effect.gen(function*() {
      const deliveries = yield* WebhookDeliveries
      const hook = yield* newWebhook()
      const data = yield* newDelivery(hook, { status: "failed" })
      const other = yield* newDelivery(hook, { status: "delivered" })
      yield* retryFailed("webhook-delivery", "job-1", "marie").pipe(Effect.provide(failedJob(data)))
      assert.deepInclude(yield* deliveryRow(data.webhookDeliveryId), { status: "pending", replaying: true, replays: 1, attemptNumber: 0, jobId: "job-1", finishedAt: null })
      const claimed = yield* deliveries.claim({ data, jobId: "job-1", lease: Duration.seconds(40) })
      assert.strictEqual(claimed._tag, "Claimed")

      // What has arrived is not sent again by way of its job.
      yield* retryFailed("webhook-delivery", "job-1", "marie").pipe(Effect.provide(failedJob(other)))
      assert.deepInclude(yield* deliveryRow(other.webhookDeliveryId), { status: "delivered", replays: 0 })
      const [record] = yield* QueueControls.use(({ history }) => history(1))
      assert.deepInclude(record, { by: "marie", action: "RetryJob", queue: "webhook-delivery", value: "job-1" })
    }))

  it.effect("is none of another tenant's, and a job whose data are nonsense opens nothing", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const data = yield* newDelivery(yield* newWebhook(), { status: "failed" })
      yield* retryFailed("webhook-delivery", "job-1", "marie").pipe(Effect.provide(failedJob({ ...data, tenantId: "stranger" })))
      yield* retryFailed("webhook-delivery", "job-1", "marie").pipe(Effect.provide(failedJob("nonsense")))
      const rows = yield* sql`SELECT 1 FROM webhook_deliveries WHERE id = ${data.webhookDeliveryId} AND status = 'failed'`
      assert.lengthOf(rows, 1)
    }))
})
