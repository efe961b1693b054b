import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { query } from "../../../layers/embedded/connection.ts"
import { runMigrations } from "../../../layers/postgres/Migrations.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { apiSchema } from "../../support/apiSchema.ts"
import { databaseAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

// Needs PostgreSQL alone, but shows only after a lock's time: slow, so that it runs with the services.
layer(OwnPostgres.layer, { excludeTestServices: true })("migrations beside a long transaction of the API", (it) => {
  it.effect("let the API's other requests through meanwhile, and try again until they are done", () =>
    Effect.gen(function*() {
      const url = yield* (yield* OwnPostgres).makeDatabase
      yield* query(url, apiSchema("public"))
      const reporting = yield* Effect.forkChild(query(url, "BEGIN; SELECT * FROM invoices; SELECT pg_sleep(7); COMMIT"))
      yield* Effect.sleep("300 millis")
      const migrating = yield* Effect.forkChild(
        runMigrations.pipe(Effect.provide(Postgres.layer({ database: databaseAt(url), migrate: false, waits: false })))
      )
      yield* Effect.sleep("6 seconds")
      const [waited] = yield* Effect.timed(query(url, "SELECT count(*) FROM invoices"))
      assert.isBelow(Duration.toMillis(waited), 1000, "milliseconds")
      assert.isNotEmpty(yield* Fiber.join(migrating))
      yield* Fiber.join(reporting)
    }))
})
