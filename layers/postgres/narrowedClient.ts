import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Predicate } from "effect"
import type * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { CurrentTenant } from "../../src/services/CurrentTenant.ts"

/** Read by the policies of deploy/postgres/row-level-security.sql: a tenant's id, or `everybody`. Not set: no row. */
export const tenantSetting = "tt_worker.tenant"
export const everybody = "*"

/**
 * Whether the policies hold for the role of this connection: not for the tables' owner, nor before the script has run. Asks the
 * catalogue alone: the role may have no right at all yet.
 */
export const isNarrowed = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql`SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'tt_worker' AND c.relname = 'invoice_claims' AND row_security_active(c.oid)`,
    ({ length }) => length > 0
  )

/** PostgreSQL answers ROLLBACK to the COMMIT of a transaction that has failed. */
const commit = (connection: Connection): Effect.Effect<void, SqlError> =>
  Effect.flatMap(connection.executeRaw("COMMIT", []), (result) =>
    Predicate.hasProperty(result, "command") && result.command === "ROLLBACK"
      ? Effect.fail(new SqlError({ reason: new UnknownError({ cause: new Error("COMMIT of a failed transaction"), message: "the transaction was rolled back", operation: "commit" }) }))
      : Effect.void)

/**
 * The same pool, but every statement and every transaction has a connection to itself, which is told first whose rows
 * it is about. It is told each time, so that nothing has to be taken back: one more round trip.
 */
export const narrowedClient = (client: SqlClient.SqlClient): Effect.Effect<SqlClient.SqlClient, never, Reactivity.Reactivity> => {
  const lease = Effect.flatMap(CurrentTenant, (tenant) =>
    Effect.tap(client.reserve, (connection) => connection.execute("SELECT set_config($1, $2, false)", [tenantSetting, tenant ?? everybody], undefined)))
  return SqlClient.make({
    acquirer: lease,
    transactionAcquirer: lease,
    compiler: PgClient.makeCompiler(),
    driver: client.driver,
    prepareTransactionControls: true,
    commit,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
    spanAttributes: [["db.system.name", "postgresql"]]
  })
}
