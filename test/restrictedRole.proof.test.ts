import { expect, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { existsSync } from "node:fs"
import { copyFile, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { query } from "../layers/embedded/connection.ts"
import { apiSchema } from "./support/apiSchema.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { runWorker, startWorker } from "./support/worker.ts"
import { asWorker, changed, makeWorkerRole, runScript, workerRole } from "./support/workerRole.ts"

const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

const clockOut = {
  id: "clock-out",
  name: "Clock out at six",
  schedule: { cron: "0 22 * * *", timeZone: "Europe/Paris" },
  do: { type: "close-open-entry", at: "18:00", openLongerThanMinutes: 60 }
}
/** A host that must not be dialled: the sync ends with that, on record. */
const mailbox = { id: "m1", email: "a@firm.example", host: "127.0.0.1", port: 993, user: "a", password: "p" }

layer(OwnPostgres.layer, { excludeTestServices: true, timeout: "60 seconds" })("a worker whose role may make no tables", (it) => {
  it.effect("starts on what the owner has migrated, granted and narrowed to tenants, and all four programs do their work", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const owner = yield* (yield* OwnPostgres).makeDatabase
      yield* query(owner, apiSchema("app"))
      yield* makeWorkerRole(owner)
      yield* query(owner, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
      const withSchema = (url: Redacted.Redacted) => Redacted.value(changed(url, (address) => address.searchParams.set("schema", "app")))
      const env = {
        DATABASE_URL: withSchema(asWorker(owner)),
        MIGRATION_DATABASE_URL: Redacted.value(owner),
        MIGRATE_ON_START: "false"
      }

      // `migrate` works as the owner, though DATABASE_URL may do nothing at all yet.
      expect(yield* runWorker(folder, ["migrate"], env)).toMatchObject({ status: 0, stderr: "" })
      for (const _again of [1, 2]) {
        yield* runScript(owner, "grants", { "tt_grants.role": workerRole, "tt_grants.schema": "app" })
        yield* runScript(owner, "row-level-security", { "tt_rls.role": workerRole, "tt_rls.schema": "app" })
      }

      const worker = yield* startWorker(folder, [], { DATABASE_URL: env.DATABASE_URL, MIGRATE_ON_START: "false" })
      yield* worker.says("Ready after")
      yield* Effect.promise(() => mkdir(join(folder, ".data/files/files"), { recursive: true }))
      yield* Effect.promise(() => copyFile(file("samples/facture-facturx.pdf"), join(folder, ".data/files/files/1")))
      yield* query(owner, `SELECT tt_worker.enqueue_job('invoice-processing', '{"tenantId":"t1","invoiceId":"i1"}')`)
      const done = yield* until(query(owner, `SELECT 1 FROM app.invoices WHERE id = 'i1' AND status = 'processed'`), (rows) => rows === 1, 60_000)
      expect(done).toBe(1)

      // The other three programs, each to where it writes.
      yield* query(owner, `
        INSERT INTO app.tenant_users (id, "tenantId", "userId", name, automations, "updatedAt") VALUES ('u1', 't1', 'u', 'Ann', '${JSON.stringify([clockOut])}', '2026-01-01');
        INSERT INTO app.entries (id, "tenantId", "tenantUserId", "startDate") VALUES ('e1', 't1', 'u1', now() - interval '2 days');
        UPDATE app.tenants SET "emailSettings" = '${JSON.stringify(mailbox)}' WHERE id = 't1';
        INSERT INTO app.webhooks (id, "tenantId", url, events, "updatedAt") VALUES ('w1', 't1', 'http://127.0.0.1:9/', '{invoice.processed}', '2026-01-01');
        INSERT INTO app.webhook_deliveries (id, "webhookId", "tenantId", event, payload, "updatedAt") VALUES ('d1', 'w1', 't1', 'invoice.processed', '{}', '2026-01-01')`)
      for (const [queue, data] of [
        ["automation", { tenantId: "t1", tenantUserId: "u1", automation: clockOut.id }],
        ["email-sync", { tenantId: "t1" }],
        ["webhook-delivery", { webhookId: "w1", webhookDeliveryId: "d1", tenantId: "t1", event: "invoice.processed", url: "http://127.0.0.1:9/", secret: null, payload: {} }]
      ] as const) {
        yield* query(owner, `SELECT tt_worker.enqueue_job('${queue}', '${JSON.stringify(data)}')`)
      }
      for (const written of [
        `SELECT 1 FROM app.entries WHERE id = 'e1' AND "closedBy" = 'automation'`,
        `SELECT 1 FROM tt_worker.mailbox_status WHERE "tenantId" = 't1' AND "lastErrorCode" IS NOT NULL`,
        `SELECT 1 FROM tt_worker.webhook_attempts WHERE "tenantId" = 't1' AND "deliveryId" = 'd1'`
      ]) expect([written, yield* until(query(owner, written), (rows) => rows === 1, 60_000)]).toEqual([written, 1])
      const doctor = yield* runWorker(folder, ["doctor"], { DATABASE_URL: env.DATABASE_URL, MIGRATE_ON_START: "false" })
      expect(doctor.stdout).toContain("permissions, shared columns")

      // The scheduler, the relay, the reconciler and the control rows have all had their turn by now.
      yield* Effect.sleep("3 seconds")
      expect(worker.stderr() + worker.stdout()).not.toContain("permission denied")

      const refused = (statement: string) => Effect.map(Effect.flip(query(asWorker(owner), statement)), ({ code }) => expect([statement, code]).toEqual([statement, "42501"]))
      yield* refused("CREATE TABLE app.more (id text)")
      yield* refused("ALTER TABLE tt_worker.outbox ADD COLUMN more text")
      yield* refused(`UPDATE app.tenants SET features = '{}'`)
      yield* refused("DELETE FROM app.invoices")
      worker.child.kill("SIGTERM")
      expect((yield* worker.ended).status).toBe(0)

      // Erasing takes the owner: the worker's own role may not remove invoices, as was just refused.
      const erased = yield* runWorker(folder, ["tenant", "erase", "t1", "--yes", "--by", "ann"], env)
      expect(erased).toMatchObject({ status: 0, stderr: "" })
      expect(yield* query(owner, `SELECT 1 FROM app.invoices WHERE "tenantId" = 't1'`)).toBe(0)
      expect(existsSync(join(folder, ".data/files/files/1"))).toBe(false)
      expect(yield* query(owner, `SELECT 1 FROM tt_worker.control_log WHERE "tenantId" = 't1' AND "by" = 'ann' AND action = 'EraseTenant'`)).toBe(1)
    }), 240_000)

  it.effect("migrates at start as the owner when both addresses are given", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const owner = yield* (yield* OwnPostgres).makeDatabase
      const env = { DATABASE_URL: Redacted.value(asWorker(owner)), MIGRATION_DATABASE_URL: Redacted.value(owner) }
      expect((yield* runWorker(folder, ["migrate"], env)).status).toBe(0)
      yield* makeWorkerRole(owner)
      yield* runScript(owner, "grants")
      const worker = yield* startWorker(folder, [], env)
      yield* worker.says("Ready after")
      const { status, stderr } = yield* runWorker(folder, ["migrate"], { ...env, MIGRATION_DATABASE_URL: Redacted.value(changed(owner, (address) => { address.password = "wrong" })) })
      expect(status).toBe(1)
      expect(stderr).toContain("check MIGRATION_DATABASE_URL")
    }), 150_000)
})
