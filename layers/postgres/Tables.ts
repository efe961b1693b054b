import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { DemoApi } from "../../src/services/DemoApi.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import type { Events } from "../../src/services/Events.ts"
import type { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { OutsideTroubles } from "../../src/services/OutsideTroubles.ts"
import type { Outbox } from "../../src/services/Outbox.ts"
import type { Invoices } from "../../src/services/Invoices.ts"
import type { PaidCalls } from "../../src/services/PaidCalls.ts"
import type { Usage } from "../../src/services/Usage.ts"
import type { JobClaims } from "../../src/services/JobClaims.ts"
import type { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"
import type { ProcessStatuses } from "../../src/services/ProcessStatuses.ts"
import type { QueueControls } from "../../src/services/QueueControls.ts"
import type { DueRuns } from "../../src/services/DueRuns.ts"
import type { Schedules } from "../../src/services/Schedules.ts"
import type { ReceivedFiles } from "../../src/services/ReceivedFiles.ts"
import type { Leftovers } from "../../src/services/Leftovers.ts"
import type { Reconciliation } from "../../src/services/Reconciliation.ts"
import type { Mailboxes } from "../../src/services/Mailboxes.ts"
import type { MailLedger } from "../../src/services/MailLedger.ts"
import type { MailRequests } from "../../src/services/MailRequests.ts"
import type { StoredMailSecrets } from "../../src/services/StoredMailSecrets.ts"
import type { RetentionStores } from "../../src/services/RetentionStores.ts"
import type { SharedTables } from "../../src/services/SharedTables.ts"
import type { SchemaOwner } from "../../src/services/SchemaOwner.ts"
import type { TenantRows } from "../../src/services/TenantErasure.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import type { WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import type { Webhooks } from "../../src/services/Webhooks.ts"
import * as Postgres from "./Postgres.ts"
import { PostgresDemoApi } from "./PostgresDemoApi.ts"
import { PostgresInvoices } from "./PostgresInvoices.ts"
import { PostgresJobClaims } from "./PostgresJobClaims.ts"
import { PostgresProcessRegistry } from "./PostgresProcessRegistry.ts"
import { PostgresProcessStatuses } from "./PostgresProcessStatuses.ts"
import { PostgresQueueControls } from "./PostgresQueueControls.ts"
import { PostgresEvents } from "./PostgresEvents.ts"
import { PostgresJobOutbox } from "./PostgresJobOutbox.ts"
import { type AutomationTables, PostgresAutomations } from "./PostgresAutomations.ts"
import { PostgresDueRuns } from "./PostgresDueRuns.ts"
import { PostgresSchedules } from "./PostgresSchedules.ts"
import { PostgresMailboxes } from "./PostgresMailboxes.ts"
import { PostgresMailLedger } from "./PostgresMailLedger.ts"
import { PostgresMailRequests } from "./PostgresMailRequests.ts"
import { PostgresOutsideTroubles } from "./PostgresOutsideTroubles.ts"
import { PostgresOutbox } from "./PostgresOutbox.ts"
import { PostgresLeftovers } from "./PostgresLeftovers.ts"
import * as PostgresReconciliation from "./PostgresReconciliation.ts"
import { PostgresStoredMailSecrets } from "./PostgresStoredMailSecrets.ts"
import { PostgresPaidCalls } from "./PostgresPaidCalls.ts"
import { PostgresUsage } from "./PostgresUsage.ts"
import { PostgresRetention } from "./retentionStores.ts"
import { PostgresSharedTables } from "./PostgresSharedTables.ts"
import { PostgresReceivedFiles } from "./PostgresReceivedFiles.ts"
import { PostgresTenantRows } from "./PostgresTenantRows.ts"
import { PostgresTenants } from "./PostgresTenants.ts"
import { PostgresWebhookDeliveries } from "./PostgresWebhookDeliveries.ts"
import { PostgresWebhooks } from "./PostgresWebhooks.ts"

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
  | Events
  | Outbox
  | OutsideTroubles
  | Reconciliation
  | JobClaims
  | ProcessRegistry
  | ProcessStatuses
  | QueueControls
  | Schedules
  | DueRuns
  | Mailboxes
  | MailLedger
  | MailRequests
  | StoredMailSecrets
  | PaidCalls
  | Usage
  | RetentionStores
  | WebhookDeliveries
  | Webhooks
  | AutomationTables
  | SqlClient.SqlClient
  | PgClient.PgClient
  | SchemaOwner
  | SharedTables
  | TenantRows
  | ReceivedFiles
  | Leftovers,
  Postgres.PostgresUnusable,
  DatabaseServer
> =>
  Layer.unwrap(Effect.map(DatabaseServer, ({ address, migrations }) =>
    Layer.mergeAll(
      PostgresInvoices,
      PostgresTenants,
      PostgresDemoApi,
      PostgresOutbox,
      PostgresOutsideTroubles,
      PostgresReconciliation.layer(),
      PostgresJobClaims,
      PostgresQueueControls,
      PostgresProcessStatuses,
      PostgresSchedules,
      PostgresDueRuns,
      PostgresMailboxes,
      PostgresMailLedger,
      PostgresMailRequests,
      PostgresStoredMailSecrets,
      PostgresWebhookDeliveries,
      PostgresWebhooks,
      PostgresPaidCalls,
      PostgresUsage,
      PostgresAutomations,
      PostgresRetention,
      PostgresSharedTables,
      PostgresTenantRows,
      PostgresReceivedFiles,
      PostgresLeftovers
    ).pipe(
      Layer.provideMerge(Layer.mergeAll(PostgresProcessRegistry(options.processName), PostgresJobOutbox, PostgresEvents)),
      Layer.provideMerge(Postgres.layer({ database: address, migrations, ...options }))
    )))
