import { Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Problem, Seen } from "../../src/services/Dependencies.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import { misfitInWords, SharedTables } from "../../src/services/SharedTables.ts"
import { migrationNames } from "./Migrations.ts"
import * as Postgres from "./Postgres.ts"
import { PostgresSharedTables } from "./PostgresSharedTables.ts"

/** PostgreSQL 13: the oldest with what the statements use. */
const oldest = 130_000

/** What the worker does with the tables that it shares with the API: as deploy/postgres/grants.sql has it, where a program cannot do without. */
const uses = [
  ["tenants", "SELECT"],
  ["tenant_users", "SELECT"],
  ["projects", "SELECT"],
  ["entries", "SELECT"],
  ["entries", "INSERT"],
  ["entries", "UPDATE"],
  ["absences", "SELECT"],
  ["invoices", "SELECT"],
  ["invoices", "INSERT"],
  ["invoices", "UPDATE"],
  ["webhooks", "SELECT"],
  ["webhooks", "UPDATE"],
  ["webhook_deliveries", "SELECT"],
  ["webhook_deliveries", "INSERT"],
  ["webhook_deliveries", "UPDATE"]
] as const

const decodeServer = Schema.decodeUnknownEffect(Schema.Struct({
  version: Schema.String,
  number: Schema.Int,
  user: Schema.String,
  mayMigrate: Schema.Boolean,
  migrated: Schema.Boolean,
  connections: Schema.Finite,
  maxConnections: Schema.Finite
}))
const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.Int })))
const decodeAllowed = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ name: Schema.String, privilege: Schema.String, allowed: Schema.NullOr(Schema.Boolean) })))

const look = (migrateOnStart: boolean) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`SELECT 1`
    const [took] = yield* Effect.timed(sql`SELECT 1`)
    const [row] = yield* sql`SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number, current_user AS "user",
      has_database_privilege(current_database(), 'CREATE') AS "mayMigrate", to_regclass('tt_worker.migrations') IS NOT NULL AS migrated,
      (SELECT count(*) FROM pg_stat_activity)::float8 AS connections, current_setting('max_connections')::float8 AS "maxConnections"`
    const server = yield* decodeServer(row)
    const applied = server.migrated ? yield* sql`SELECT migration_id AS id FROM tt_worker.migrations`.pipe(Effect.flatMap(decodeIds)) : []
    const known = new Set(applied.map(({ id }) => id))
    const missing = migrationNames.filter((name) => !known.has(Number.parseInt(name, 10)))
    const allowed = yield* sql`SELECT u.name, u.privilege, CASE WHEN to_regclass(u.name) IS NULL THEN NULL ELSE has_table_privilege(to_regclass(u.name), u.privilege) END AS allowed
      FROM jsonb_to_recordset(${JSON.stringify(uses.map(([name, privilege]) => ({ name, privilege })))}::text::jsonb) AS u(name text, privilege text)`.pipe(Effect.flatMap(decodeAllowed))
    const refused = allowed.filter((one) => one.allowed === false)
    // Before the migrations have run, what they would add is no misfit.
    const misfits = missing.length === 0 ? yield* SharedTables.use((tables) => tables.misfits(null)) : []

    const problems: Array<Problem> = []
    if (server.number < oldest) problems.push({ what: `PostgreSQL ${server.version} is too old`, fix: "the worker needs PostgreSQL 13 or newer", serious: true })
    if (missing.length > 0) {
      problems.push({
        what: `${missing.length === migrationNames.length ? "the worker's tables are missing" : `migrations are missing: ${missing.join(", ")}`}`,
        fix: !server.mayMigrate
          ? `give ${server.user} CREATE on this database, or run \`tt-worker migrate\` as somebody who has it`
          : migrateOnStart ? "the next start brings them up to date; `tt-worker migrate` does so now" : "run `tt-worker migrate` (MIGRATE_ON_START is false)",
        serious: !migrateOnStart || !server.mayMigrate
      })
    }
    for (const { name, privilege } of refused) problems.push({ what: `${server.user} has no ${privilege} on ${name}`, fix: `GRANT ${privilege} ON ${name} TO "${server.user}"`, serious: true })
    for (const misfit of misfits) {
      problems.push({
        what: misfitInWords(misfit),
        fix: `change the column by a migration of the API's; until then ${misfit.programs.join(", ")} ${misfit.programs.length === 1 ? "does" : "do"} not start`,
        serious: true
      })
    }
    if (server.connections > 0.9 * server.maxConnections) {
      problems.push({ what: `${server.connections} of ${server.maxConnections} connections are in use`, fix: "raise max_connections, or lower connection_limit in DATABASE_URL", serious: false })
    }
    return {
      version: server.version,
      millis: Duration.toMillis(took),
      works: [...missing.length === 0 ? ["migrations fit"] : [], ...refused.length === 0 ? ["permissions"] : [], ...missing.length === 0 && misfits.length === 0 ? ["shared columns"] : [], `${server.connections} of ${server.maxConnections} connections`],
      problems
    } satisfies Seen
  })

/** Version, latency, whether the migrations and the shared columns fit, and what this user may do. Changes nothing. */
export const lookAtPostgres = (options: { readonly migrateOnStart: boolean }): Effect.Effect<Seen, { readonly message: string }, DatabaseServer> =>
  DatabaseServer.use(({ address }) =>
    look(options.migrateOnStart).pipe(
      Effect.provide(PostgresSharedTables.pipe(Layer.provideMerge(Postgres.layer({ database: address, migrate: false, waits: false }))))
    ))
