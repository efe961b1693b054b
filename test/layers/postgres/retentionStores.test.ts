import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresRetention } from "../../../layers/postgres/retentionStores.ts"
import { retentionPeriods, type StoreName } from "../../../src/domain/retentionPeriods.ts"
import { RetentionStores } from "../../../src/services/RetentionStores.ts"
import { newInvoice, ownTables } from "../../support/invoiceTables.ts"

const tables = Layer.provideMerge(PostgresRetention, ownTables)

const forget = (name: StoreName, olderThan: Duration.Input, limit = 100) =>
  Effect.gen(function*() {
    const { all } = yield* RetentionStores
    const store = all.find((one) => one.name === name)
    if (store === undefined) return yield* Effect.die(`no store ${name}`)
    return yield* store.forget({ olderThan: Duration.fromInputUnsafe(olderThan), limit })
  })

const idsIn = (table: string, column: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: string }>`SELECT ${sql.literal(column)} AS id FROM ${sql.literal(table)} ORDER BY 1`
    return rows.map(({ id }) => id)
  })

layer(tables, { excludeTestServices: true })("what the worker has written down", (it) => {
  it.effect("is tidied up in every store that has a period, and nothing is deleted where there is nothing old", () =>
    Effect.gen(function*() {
      const { all } = yield* RetentionStores
      assert.sameMembers(all.map(({ name }) => name), Object.keys(retentionPeriods))
      for (const { forget, name } of all) assert.strictEqual(yield* forget({ olderThan: Duration.days(1), limit: 10 }), 0, name)
    }))

  it.effect("of processes goes when they have ended or died, and that of a living one stays", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`TRUNCATE tt_worker.processes`
      yield* sql`INSERT INTO tt_worker.processes (id, name, version, "startedAt", "heartbeatAt", "endedAt") VALUES
        ('ended', 'p', '1', now() - interval '3 days', now() - interval '2 days', now() - interval '25 hours'),
        ('dead', 'p', '1', now() - interval '3 days', now() - interval '25 hours', NULL),
        ('alive', 'p', '1', now() - interval '3 days', now(), NULL),
        ('yesterday', 'p', '1', now() - interval '3 days', now() - interval '23 hours', NULL)`
      assert.strictEqual(yield* forget("processes", "1 day"), 2)
      assert.deepStrictEqual(yield* idsIn("tt_worker.processes", "id"), ["alive", "yesterday"])
    }))

  it.effect("of jobs that killed a process goes after a while, but not that of a job at work", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`TRUNCATE tt_worker.processes, tt_worker.job_claims`
      yield* sql`INSERT INTO tt_worker.processes (id, name, version, "endedAt") VALUES ('alive', 'p', '1', NULL), ('ended', 'p', '1', now())`
      yield* sql`INSERT INTO tt_worker.job_claims (queue, "jobId", "tenantId", "processId", "startedAt") VALUES
        ('q', 'long at work', 't', 'alive', now() - interval '8 days'),
        ('q', 'left over', 't', 'gone', now() - interval '8 days'),
        ('q', 'left over by one that ended', 't', 'ended', now() - interval '8 days'),
        ('q', 'put back', 't', NULL, now() - interval '8 days'),
        ('q', 'recent', 't', NULL, now() - interval '6 days')`
      assert.strictEqual(yield* forget("job-histories", "7 days"), 3)
      assert.deepStrictEqual(yield* idsIn("tt_worker.job_claims", `"jobId"`), ["long at work", "recent"])
    }))

  it.effect("of due runs goes when they have ended, batch by batch, and open ones stay", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO tt_worker.occurrences ("scheduleId", "occursAt", kind, key, state, "madeBy", "finishedAt")
        SELECT gen_random_uuid(), now() - interval '20 days', 'k', 'old ' || n, 'done', 'me', now() - interval '15 days' FROM generate_series(1, 5) n`
      yield* sql`INSERT INTO tt_worker.occurrences ("scheduleId", "occursAt", kind, key, state, "madeBy", "finishedAt") VALUES
        (gen_random_uuid(), now() - interval '20 days', 'k', 'open', 'enqueued', 'me', NULL),
        (gen_random_uuid(), now() - interval '20 days', 'k', 'late', 'done', 'me', now() - interval '13 days')`
      assert.strictEqual(yield* forget("runs", "14 days", 3), 3)
      assert.strictEqual(yield* forget("runs", "14 days", 3), 2)
      assert.strictEqual(yield* forget("runs", "14 days", 3), 0)
      assert.deepStrictEqual(yield* idsIn("tt_worker.occurrences", "key"), ["late", "open"])
    }))

  it.effect("of refused jobs and operators' commands goes when it is old, and jobs that wait for the queue stay", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO tt_worker.outbox (queue, "jobId", data, "createdAt", "setAsideAt") VALUES
        ('q', 'refused', '{}', now() - interval '91 days', now() - interval '91 days'),
        ('q', 'refused lately', '{}', now() - interval '91 days', now() - interval '1 day'),
        ('q', 'waiting', '{}', now() - interval '91 days', NULL)`
      assert.strictEqual(yield* forget("refused-jobs", "90 days"), 1)
      assert.deepStrictEqual(yield* idsIn("tt_worker.outbox", `"jobId"`), ["refused lately", "waiting"])
      yield* sql`INSERT INTO tt_worker.control_log (at, "by", action) VALUES (now() - interval '2 years', 'ann', 'Pause'), (now(), 'bob', 'Pause')`
      assert.strictEqual(yield* forget("operators-commands", "365 days"), 1)
      assert.deepStrictEqual(yield* idsIn("tt_worker.control_log", `"by"`), ["bob"])
    }))

  it.effect("of an invoice stays for as long as the invoice, also when another tenant's has the same id", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { invoiceId, tenantId } = yield* newInvoice()
      yield* sql`INSERT INTO tt_worker.invoice_claims ("tenantId", "invoiceId", "updatedAt") VALUES
        (${tenantId}, ${invoiceId}, now() - interval '1 year'),
        ('another', ${invoiceId}, now() - interval '1 year'),
        ('another', 'deleted lately', now() - interval '1 day')`
      assert.strictEqual(yield* forget("claims-of-deleted-invoices", "30 days"), 1)
      assert.deepStrictEqual(yield* idsIn("tt_worker.invoice_claims", `"tenantId" || ' ' || "invoiceId"`), ["another deleted lately", `${tenantId} ${invoiceId}`])
    }))
})
