import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, type Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresInvoices } from "../../layers/postgres/PostgresInvoices.ts"
import { PostgresJobClaims } from "../../layers/postgres/PostgresJobClaims.ts"
import { PostgresProcessRegistry } from "../../layers/postgres/PostgresProcessRegistry.ts"
import { PostgresQueueControls } from "../../layers/postgres/PostgresQueueControls.ts"
import { PostgresEvents } from "../../layers/postgres/PostgresEvents.ts"
import { PostgresJobOutbox } from "../../layers/postgres/PostgresJobOutbox.ts"
import { PostgresPaidCalls } from "../../layers/postgres/PostgresPaidCalls.ts"
import { PostgresUsage } from "../../layers/postgres/PostgresUsage.ts"
import { PostgresRetention } from "../../layers/postgres/retentionStores.ts"
import { PostgresReceivedFiles } from "../../layers/postgres/PostgresReceivedFiles.ts"
import { PostgresTenants } from "../../layers/postgres/PostgresTenants.ts"
import { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import type { Invoices } from "../../src/services/Invoices.ts"
import type { JobClaims } from "../../src/services/JobClaims.ts"
import type { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"
import type { QueueControls } from "../../src/services/QueueControls.ts"
import type { Events } from "../../src/services/Events.ts"
import type { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { PaidCalls } from "../../src/services/PaidCalls.ts"
import type { ReceivedFiles } from "../../src/services/ReceivedFiles.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import type { RetentionStores } from "../../src/services/RetentionStores.ts"
import type { Usage } from "../../src/services/Usage.ts"
import { OwnPostgres } from "./ownPostgres.ts"
import { postgresAt } from "./postgresAt.ts"

export { databaseAt } from "./postgresAt.ts"

export type TestTables =
  | Invoices
  | PaidCalls
  | ReceivedFiles
  | Usage
  | RetentionStores
  | Tenants
  | JobClaims
  | QueueControls
  | ProcessRegistry
  | JobOutbox
  | Events
  | SqlClient.SqlClient
  | PgClient.PgClient

/** The real tables on a database of this server: migrated, with the services on them. */
export const tablesAt = (url: Redacted.Redacted): Layer.Layer<TestTables> =>
  Layer.mergeAll(PostgresInvoices, PostgresTenants, PostgresJobClaims, PostgresQueueControls, PostgresPaidCalls, PostgresUsage, PostgresRetention, PostgresReceivedFiles).pipe(
    Layer.provideMerge(Layer.mergeAll(PostgresProcessRegistry("test"), PostgresJobOutbox, PostgresEvents)),
    Layer.provideMerge(postgresAt(url)),
    Layer.orDie
  )

/** The same on a server and a database of their own: one per test file. */
export const ownTables: Layer.Layer<TestTables> = Layer.unwrap(
  OwnPostgres.use(({ makeDatabase }) => Effect.map(makeDatabase, tablesAt))
).pipe(Layer.provide(OwnPostgres.layer))

let made = 0

export interface InvoiceOptions {
  readonly status?: string
  readonly archived?: boolean
  readonly features?: unknown
  readonly fileKey?: string
}

/** A tenant (with invoices switched on) that has one invoice. Ids are new each time, so tests share a database. */
export const newInvoice = Effect.fn("test.newInvoice")(function*(options: InvoiceOptions = {}) {
  const sql = yield* SqlClient.SqlClient
  made++
  const tenantId = TenantId.make(`tenant-${made}`)
  const invoiceId = InvoiceId.make(`invoice-${made}`)
  const features = JSON.stringify(options.features ?? { invoices: true })
  yield* sql`INSERT INTO tenants (id, name, features) VALUES (${tenantId}, 'Firm', ${features}::text::jsonb)`
  yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status, archived)
    VALUES (${invoiceId}, ${tenantId}, ${options.fileKey ?? `files/${made}`}, ${options.status ?? "nouveau"}, ${options.archived ?? false})`
  return { tenantId, invoiceId }
})

/** The invoice's row and the worker's record of it, everything as text: what "not a byte changed" is about. */
export const rowOf = Effect.fn("test.rowOf")(function*(invoiceId: string) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly invoice: Record<string, unknown>; readonly claim: Record<string, unknown> | null }>`
    SELECT to_jsonb(i) AS invoice, to_jsonb(c) AS claim FROM invoices i
    LEFT JOIN tt_worker.invoice_claims c ON c."tenantId" = i."tenantId" AND c."invoiceId" = i.id WHERE i.id = ${invoiceId}`
  if (row === undefined) return yield* Effect.die(`no invoice ${invoiceId}`)
  return row
})
