import { mkdirSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { newTenant, pass, upload } from "../../support/lostJobs.ts"
import { DatabaseAddress, ownOutboxTables } from "../../support/outboxTables.ts"
import { tempDir } from "../../support/tempDir.ts"
import { runWorker } from "../../support/worker.ts"

const command = (...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { status, stderr, stdout } = yield* runWorker(yield* tempDir, args, { DATABASE_URL: Redacted.value(yield* DatabaseAddress) })
    assert.strictEqual(status, 0, stderr)
    return stdout.split("\n").map((line) => line.trim().split(/ {2,}/))
  })

const jobs = SqlClient.SqlClient.use((sql) => sql<Record<string, unknown>>`SELECT id, data->>'invoiceId' AS invoice FROM bullmq.job ORDER BY seq`)

layer(ownOutboxTables, { excludeTestServices: true })("the commands that put work in line", (it) => {
  it.effect("reconcile counts by source and tenant, changes nothing when it only looks, and old rows only when asked", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* newTenant("a")
      yield* upload("a", 3)
      yield* newTenant("b")
      yield* upload("b", 1)
      yield* pass("1 minute")
      yield* sql`UPDATE invoices SET "createdAt" = '2020-05-01', "updatedAt" = '2020-05-01' WHERE id IN ('a-1', 'a-2')`
      const headings = ["rows", "tenant", "would be enqueued", "lost, would be enqueued", "job alive"]
      assert.deepStrictEqual((yield* command("reconcile", "--dry-run")).slice(0, 3), [headings, ["invoices", "a", "1", "0", "0"], ["invoices", "b", "1", "0", "0"]])
      assert.deepStrictEqual((yield* command("reconcile", "--dry-run", "--since", "2020-01-01")).slice(0, 2), [headings, ["invoices", "a", "3", "0", "0"]])
      assert.deepStrictEqual(yield* jobs, [])
      yield* command("reconcile")
      assert.sameMembers((yield* jobs).map(({ invoice }) => invoice), ["a-3", "b-1"])
      yield* command("reconcile", "--since", "2020-01-01T00:00:00Z")
      assert.sameMembers((yield* jobs).map(({ invoice }) => invoice), ["a-3", "b-1", "a-1", "a-2"])
      assert.deepStrictEqual((yield* command("reconcile"))[0], ["every row that wants a job has one"])
    }), 120_000)

  it.effect("reconcile --dry-run shows what a restore has left: jobs whose row is gone, and files that no invoice names", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const folder = yield* tempDir
      const env = { DATABASE_URL: Redacted.value(yield* DatabaseAddress) }
      yield* newTenant("d")
      yield* upload("d", 1)
      for (const [queue, data] of [
        ["invoice-processing", { tenantId: "d", invoiceId: "d-1" }],
        ["invoice-processing", { tenantId: "d", invoiceId: "d-gone" }],
        ["invoice-processing", { tenantId: "other", invoiceId: "d-1" }],
        ["email-sync", { tenantId: "nobody" }]
      ] as const) assert.strictEqual((yield* runWorker(folder, ["enqueue", queue, JSON.stringify(data)], env)).status, 0)
      const [row] = yield* sql<{ fileKey: string }>`SELECT "fileKey" FROM invoices WHERE id = 'd-1'`
      for (const key of [row?.fileKey ?? "", "d/of-yesterday.pdf"]) {
        const place = path.join(folder, ".data", "files", key)
        mkdirSync(path.dirname(place), { recursive: true })
        writeFileSync(place, "x")
      }
      const { stdout } = yield* runWorker(folder, ["reconcile", "--dry-run"], env)
      assert.match(stdout, /invoice-processing: \d+ jobs wait, run or are delayed; without a row: 1 of d, 1 of other/)
      assert.include(stdout, "email-sync: 1 jobs wait, run or are delayed; without a row: 1 of nobody")
      assert.include(stdout, "automation: 0 jobs wait, run or are delayed; each has its row")
      assert.include(stdout, "files: 2 are stored; 1 that no invoice names")
    }), 120_000)

  it.effect("reprocess puts the job where the worker's queues are", () =>
    Effect.gen(function*() {
      yield* (yield* JobOutbox).announceBackend("postgres")
      yield* newTenant("c")
      yield* upload("c", 1, "processed")
      const [said] = yield* command("reprocess", "c-1", "--tenant", "c")
      const id = /job (\S+), generation 2/.exec(said?.join(" ") ?? "")?.[1]
      assert.deepInclude((yield* jobs).map((row) => ({ ...row })), { id, invoice: "c-1" })
    }), 120_000)
})
