import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, type Redacted, Result } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import * as Postgres from "../../layers/postgres/Postgres.ts"
import { type DatabaseUrl, parseDatabaseUrl } from "../../src/domain/DatabaseUrl.ts"
import type { SchemaOwner } from "../../src/services/SchemaOwner.ts"
import { narrowedDatabase } from "./workerRole.ts"

/* oxlint-disable node/no-process-env -- it says as whom the tests use their tables */

/** `ROW_LEVEL_SECURITY=on`: as the worker's own role, on tables that the script has narrowed; else as their owner. */
export const isNarrowed = process.env["ROW_LEVEL_SECURITY"] === "on"

export const databaseAt = (url: Redacted.Redacted): DatabaseUrl => Result.getOrThrow(parseDatabaseUrl(url))

/** A pool on the worker's tables in this database, which are made where they are missing. */
export const postgresAt = (url: Redacted.Redacted): Layer.Layer<SqlClient.SqlClient | PgClient.PgClient | SchemaOwner, Postgres.PostgresUnusable> =>
  isNarrowed && databaseAt(url).schema === "public"
    ? Layer.unwrap(Effect.map(narrowedDatabase(url), (narrowed) => Postgres.layer({ database: databaseAt(narrowed), migrations: databaseAt(url), migrate: false, waits: false })))
    : Postgres.layer({ database: databaseAt(url), migrate: true, waits: false })
