import * as PgClient from "@effect/sql-pg/PgClient"
import { Data, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { DatabaseUrl } from "../../src/domain/DatabaseUrl.ts"
import { SchemaOwner, SchemaOwnerError } from "../../src/services/SchemaOwner.ts"
import { waitFor } from "../../src/supervisor/waitFor.ts"
import { failingTransactions } from "./failingTransactions.ts"
import { runMigrations } from "./Migrations.ts"
import { findPooler, poolerIn, type SessionSettings } from "./refusePooler.ts"
import { serverMessageOf, sqlStateOf } from "./sqlState.ts"

/** Enough for the jobs in flight and their heartbeats; BullMQ has its own connections. */
const defaultConnections = 10

/** A process that stands still (or is cut off) in the middle of a transaction keeps others from its rows no longer than a job's lock. */
const zombieSeconds = 8

const sessionSettings: SessionSettings = {
  TimeZone: "UTC",
  lock_timeout: "10s",
  statement_timeout: "30s",
  idle_in_transaction_session_timeout: `${zombieSeconds}s`
}

/** The database cannot be used, and waiting will not help. `detail` says what to change. */
export class PostgresUnusable extends Data.TaggedError("PostgresUnusable")<{ readonly label: string; readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `PostgreSQL at ${this.label}: ${this.detail}`
  }
}

/** Not there yet: refused, no route, starting up (57P03), too many connections (53300). */
const comesBack = (error: SqlError): boolean =>
  poolerIn(error) === null && (error.reason._tag === "ConnectionError" || ["57P03", "53300"].includes(sqlStateOf(error) ?? ""))

/** Waits for a server that is not there yet, saying so; a refused password or a missing database is said at once. */
const waitUntilReachable = (label: string, waits: boolean) =>
  waitFor(SqlClient.SqlClient.use((sql) => sql`SELECT 1`), {
    comesBack: (error) => waits && comesBack(error),
    tell: () => `PostgreSQL at ${label} cannot be reached; waiting for it. DATABASE_URL says where it is.`
  }).pipe(
    Effect.mapError((error) => new PostgresUnusable({ label, detail: poolerIn(error) ?? `${error.message}; check DATABASE_URL`, cause: error }))
  )

/** With its sessions shared, jobs would be lost and locks be nobody's: better not to begin. */
const refusePooler = (label: string, connections: number) =>
  findPooler(sessionSettings, connections).pipe(
    Effect.mapError((cause) => new PostgresUnusable({ label, detail: `it could not be looked at: ${cause.message}`, cause })),
    Effect.flatMap((problem) => problem === null ? Effect.void : Effect.fail(new PostgresUnusable({ label, detail: problem })))
  )

const ensureSchema = (schema: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`
    if (found === undefined) yield* sql`CREATE SCHEMA IF NOT EXISTS ${sql(schema)}`
  })

const clientAt = ({ label, schema, url }: DatabaseUrl, maxConnections: number, variable = "DATABASE_URL") =>
  PgClient.layerFrom(
    PgClient.make({
      url,
      maxConnections,
      applicationName: "tt-worker",
      startupParameters: {
        search_path: `"${schema}"`,
        ...sessionSettings
      }
    }).pipe(
      Effect.map(failingTransactions),
      Effect.mapError((cause) => new PostgresUnusable({ label, detail: `${cause.message}; check ${variable}`, cause }))
    )
  )

const migrationVariable = "MIGRATION_DATABASE_URL"

/** Where there is no role of its own for tables, the pool's connections do it. */
const schemaOwner = (database: DatabaseUrl, migrations: DatabaseUrl): Layer.Layer<SchemaOwner, never, SqlClient.SqlClient> =>
  Layer.effect(SchemaOwner, Effect.map(SqlClient.SqlClient, (own) =>
    SchemaOwner.of({
      url: migrations.url,
      run: (effect) =>
        migrations === database
          ? Effect.provideService(effect, SqlClient.SqlClient, own)
          : Layer.build(clientAt(migrations, 2, migrationVariable)).pipe(
            Effect.tap((context) => Effect.provideContext(SqlClient.SqlClient.use((sql) => sql`SELECT 1`), context)),
            Effect.mapError((cause) =>
              new SchemaOwnerError({ label: migrations.label, detail: `${isSqlError(cause) ? serverMessageOf(cause) : cause.detail}; check ${migrationVariable}`, cause })
            ),
            Effect.flatMap((context) => Effect.provideContext(effect, context)),
            Effect.scoped
          )
    })))

/**
 * The application's own pool. Sessions speak UTC, whatever the server's zone, and look for the API's tables in its
 * schema only.
 */
export const layer = (options: {
  readonly database: DatabaseUrl
  /** The same database for the role that makes tables, where it is another. */
  readonly migrations?: DatabaseUrl
  /** Bring the tables up to date before anything uses them. */
  readonly migrate: boolean
  /** Wait for a server that is not there yet, rather than fail. */
  readonly waits: boolean
}): Layer.Layer<SqlClient.SqlClient | PgClient.PgClient | SchemaOwner, PostgresUnusable> => {
  const { connectionLimit, label, schema } = options.database
  const unusable = (detail: string) => (cause: unknown) => new PostgresUnusable({ label, detail, cause })

  const client = clientAt(options.database, connectionLimit ?? defaultConnections)
  const owner = schemaOwner(options.database, options.migrations ?? options.database)

  const ready = Layer.effectDiscard(
    waitUntilReachable(label, options.waits).pipe(
      Effect.andThen(refusePooler(label, connectionLimit ?? defaultConnections)),
      Effect.andThen(options.migrate
        ? SchemaOwner.use(({ run }) => run(Effect.andThen(ensureSchema(schema), runMigrations))).pipe(
          Effect.mapError((error) => unusable(`the tables could not be brought up to date: ${error.message}`)(error))
        )
        : Effect.void)
    )
  )
  return ready.pipe(Layer.provideMerge(owner), Layer.provideMerge(client))
}

