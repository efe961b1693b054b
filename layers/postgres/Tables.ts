import { Effect, Layer } from "effect"
import type { DemoApi } from "../../src/services/DemoApi.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import type { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { Outbox } from "../../src/services/Outbox.ts"
import type { Invoices } from "../../src/services/Invoices.ts"
import type { Reconciliation } from "../../src/services/Reconciliation.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import * as Postgres from "./Postgres.ts"
import { PostgresDemoApi } from "./PostgresDemoApi.ts"
import { PostgresInvoices } from "./PostgresInvoices.ts"
import { PostgresJobOutbox } from "./PostgresJobOutbox.ts"
import { PostgresOutbox } from "./PostgresOutbox.ts"
import * as PostgresReconciliation from "./PostgresReconciliation.ts"
import { PostgresTenants } from "./PostgresTenants.ts"

/** Every service that is a table, on one pool. */
export const layer = (options: {
  readonly migrate: boolean
  /** Wait for a server that is not there yet, rather than fail. */
  readonly waits: boolean
}): Layer.Layer<Invoices | Tenants | JobOutbox | Outbox | Reconciliation | DemoApi, Postgres.PostgresUnusable, DatabaseServer> =>
  Layer.unwrap(Effect.map(DatabaseServer, ({ address }) =>
    Layer.mergeAll(PostgresInvoices, PostgresTenants, PostgresOutbox, PostgresReconciliation.layer(), PostgresDemoApi).pipe(
      Layer.provideMerge(PostgresJobOutbox),
      Layer.provide(Postgres.layer({ database: address, ...options }))
    )))
