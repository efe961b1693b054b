import * as PgClient from "@effect/sql-pg/PgClient"
import { Data, Effect, Layer, Schema } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { readFile } from "node:fs/promises"
import type { DatabaseUrl } from "../../src/domain/DatabaseUrl.ts"
import { SchemaOwner, SchemaOwnerError } from "../../src/services/SchemaOwner.ts"
import { waitFor } from "../../src/supervisor/waitFor.ts"
import { failingTransactions } from "./failingTransactions.ts"
import { runMigrations } from "./Migrations.ts"
import { everybody, isNarrowed, narrowedClient, tenantSetting } from "./narrowedClient.ts"
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

/** It answers, and takes no writes: a standby, or the old primary in a fail-over. */
class ReadOnly extends Data.TaggedError("ReadOnly") {}

const decodeReadOnly = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ readOnly: Schema.Boolean })]))

/** Fails where nothing can be written. */
const mayWrite = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [{ readOnly }] = yield* sql`SELECT current_setting('transaction_read_only') = 'on' AS "readOnly"`.pipe(Effect.flatMap(decodeReadOnly), Effect.catchTag("SchemaError", Effect.die))
  if (readOnly) yield* new ReadOnly()
})

/**
 * Waits for a server that is not there yet, or takes no writes, saying so; a refused password or a missing database is
 * said at once. Who does not wait may only want to look.
 */
const waitUntilReachable = (label: string, waits: boolean) =>
  waitFor(waits ? mayWrite : SqlClient.SqlClient.use((sql) => Effect.asVoid(sql`SELECT 1`)), {
    comesBack: (error) => waits && (error._tag === "ReadOnly" || comesBack(error)),
    tell: (error) =>
      error._tag === "ReadOnly"
        ? `PostgreSQL at ${label} is read-only, as in a fail-over; waiting until it takes writes.`
        : `PostgreSQL at ${label} cannot be reached; waiting for it. DATABASE_URL says where it is.`
  }).pipe(
    Effect.catchTag("ReadOnly", () => new PostgresUnusable({ label, detail: "it is read-only" })),
    Effect.catchIf(isSqlError, (error) => Effect.fail(new PostgresUnusable({ label, detail: poolerIn(error) ?? `${error.message}; check DATABASE_URL`, cause: error })))
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

/** What the URL's files hold. The driver reads none itself, and would go without them. */
const tlsOf = ({ label, tlsFiles }: DatabaseUrl, variable: string) => {
  const { sslcert, sslkey, sslrootcert } = tlsFiles
  if (sslcert === null && sslkey === null && sslrootcert === null) return Effect.succeed({})
  const read = (parameter: string, path: string | null) =>
    path === null ? Effect.succeed(undefined) : Effect.tryPromise({
      try: () => readFile(path),
      catch: (cause) => new PostgresUnusable({ label, detail: `the file that its parameter ${parameter} names cannot be read; check ${variable}`, cause })
    })
  return Effect.map(
    Effect.all({ ca: read("sslrootcert", sslrootcert), cert: read("sslcert", sslcert), key: read("sslkey", sslkey) }),
    (files) => ({ ssl: Object.fromEntries(Object.entries(files).filter(([, content]) => content !== undefined)) })
  )
}

const clientAt = (database: DatabaseUrl, maxConnections: number, variable = "DATABASE_URL") => {
  const { label, schema, url } = database
  return PgClient.layerFrom(
    Effect.flatMap(tlsOf(database, variable), (tls) => PgClient.make({
      ...tls,
      url,
      maxConnections,
      applicationName: "tt-worker",
      startupParameters: {
        search_path: `"${schema}"`,
        [tenantSetting]: everybody,
        ...sessionSettings
      }
    })).pipe(
      Effect.map(failingTransactions),
      Effect.mapError((cause) => cause instanceof PostgresUnusable ? cause : new PostgresUnusable({ label, detail: `${cause.message}; check ${variable}`, cause }))
    )
  )
}

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
          Effect.mapError((error) => unusable(`the tables could not be brought up to date: ${isSqlError(error) ? serverMessageOf(error) : error.message}`)(error))
        )
        : Effect.void)
    )
  )
  /** Where the operator has switched on row-level security for this role; else the client as it is. */
  const narrowed = Layer.effect(SqlClient.SqlClient, Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const narrows = yield* isNarrowed(sql).pipe(Effect.mapError((error) => unusable(serverMessageOf(error))(error)))
    return narrows ? failingTransactions(yield* narrowedClient(sql)) : sql
  })).pipe(Layer.provide(Reactivity.layer))

  return narrowed.pipe(Layer.provideMerge(ready.pipe(Layer.provideMerge(owner), Layer.provideMerge(client))))
}

