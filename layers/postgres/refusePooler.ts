import { Effect, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** What a session is opened with; a pooler that is not told to refuses such parameters, or passes over them. */
export type SessionSettings = Readonly<Record<string, string>>

const directly = "give the worker a direct connection, LISTEN, advisory locks and the settings of a session do not survive a pooler"

/** PgBouncer's own words, when it knows a parameter of the session not and is not told to ignore it. */
const refusedParameter = /unsupported startup parameter/

/** The sentence for somebody who has put a pooler between, where this error says so; null otherwise. */
export const poolerIn = (error: SqlError): string | null => {
  const causes = [error.message, error.reason.message, error.reason.cause instanceof Error ? error.reason.cause.message : ""]
  return causes.some((text) => refusedParameter.test(text)) ? `a pooler such as PgBouncer stands between; ${directly}` : null
}

const decodeSettings = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ statement_timeout: Schema.String, lock_timeout: Schema.String })]))
const decodeBackend = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ pid: Schema.Int })]))

/** Tries it so often: others' transactions may take the connection that would be shared. */
const tries = 3

/** Two open connections have one server process: whoever lends it out does so by the transaction. */
const sharesBackend = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [one, other] = [yield* sql.reserve, yield* sql.reserve]
  const backendOf = (connection: typeof one) => connection.executeUnprepared("SELECT pg_backend_pid() AS pid", [], undefined).pipe(Effect.flatMap(decodeBackend), Effect.map(([{ pid }]) => pid))
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = yield* backendOf(one)
    yield* other.executeUnprepared("BEGIN", [], undefined)
    const lent = yield* backendOf(other)
    yield* other.executeUnprepared("ROLLBACK", [], undefined)
    if (before === lent) return true
  }
  return false
}).pipe(Effect.scoped)

/**
 * Looks for a pooler that nobody has announced: null when there is none, else what is wrong, in a sentence.
 * `connections` are those that may be opened; with one, only the settings are looked at.
 */
export const findPooler = (settings: SessionSettings, connections: number) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* sql`SELECT current_setting('statement_timeout') AS statement_timeout, current_setting('lock_timeout') AS lock_timeout`.pipe(Effect.flatMap(decodeSettings))
    if (found.statement_timeout !== settings["statement_timeout"] || found.lock_timeout !== settings["lock_timeout"]) {
      return `a pooler such as PgBouncer stands between and passes over the session's settings; ${directly}`
    }
    return connections > 1 && (yield* sharesBackend) ? `a pooler such as PgBouncer stands between and lends connections by the transaction; ${directly}` : null
  })
