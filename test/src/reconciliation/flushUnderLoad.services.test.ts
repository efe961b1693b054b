import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { InvoiceProcessing } from "../../../programs/invoice-processing/InvoiceProcessing.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { runAttempt } from "../../../src/supervisor/attempt.ts"
import { onRedis } from "../../layers/bullmq/QueueServer.ts"
import { consumeFrom } from "../../layers/bullmq/workbench.ts"
import { jpegBytes, outsideWorld } from "../../support/invoiceServices.ts"
import { makeQueues, newTenant, pass, upload } from "../../support/lostJobs.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { until } from "../../support/until.ts"

layer(Layer.mergeAll(OwnPostgres.layer, onRedis, Logger.layer([])), { excludeTestServices: true })("FLUSHALL while invoices are being read", (it) => {
  it.effect("loses none: every one is processed in the end, and read no more often than it was interrupted", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { go, invoices, place } = yield* makeQueues
      const tenants = ["a", "b", "c"]
      let reads = 0
      const world = outsideWorld({
        download: () =>
          Effect.sleep("30 millis").pipe(Effect.andThen(Effect.sync(() => {
            reads++
            return jpegBytes
          })))
      })
      yield* Effect.forEach(tenants, (tenant) => newTenant(tenant))
      yield* consumeFrom(place.backend, QUEUE_NAMES.INVOICE_PROCESSING, runAttempt(InvoiceProcessing), 8).pipe(Effect.provide(world))

      const processed = Effect.map(sql<{ readonly count: number }>`SELECT count(*)::int AS count FROM invoices WHERE status = 'processed'`, ([row]) => row?.count ?? 0)
      for (const tenant of tenants) {
        const ids = yield* upload(tenant, 100)
        yield* Effect.promise(() => invoices.addBulk(ids.map((invoiceId) => ({ name: "process", data: { invoiceId, tenantId: tenant } }))))
      }
      for (let flush = 0; flush < 3; flush++) {
        const before = yield* processed
        yield* until(processed, (count) => count >= before + 40)
        yield* place.flush
        yield* pass("1 minute")
        yield* go("invoices")
      }
      for (let minute = 0; minute < 10 && (yield* processed) < 300; minute++) {
        yield* Effect.ignore(until(processed, (count) => count === 300, 6_000).pipe(Effect.catchDefect(() => Effect.void)))
        yield* pass("1 minute")
        yield* go("invoices")
      }
      assert.strictEqual(yield* processed, 300)
      assert.isAtMost(reads, 300 + 3 * 8)
      const [claims] = yield* sql`SELECT count(*)::int AS rows, count(*) FILTER (WHERE "processedGeneration" = 1)::int AS once FROM tt_worker.invoice_claims`
      assert.deepStrictEqual({ ...claims }, { rows: 300, once: 300 })
    }).pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped), 120_000)
})
