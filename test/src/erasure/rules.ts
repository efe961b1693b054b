import { assert, layer } from "@effect/vitest"
import type { Queue } from "bullmq"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { mkdir, readdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { BullmqTenantJobs } from "../../../layers/bullmq/BullmqTenantJobs.ts"
import type { QueueBackend } from "../../../layers/bullmq/QueueBackend.ts"
import { ownTenantTables } from "../../../layers/postgres/tenantTables.ts"
import { PostgresTenantRows } from "../../../layers/postgres/PostgresTenantRows.ts"
import * as FileErasure from "../../../layers/storage/FileErasure.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { eraseTenant, inventoryOf } from "../../../src/erasure/eraseTenant.ts"
import { SchemaOwner } from "../../../src/services/SchemaOwner.ts"
import { FileErasure as Files, TenantErasureError } from "../../../src/services/TenantErasure.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { tempDir } from "../../support/tempDir.ts"

/** Where the queues are, and a look at everything that their server keeps. */
export class ErasureQueues extends Context.Service<ErasureQueues, {
  readonly open: (name: string) => Effect.Effect<Pick<Queue, "add" | "upsertJobScheduler">, never, Scope.Scope>
  /** Names of what names the text anywhere, without a further digit. */
  readonly search: (text: string) => Effect.Effect<ReadonlyArray<string>>
}>()("test/ErasureQueues") {}

class Folder extends Context.Service<Folder, string>()("test/Folder") {}

const schemaOwner = Layer.effect(SchemaOwner, Effect.map(SqlClient.SqlClient, (sql) =>
  SchemaOwner.of({ url: Redacted.make("not used"), run: (effect) => Effect.provideService(effect, SqlClient.SqlClient, sql) })))

/** Tables of the worker's and BullMQ's schemas that name the text in any row. */
const rowsNaming = Effect.fn(function*(text: string) {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ readonly name: string }>`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname IN ('tt_worker', 'bullmq') OR (schemaname = 'public' AND tablename IN ('invoices', 'webhooks', 'webhook_deliveries')) ORDER BY 1`
  const found: Array<string> = []
  for (const { name } of tables) {
    const [row] = yield* sql<{ readonly rows: number }>`SELECT count(*)::int AS rows FROM ${sql.literal(name)} t WHERE t::text ~ ${`${text}([^0-9]|$)`}`
    if ((row?.rows ?? 0) > 0) found.push(`${name} ${row?.rows}`)
  }
  return found
})

/** A row in each of the worker's own tables that none of the others here fills. */
const fillRecords = Effect.fn(function*(tenant: string) {
  const sql = yield* SqlClient.SqlClient
  const invoice = `${tenant}-i1`
  yield* sql`INSERT INTO tt_worker.received_files ("tenantId", "fileKey", sha256, bytes) VALUES (${tenant}, ${`${tenant}/2026/11/deleted`}, 'x', 5)`
  yield* sql`INSERT INTO tt_worker.webhook_attempts ("tenantId", "deliveryId", "claimEpoch", "webhookId", "attemptNumber", "startedAt", outcome) VALUES (${tenant}, 'd', 1, 'w', 1, now(), 'failed')`
  yield* sql`INSERT INTO tt_worker.webhook_health ("tenantId", "webhookId") VALUES (${tenant}, 'w')`
  yield* sql`INSERT INTO tt_worker.mail_tenants ("tenantId", fingerprint) VALUES (${tenant}, 'x')`
  yield* sql`INSERT INTO tt_worker.mailboxes ("tenantId", "mailboxId", email, host, enabled, credentials) VALUES (${tenant}, 'm', 'a@b', 'h', true, 'x')`
  yield* sql`INSERT INTO tt_worker.mail_folders ("tenantId", "mailboxId", folder, "uidValidity", cursor, "firstUidNext", since) VALUES (${tenant}, 'm', 'INBOX', 1, 1, 1, now())`
  yield* sql`INSERT INTO tt_worker.mail_messages ("tenantId", "mailboxId", folder, "uidValidity", uid, state) VALUES (${tenant}, 'm', 'INBOX', 1, 1, 'imported')`
  yield* sql`INSERT INTO tt_worker.mail_marks ("tenantId", "mailboxId", folder, "uidValidity", uid) VALUES (${tenant}, 'm', 'INBOX', 1, 1)`
  yield* sql`INSERT INTO tt_worker.mail_attachments ("tenantId", "mailboxId", folder, "uidValidity", uid, n, name, outcome) VALUES (${tenant}, 'm', 'INBOX', 1, 1, 1, 'f.pdf', 'imported')`
  yield* sql`INSERT INTO tt_worker.mail_imports ("tenantId", sha256, "invoiceId", "mailboxId", "fileKey", size) VALUES (${tenant}, 'x', ${invoice}, 'm', ${`${tenant}/2026/11/1`}, 5)`
  yield* sql`INSERT INTO tt_worker.mail_requests ("tenantId", kind, settings) VALUES (${tenant}, 'dry-run', '{"password": "x"}')`
  yield* sql`INSERT INTO tt_worker.automation_users ("tenantUserId", "tenantId", hash) VALUES (${`${tenant}-u`}, ${tenant}, 'x')`
  yield* sql`INSERT INTO tt_worker.automation_changes ("tenantUserId", "tenantId") VALUES (${`${tenant}-u`}, ${tenant})`
  yield* sql`INSERT INTO tt_worker.automations ("tenantUserId", "tenantId", "automationId", name, state) VALUES (${`${tenant}-u`}, ${tenant}, 'a', 'A', 'active')`
  yield* sql`INSERT INTO tt_worker.automation_runs ("tenantUserId", "tenantId", "automationId", occurrence, outcome, "jobId") VALUES (${`${tenant}-u`}, ${tenant}, 'a', '2026-11-01', 'done', 'j')`
  yield* sql`INSERT INTO tt_worker.automation_effects ("tenantUserId", "tenantId", "automationId", occurrence, "entryId", effect, print) VALUES (${`${tenant}-u`}, ${tenant}, 'a', '2026-11-01', 'e', 'created', 'x')`
  yield* sql`INSERT INTO tt_worker.kept_answers ("tenantId", sha256, step, engine, input, answer) VALUES (${tenant}, 'x', 'extraction', 'e', 'pdf', '{"supplierName": "Martin"}')`
  yield* sql`INSERT INTO tt_worker.invoice_readers ("tenantId", "invoiceId", step, sha256, provider, reused) VALUES (${tenant}, ${invoice}, 'extraction', 'x', 'rules', false)`
  yield* sql`INSERT INTO tt_worker.provider_calls ("tenantId", "invoiceId", month, step, provider, model, region, state, "reservedMicros") VALUES (${tenant}, ${invoice}, '2026-11-01', 'extraction', 'openai', 'm', 'eu', 'answered', 1)`
  yield* sql`INSERT INTO tt_worker.usage_months ("tenantId", month, provider, model, region) VALUES (${tenant}, '2026-11-01', 'openai', 'm', 'eu')`
  yield* sql`INSERT INTO tt_worker.tenant_pauses ("tenantId", queue) VALUES (${tenant}, 'automation')`
  yield* sql`INSERT INTO tt_worker.circuits (key, state, generation, "forgetAt") VALUES (${`provider-of:${tenant}:openai`}, 'Open', 1, now() + interval '1 hour')`
})

