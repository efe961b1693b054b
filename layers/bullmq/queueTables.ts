import { Data, Effect, Redacted } from "effect"
import { createPostgresBackend, Queue } from "bullmq"
import type * as SqlClient from "effect/sql/SqlClient"
import { makeLineTables } from "./postgres/lineTables.ts"

export class QueueTablesError extends Data.TaggedError("QueueTablesError")<{ readonly cause: unknown }> {
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : "unknown error"
    return `BullMQ's tables could not be brought up to date in PostgreSQL: ${why}`
  }
}

/** Makes or updates BullMQ's own tables in the schema `bullmq`, and ours beside them. Each locks while it does, so several may try at once. */
export const migrateQueueTables = (url: Redacted.Redacted<string>): Effect.Effect<void, QueueTablesError, SqlClient.SqlClient> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const queue = new Queue("migration", { connection: { connectionString: Redacted.value(url), max: 2, migrate: true } }, createPostgresBackend)
      // What goes wrong is reported by waitUntilReady below.
      queue.on("error", () => {})
      return queue
    }),
    (queue) => Effect.tryPromise({ try: () => queue.waitUntilReady(), catch: (cause) => new QueueTablesError({ cause }) }).pipe(Effect.asVoid),
    (queue) => Effect.promise(() => queue.close()).pipe(Effect.ignore)
  ).pipe(
    Effect.andThen(Effect.mapError(makeLineTables, (cause) => new QueueTablesError({ cause }))),
    Effect.withSpan("QueueTables.migrate")
  )
