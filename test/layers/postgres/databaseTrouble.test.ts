import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Duration, Effect, Exit, Fiber, Layer, Logger, Option, Redacted, Scope } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { query } from "../../../layers/embedded/connection.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { Tenants } from "../../../src/services/Tenants.ts"
import { databaseAt, newInvoice, ownTables, rowOf, tablesAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { someReading } from "../../support/readings.ts"
import { until } from "../../support/until.ts"

const take = Effect.fnUntraced(function*() {
  const { invoiceId, tenantId } = yield* newInvoice()
  const answer = yield* (yield* Invoices).claim(tenantId, invoiceId, { generation: 1, jobId: "j", holder: "test", lease: Duration.seconds(30) })
  return answer._tag === "Claimed" ? answer.invoice.claim : yield* Effect.die(answer._tag)
})

describe("trouble with the database", () => {
  it.live("is Unavailable when the server is gone, said at once and by every method", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(OwnPostgres.layer, scope)
      const url = yield* Context.get(server, OwnPostgres).makeDatabase
      yield* Effect.gen(function*() {
        const invoices = yield* Invoices
        const claim = yield* take()
        yield* Scope.close(scope, Exit.void)
        const note = { code: "c", sentence: "s" }
        const began = performance.now()
        for (const method of [
          invoices.renew(claim, Duration.seconds(30)),
          invoices.complete(claim, someReading(), "ab"),
          invoices.fail(claim, note),
          invoices.release(claim),
          invoices.setAside(claim.tenantId, claim.invoiceId, "feature-off"),
          invoices.requestReprocessing(claim.tenantId, claim.invoiceId),
          invoices.claim(claim.tenantId, claim.invoiceId, { generation: 1, jobId: "j", holder: "test", lease: Duration.seconds(30) })
        ]) {
          const error = yield* Effect.flip(method)
          assert.strictEqual(error.reason._tag, "Unavailable")
          assert.strictEqual(error.retry._tag, "RateLimited")
        }
        assert.strictEqual((yield* Effect.flip((yield* Tenants).features(claim.tenantId))).code, "database-unavailable")
        assert.isBelow(performance.now() - began, 5000, "milliseconds")
      }).pipe(Effect.provide(tablesAt(url)))
    }))

  it.live("is Misfit, with what to do, when a column is missing; the error can still be recorded", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const invoices = yield* Invoices
      const claim = yield* take()
      yield* sql`ALTER TABLE invoices DROP COLUMN evidence`
      const error = yield* Effect.flip(invoices.complete(claim, someReading(), "ab"))
      assert.strictEqual(error.reason._tag, "Misfit")
      assert.strictEqual(error.retry._tag, "Permanent")
      assert.include(error.message, "migrate")
      yield* invoices.fail(claim, { code: error.code, sentence: error.plainWords })
      assert.deepInclude((yield* rowOf(claim.invoiceId)).invoice, { status: "error", errorCode: "database-misfit" })
    }).pipe(Effect.provide(ownTables)))

  it.live("is no defect where the connection breaks within a transaction, which then cannot be rolled back", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const exit = yield* Effect.exit(sql.withTransaction(sql`SELECT pg_terminate_backend(pg_backend_pid())`))
      assert.isTrue(Exit.isFailure(exit) && Option.exists(Cause.findErrorOption(exit.cause), isSqlError), String(exit))
    }).pipe(Effect.provide(ownTables)))

  it.live("is waited for at start while it takes no writes, as in a fail-over, and brought up to date then", () =>
    Effect.gen(function*() {
      const url = yield* (yield* OwnPostgres).makeDatabase
      const writable = new URL(Redacted.value(url))
      const name = writable.pathname.slice(1)
      writable.searchParams.set("options", "-c default_transaction_read_only=off")
      yield* query(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`)
      const said: Array<string> = []
      const started = yield* Layer.build(Postgres.layer({ database: databaseAt(url), migrate: true, waits: true })).pipe(
        Effect.provide(Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])),
        Effect.forkScoped
      )
      yield* until(Effect.sync(() => said.length), (lines) => lines > 0, 15_000)
      assert.include(said[0], "read-only, as in a fail-over; waiting")
      yield* query(Redacted.make(writable.href), `ALTER DATABASE ${name} RESET default_transaction_read_only`)
      // Its sessions are old ones, which keep their settings: a fail-over ends them.
      yield* query(Redacted.make(writable.href), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`)
      yield* Fiber.join(started).pipe(Effect.timeout("30 seconds"))
    }).pipe(Effect.scoped, Effect.provide(OwnPostgres.layer)))
})
