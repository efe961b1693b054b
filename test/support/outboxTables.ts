import * as PgClient from "@effect/sql-pg/PgClient"
import { createPostgresBackend, Queue } from "bullmq"
import { Context, Effect, Layer, Redacted } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { migrateQueueTables } from "../../layers/bullmq/queueTables.ts"
import { PostgresDueRuns } from "../../layers/postgres/PostgresDueRuns.ts"
import { PostgresSchedules } from "../../layers/postgres/PostgresSchedules.ts"
import { PostgresOutbox } from "../../layers/postgres/PostgresOutbox.ts"
import * as PostgresReconciliation from "../../layers/postgres/PostgresReconciliation.ts"
import type { Events } from "../../src/services/Events.ts"
import type { DueRuns } from "../../src/services/DueRuns.ts"
import type { Schedules } from "../../src/services/Schedules.ts"
import type { Invoices } from "../../src/services/Invoices.ts"
import type { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { Outbox } from "../../src/services/Outbox.ts"
import type { Reconciliation } from "../../src/services/Reconciliation.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import { tablesAt } from "./invoiceTables.ts"
import { OwnPostgres } from "./ownPostgres.ts"

/** The address of the database that the test is given. */
export class DatabaseAddress extends Context.Service<DatabaseAddress, Redacted.Redacted>()("test/DatabaseAddress") {}

export type OutboxTables = Invoices | Tenants | Events | JobOutbox | Outbox | Reconciliation | Schedules | DueRuns | SqlClient.SqlClient | DatabaseAddress

/** The worker's tables and BullMQ's in one new database of this server. */
export const newOutboxTables: Layer.Layer<OutboxTables, never, OwnPostgres> = Layer.unwrap(
  OwnPostgres.use(({ makeDatabase }) => makeDatabase).pipe(
    Effect.tap((url) => migrateQueueTables(url).pipe(Effect.provide(PgClient.layer({ url, maxConnections: 1 })), Effect.orDie)),
    Effect.map((url) => Layer.mergeAll(PostgresOutbox, PostgresReconciliation.layer(), PostgresSchedules, PostgresDueRuns).pipe(Layer.provideMerge(tablesAt(url)), Layer.merge(Layer.succeed(DatabaseAddress, url))))
  )
)

export const ownOutboxTables: Layer.Layer<OutboxTables> = newOutboxTables.pipe(Layer.provide(OwnPostgres.layer))

/** A queue of this database as an API has it. */
export const openPlainQueue = (name: string) =>
  Effect.flatMap(DatabaseAddress, (url) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const queue = new Queue(name, { connection: { connectionString: Redacted.value(url), max: 2 } }, createPostgresBackend)
        queue.on("error", () => undefined)
        return queue
      }),
      (queue) => Effect.promise(() => queue.close())
    ))
