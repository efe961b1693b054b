import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted, Result } from "effect"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import { parseDatabaseUrl } from "../../../src/domain/DatabaseUrl.ts"
import { startPgbouncer } from "../../support/ownPgbouncer.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

const session = ["extra_float_digits", "search_path", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "tt_worker.tenant"]

/** Starts as the worker does, waiting for a server that is away; what it says, or null where it begins. */
const startAt = (url: string) =>
  Layer.build(Postgres.layer({ database: Result.getOrThrow(parseDatabaseUrl(Redacted.make(url))), migrate: false, waits: true })).pipe(
    Effect.scoped,
    Effect.as(null),
    Effect.catch(({ message }) => Effect.succeed(message)),
    Effect.timeout("5 seconds")
  )

layer(OwnPostgres.layer, { excludeTestServices: true })("a pooler that nobody has announced", (it) => {
  it.effect.each([
    ["in transaction mode, as installed", { mode: "transaction" }, "a pooler such as PgBouncer stands between; give the worker a direct connection"],
    ["in transaction mode, told to ignore the session's settings", { mode: "transaction", ignores: session }, "passes over the session's settings"],
    ["in transaction mode, with these settings of its own", { mode: "transaction", ignores: session, connectQuery: "SET statement_timeout TO \"30s\"; SET lock_timeout TO \"10s\"" }, "lends connections by the transaction"],
    ["in session mode, told to ignore the session's settings", { mode: "session", ignores: session }, "passes over the session's settings"]
  ] as const)("is refused at start with the reason: %s", ([, options, reason]) =>
    Effect.gen(function*() {
      const direct = Redacted.value(yield* (yield* OwnPostgres).makeDatabase)
      const url = yield* startPgbouncer({ url: direct, ...options })
      assert.include((yield* startAt(url)) ?? "it begins", reason)
    }))

  it.effect("is not seen where there is none", () =>
    Effect.gen(function*() {
      const direct = Redacted.value(yield* (yield* OwnPostgres).makeDatabase)
      assert.isNull(yield* startAt(direct))
      assert.isNull(yield* startAt(`${direct}?connection_limit=1`))
    }))
})
