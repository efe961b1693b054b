import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Invoices } from "../../../src/services/Invoices.ts"
import { newInvoice, ownTables } from "../../support/invoiceTables.ts"

layer(ownTables, { excludeTestServices: true })("a process that stands still in the middle of a transaction", (it) => {
  it.effect("keeps nobody from its rows for longer than a job's lock lasts, and learns that it has lost them", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { claim } = yield* Invoices
      const { invoiceId, tenantId } = yield* newInvoice()
      const zombie = yield* Effect.forkChild(Effect.exit(sql.withTransaction(Effect.gen(function*() {
        yield* sql`UPDATE invoices SET status = 'processing' WHERE id = ${invoiceId}`
        yield* Effect.sleep("10 seconds")
        yield* sql`UPDATE invoices SET status = 'error' WHERE id = ${invoiceId}`
      }))))
      yield* Effect.sleep("500 millis")
      const began = performance.now()
      const answer = yield* claim(tenantId, invoiceId, { generation: 1, jobId: "job-1", holder: "test", lease: Duration.seconds(30) })
      assert.strictEqual(answer._tag, "Claimed")
      assert.isBelow(performance.now() - began, 9_000)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(zombie)))
      const [row] = yield* sql`SELECT status FROM invoices WHERE id = ${invoiceId}`
      assert.strictEqual(row?.["status"], "processing")
    }))
})
