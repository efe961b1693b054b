import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { DemoApi } from "../../src/services/DemoApi.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import type { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { Outbox } from "../../src/services/Outbox.ts"
import type { Invoices } from "../../src/services/Invoices.ts"
import type { JobClaims } from "../../src/services/JobClaims.ts"
import type { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"
import type { QueueControls } from "../../src/services/QueueControls.ts"
import type { DueRuns } from "../../src/services/DueRuns.ts"
import type { Schedules } from "../../src/services/Schedules.ts"
import type { ReceivedFiles } from "../../src/services/ReceivedFiles.ts"
import type { Reconciliation } from "../../src/services/Reconciliation.ts"
import type { RetentionStores } from "../../src/services/RetentionStores.ts"
import type { SharedTables } from "../../src/services/SharedTables.ts"
import type { SchemaOwner } from "../../src/services/SchemaOwner.ts"
import type { TenantRows } from "../../src/services/TenantErasure.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import * as Postgres from "./Postgres.ts"
import { PostgresDemoApi } from "./PostgresDemoApi.ts"
import { PostgresInvoices } from "./PostgresInvoices.ts"
import { PostgresJobClaims } from "./PostgresJobClaims.ts"
import { PostgresProcessRegistry } from "./PostgresProcessRegistry.ts"
import { PostgresQueueControls } from "./PostgresQueueControls.ts"
import { PostgresJobOutbox } from "./PostgresJobOutbox.ts"
import { PostgresDueRuns } from "./PostgresDueRuns.ts"
import { PostgresSchedules } from "./PostgresSchedules.ts"
import { PostgresOutbox } from "./PostgresOutbox.ts"
import * as PostgresReconciliation from "./PostgresReconciliation.ts"
import { PostgresRetention } from "./retentionStores.ts"
import { PostgresSharedTables } from "./PostgresSharedTables.ts"
import { PostgresReceivedFiles } from "./PostgresReceivedFiles.ts"
import { PostgresTenantRows } from "./PostgresTenantRows.ts"
import { PostgresTenants } from "./PostgresTenants.ts"

/** Every service that is a table, on one pool, and the pool for the layers that keep tables of their own. */
export const layer = (options: {
  readonly migrate: boolean
  /** Wait for a server that is not there yet, rather than fail. */
  readonly waits: boolean
  /** Tells this process from its replicas, for people. */
  readonly processName: string
}): Layer.Layer<
  | Invoices
  | Tenants
  | DemoApi
  | JobOutbox
  | Outbox
  | Reconciliation
  | JobClaims
  | ProcessRegistry
  | QueueControls
  | Schedules
  | DueRuns
  | RetentionStores
  | SqlClient.SqlClient
  | PgClient.PgClient
  | SchemaOwner
  | SharedTables
  | TenantRows
  | ReceivedFiles,
  Postgres.PostgresUnusable,
  DatabaseServer
> =>
  Layer.unwrap(Effect.map(DatabaseServer, ({ address, migrations }) =>
    Layer.mergeAll(
      PostgresInvoices,
      PostgresTenants,
      PostgresDemoApi,
      PostgresOutbox,
      PostgresReconciliation.layer(),
      PostgresJobClaims,
      PostgresQueueControls,
      PostgresSchedules,
      PostgresDueRuns,
      PostgresRetention,
      PostgresSharedTables,
      PostgresTenantRows,
      PostgresReceivedFiles
    ).pipe(
      Layer.provideMerge(Layer.merge(PostgresProcessRegistry(options.processName), PostgresJobOutbox)),
      Layer.provideMerge(Postgres.layer({ database: address, migrations, ...options }))
    )))
