import { Context, Data, type Effect, type Redacted } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"

/**
 * The role that makes and changes tables: that of MIGRATION_DATABASE_URL where it is given, else the worker's own. A
 * connection is opened for each use and closed after it, so that a process that runs holds none.
 */
export class SchemaOwner extends Context.Service<SchemaOwner, {
  readonly url: Redacted.Redacted<string>
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SchemaOwnerError, Exclude<R, SqlClient.SqlClient>>
}>()("tt-worker/services/SchemaOwner") {}

export class SchemaOwnerError extends Data.TaggedError("SchemaOwnerError")<{ readonly label: string; readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `PostgreSQL at ${this.label}: ${this.detail}`
  }
}
