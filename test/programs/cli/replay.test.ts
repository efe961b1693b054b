import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { DatabaseAddress, ownOutboxTables } from "../../support/outboxTables.ts"
import { tempDir } from "../../support/tempDir.ts"
import { deliveryRow, newDelivery, newWebhook } from "../../support/webhookTables.ts"
import { runWorker } from "../../support/worker.ts"

const replay = (...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    return yield* runWorker(yield* tempDir, ["replay", ...args], { DATABASE_URL: Redacted.value(yield* DatabaseAddress) })
  })

layer(ownOutboxTables, { excludeTestServices: true })("replay", (it) => {
  it.effect("counts first, sends the failed again or those that are named, and says when nothing fits", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* JobOutbox.use(({ announceBackend }) => announceBackend("postgres"))
      const hook = yield* newWebhook()
      const [one, two, delivered] = [yield* newDelivery(hook, { status: "failed" }), yield* newDelivery(hook, { status: "failed" }), yield* newDelivery(hook, { status: "delivered" })]
      const tenant = ["--tenant", hook.tenantId]
      assert.include((yield* replay(...tenant, "--dry-run")).stdout, "2 deliveries would be sent again")
      assert.deepInclude(yield* deliveryRow(one.webhookDeliveryId), { status: "failed" })
      assert.include((yield* replay(...tenant, "--per-second", "1")).stdout, "2 deliveries sent again, within 2s")
      const jobs = yield* sql<{ readonly id: string; readonly delay: number }>`SELECT data->>'webhookDeliveryId' AS id, coalesce((opts->>'delay')::int, 0) AS delay FROM bullmq.job ORDER BY delay, seq`
      assert.deepStrictEqual(jobs.map((job) => ({ ...job })), [{ id: one.webhookDeliveryId, delay: 0 }, { id: two.webhookDeliveryId, delay: 1000 }])
      assert.deepInclude(yield* deliveryRow(one.webhookDeliveryId), { status: "pending", replaying: true })
      assert.include((yield* replay(delivered.webhookDeliveryId, ...tenant)).stdout, "1 delivery sent again")
      const stranger = yield* replay(delivered.webhookDeliveryId, "--tenant", "stranger")
      assert.strictEqual(stranger.status, 1)
      assert.include(stranger.stderr, "nothing was sent again")
    }))
})