/** Everything that a tenant may leave behind, with jobs in every state that a test can bring about. */
const fill = Effect.fn(function*(tenant: string) {
  const sql = yield* SqlClient.SqlClient
  const folder = yield* Folder
  const { open } = yield* ErasureQueues
  yield* sql`INSERT INTO tenants (id, features) VALUES (${tenant}, '{"invoices": true}')`
  for (const number of [1, 2, 3]) {
    const fileKey = `${tenant}/2026/11/${number}`
    const place = join(folder, fileKey)
    yield* Effect.promise(() => mkdir(dirname(place), { recursive: true }).then(() => writeFile(place, "%PDF-")))
    yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES (${`${tenant}-i${number}`}, ${tenant}, ${fileKey})`
    yield* sql`INSERT INTO tt_worker.invoice_claims ("tenantId", "invoiceId") VALUES (${tenant}, ${`${tenant}-i${number}`})`
  }
  yield* sql`INSERT INTO webhooks (id, "tenantId", url) VALUES (${`${tenant}-w`}, ${tenant}, 'https://example.com')`
  yield* sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event) VALUES (${`${tenant}-d`}, ${`${tenant}-w`}, ${tenant}, 'invoice.processed')`
  yield* sql`INSERT INTO tt_worker.delivery_reconciliation ("tenantId", "deliveryId") VALUES (${tenant}, ${`${tenant}-d`})`
  yield* sql`INSERT INTO tt_worker.job_claims (queue, "jobId", "tenantId") VALUES ('email-sync', ${`job-of-${tenant}`}, ${tenant})`
  yield* sql`INSERT INTO tt_worker.control_log ("by", action, "tenantId") VALUES ('ann', 'PauseTenant', ${tenant})`
  yield* sql`INSERT INTO tt_worker.outbox (queue, "jobId", data) VALUES ('email-sync', 'j', ${JSON.stringify({ tenantId: tenant })})`
  yield* sql`INSERT INTO tt_worker.schedules (id, kind, key, "tenantId", "tenantSlot", queue, data, spec, "catchUp", enabled)
    VALUES (gen_random_uuid(), 'email-sync', ${tenant}, ${tenant}, 1, 'email-sync', ${JSON.stringify({ tenantId: tenant })}::text::jsonb, '{}', 'all', true)`
  yield* sql`INSERT INTO tt_worker.occurrences ("scheduleId", "occursAt", kind, key, "tenantId", state, "madeBy") VALUES (gen_random_uuid(), now(), 'email-sync', ${tenant}, ${tenant}, 'due', 'p')`
  yield* sql`INSERT INTO tt_worker.tenant_turns (queue, tenant, turn) VALUES ('email-sync', ${tenant}, 1)`
  yield* sql`INSERT INTO tt_worker.limit_permits (key, token, "leaseUntil") VALUES (${`mailbox:${tenant}:imap`}, gen_random_uuid(), now())`
  yield* fillRecords(tenant)
  // Of an invoice whose row the API has deleted, and of a mail whose import was cut off before its row.
  for (const stray of ["deleted", "cut-off"]) yield* Effect.promise(() => writeFile(join(folder, `${tenant}/2026/11/${stray}`), "%PDF-"))
  for (const name of Object.values(QUEUE_NAMES)) {
    const queue = yield* open(name)
    const data = { tenantId: tenant, invoiceId: "i" }
    yield* Effect.promise(async () => {
      await queue.add("waiting", data)
      await queue.add("delayed", data, { delay: 60_000 })
      await queue.add("prioritized", data, { priority: 3 })
      await queue.add("named", data, { jobId: `${tenant}-sync` })
      await queue.upsertJobScheduler(`every-${tenant}`, { every: 3_600_000 }, { name: "scheduled", data })
    })
  }
})

const jobsPerQueue = 6

export const erasureRules = (name: string, queues: Layer.Layer<ErasureQueues | QueueBackend, never, OwnPostgres | Layer.Success<typeof newOutboxTables>>) => {
  const tables = newOutboxTables
  const everything = Layer.mergeAll(
    PostgresTenantRows.pipe(Layer.provide(schemaOwner)),
    BullmqTenantJobs,
    Layer.unwrap(Effect.map(tempDir, (root) => Layer.merge(FileErasure.onDisk({ root }), Layer.succeed(Folder, root))))
  ).pipe(Layer.provideMerge(queues), Layer.provideMerge(tables), Layer.provideMerge(OwnPostgres.layer), Layer.orDie)

  layer(everything, { excludeTestServices: true, timeout: "60 seconds" })(`erasing a tenant, queues in ${name}`, (it) => {
    it.effect("counts without changing anything, then removes rows, jobs in all states and files of that tenant only, and leaves a line that says so", () =>
      Effect.gen(function*() {
        const [gone, other] = [TenantId.make("firm-1"), TenantId.make("firm-10")]
        const folder = yield* Folder
        const { search } = yield* ErasureQueues
        for (const tenant of [gone, other]) yield* fill(tenant)
        const sql = yield* SqlClient.SqlClient
        // A row that names another tenant's file is that tenant's own fault: the file is not this one's to remove.
        yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES ('thief', ${gone}, ${`${other}/2026/11/1`})`

        const named = yield* rowsNaming(gone)
        for (const { table } of ownTenantTables) assert.isTrue(named.some((found) => found.startsWith(`${table} `)), `${table} has something to erase`)

        const before = new Map((yield* inventoryOf(gone)).map(({ rows, table }) => [table, rows]))
        assert.strictEqual(before.get("invoices"), 4)
        assert.strictEqual(before.get("files without an invoice"), 2)
        assert.strictEqual(before.get("queue automation"), jobsPerQueue)
        const othersBefore = yield* inventoryOf(other)
        assert.deepStrictEqual(new Map((yield* inventoryOf(gone)).map(({ rows, table }) => [table, rows])), before)

        // Killed in the middle: the second file cannot be removed at first.
        let files = 0
        const real = yield* Files
        const failing = Files.of({ ...real, erase: (key) => files++ === 1 ? Effect.fail(new TenantErasureError({ detail: "the disk is gone" })) : real.erase(key) })
        assert.include(String(yield* Effect.flip(Effect.provideService(eraseTenant(gone, "ann"), Files, failing))), "the disk is gone")
        assert.strictEqual(new Map((yield* inventoryOf(gone)).map(({ rows, table }) => [table, rows])).get("invoices"), 4)
        yield* eraseTenant(gone, "ann")

        assert.deepStrictEqual(yield* inventoryOf(gone), [])
        assert.deepStrictEqual(yield* rowsNaming(gone), ["tt_worker.control_log 1"])
        const [line] = yield* sql<{ readonly by: string; readonly value: string }>`SELECT "by", value FROM tt_worker.control_log WHERE "tenantId" = ${gone}`
        assert.strictEqual(line?.by, "ann")
        assert.include(line?.value, "invoices 4")
        assert.deepStrictEqual(yield* search(gone), [])

        assert.deepStrictEqual(yield* inventoryOf(other), othersBefore)
        // No file and no folder, wherever: only what is the other's.
        const left = yield* Effect.promise(() => readdir(folder, { recursive: true }))
        assert.deepStrictEqual(left.filter((name) => /firm-1([^0-9]|$)/.test(name)), [])
        assert.lengthOf(left.filter((name) => name.startsWith("firm-10/2026/11/")), 5)
      }))
  })
}
