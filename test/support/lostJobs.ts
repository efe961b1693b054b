import { Context, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { BullmqProducer } from "../../layers/bullmq/BullmqProducer.ts"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { defaultMost, reconcileSource, type ReconcileOptions } from "../../src/reconciliation/reconcile.ts"
import { JobProducer } from "../../src/services/JobProducer.ts"
import { Reconciliation } from "../../src/services/Reconciliation.ts"
import { QueueServer } from "../layers/bullmq/QueueServer.ts"

/**
 * Lets time go by for the database: every time that it has written so far is moved into the past. What a job or a
 * person had done "a moment ago" was then done that long ago.
 */
export const pass = Effect.fn("test.pass")(function*(interval: string) {
  const sql = yield* SqlClient.SqlClient
  const by = sql.literal(`interval '${interval}'`)
  yield* sql`UPDATE invoices SET "createdAt" = "createdAt" - ${by}, "updatedAt" = "updatedAt" - ${by}`
  yield* sql`UPDATE webhook_deliveries SET "createdAt" = "createdAt" - ${by}, "updatedAt" = "updatedAt" - ${by}`
  yield* sql`UPDATE tt_worker.invoice_claims SET "leaseUntil" = "leaseUntil" - ${by}, "nextAttemptAt" = "nextAttemptAt" - ${by},
    "createdAt" = "createdAt" - ${by}, "updatedAt" = "updatedAt" - ${by}, "reconciledAt" = "reconciledAt" - ${by},
    "reconcileCheckedAt" = "reconcileCheckedAt" - ${by}, "skippedAt" = "skippedAt" - ${by}`
  yield* sql`UPDATE tt_worker.delivery_reconciliation SET "reconciledAt" = "reconciledAt" - ${by}, "reconcileCheckedAt" = "reconcileCheckedAt" - ${by}`
  yield* sql`UPDATE tt_worker.occurrences SET "enqueuedAt" = "enqueuedAt" - ${by}, "checkedAt" = "checkedAt" - ${by}, "leaseUntil" = "leaseUntil" - ${by}`
  yield* sql`UPDATE tt_worker.settings SET "updatedAt" = "updatedAt" - ${by}`
  yield* sql`UPDATE tt_worker.settings SET value = (value::timestamptz - ${by})::text WHERE key = 'moved_in_at'`
})

/** A tenant, with invoices switched on or not. */
export const newTenant = Effect.fn("test.newTenant")(function*(id: string, invoices = true) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO tenants (id, features) VALUES (${id}, ${JSON.stringify({ invoices })}::text::jsonb)
    ON CONFLICT (id) DO UPDATE SET features = excluded.features`
})

/** Uploaded just now, so many: `tenant-1`, `tenant-2` … */
export const upload = Effect.fn("test.upload")(function*(tenantId: string, count = 1, status = "nouveau") {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly id: string }>`INSERT INTO invoices (id, "tenantId", "fileKey", status)
    SELECT ${tenantId}::text || '-' || n, ${tenantId}, 'files/' || n, ${status} FROM generate_series(1, ${count}::int) n RETURNING id`
  return rows.map(({ id }) => id)
})

/** The worker's producer and an API's queues on a new place of this server. */
export const makeQueues = Effect.gen(function*() {
  const server = yield* QueueServer
  const place = yield* server.newPlace
  const invoices = yield* place.openQueue(QUEUE_NAMES.INVOICE_PROCESSING)
  const deliveries = yield* place.openQueue(QUEUE_NAMES.WEBHOOK_DELIVERY)
  const producer = Context.get(yield* Layer.build(Layer.fresh(Layer.provide(BullmqProducer, place.backend))), JobProducer)
  const go = (source: string, options: Partial<ReconcileOptions> = {}) =>
    Effect.gen(function*() {
      const found = (yield* Reconciliation).sources.find(({ name }) => name === source)
      if (found === undefined) return yield* Effect.die(`no source ${source}`)
      return yield* reconcileSource(found, { since: null, dryRun: false, most: defaultMost, ...options })
    }).pipe(Effect.provideService(JobProducer, producer))
  const waiting = Effect.promise(async () => (await invoices.getJobs(["wait", "prioritized", "delayed"], 0, -1, true)).map((job) => ({ id: job.id ?? "", data: job.data })))
  return { server, place, invoices, deliveries, producer, go, waiting }
})

export const totalOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)
