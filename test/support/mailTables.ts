import { Effect, Layer, type Redacted, Schema } from "effect"
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresEvents } from "../../layers/postgres/PostgresEvents.ts"
import { PostgresJobOutbox } from "../../layers/postgres/PostgresJobOutbox.ts"
import { PostgresMailboxes } from "../../layers/postgres/PostgresMailboxes.ts"
import { PostgresMailLedger } from "../../layers/postgres/PostgresMailLedger.ts"
import { PostgresSchedules } from "../../layers/postgres/PostgresSchedules.ts"
import { PostgresTenants } from "../../layers/postgres/PostgresTenants.ts"
import { TenantId } from "../../src/domain/ids.ts"
import { type Mailbox, MailboxEntry, mailboxOf } from "../../src/domain/mailbox/MailboxSettings.ts"
import type { JobOutbox } from "../../src/services/JobOutbox.ts"
import type { Mailboxes } from "../../src/services/Mailboxes.ts"
import type { MailLedger } from "../../src/services/MailLedger.ts"
import type { Schedules } from "../../src/services/Schedules.ts"
import type { Tenants } from "../../src/services/Tenants.ts"
import { OwnPostgres } from "./ownPostgres.ts"
import { postgresAt } from "./postgresAt.ts"

export type MailTables = Mailboxes | MailLedger | Tenants | Schedules | JobOutbox | SqlClient.SqlClient | PgClient.PgClient

/** A pool of its own on a database that has been migrated: one per replica. */
export const mailTablesAt = (url: Redacted.Redacted): Layer.Layer<MailTables> =>
  Layer.mergeAll(PostgresMailboxes, PostgresMailLedger, PostgresTenants, PostgresSchedules).pipe(
    Layer.provideMerge(PostgresEvents),
    Layer.provideMerge(PostgresJobOutbox),
    Layer.provideMerge(postgresAt(url)),
    Layer.orDie
  )

export const ownMailTables: Layer.Layer<MailTables> = Layer.unwrap(
  OwnPostgres.use(({ makeDatabase }) => Effect.map(makeDatabase, mailTablesAt))
).pipe(Layer.provide(OwnPostgres.layer))

let made = 0

/** A tenant with invoices switched on and these entries in its settings. Ids are new each time, so tests share a database. */
export const newMailTenant = Effect.fn("test.newMailTenant")(function*(settings: unknown, features: unknown = { invoices: true }) {
  const sql = yield* SqlClient.SqlClient
  const tenantId = TenantId.make(`mail-tenant-${++made}`)
  yield* sql`INSERT INTO tenants (id, name, features, "emailSettings")
    VALUES (${tenantId}, 'Firm', ${JSON.stringify(features)}::text::jsonb, ${JSON.stringify(settings)}::text::jsonb)`
  return tenantId
})

export const setMailSettings = Effect.fn("test.setMailSettings")(function*(tenantId: TenantId, settings: unknown) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tenants SET "emailSettings" = ${JSON.stringify(settings)}::text::jsonb WHERE id = ${tenantId}`
})

const decodeEntry = Schema.decodeUnknownSync(MailboxEntry)
export const mailboxFrom = (entry: unknown): Mailbox => mailboxOf(decodeEntry(entry))

export interface StatusRow {
  readonly mailboxId: string
  readonly status: string
  readonly lastSyncedAt: Date | null
  readonly importedCount: string
  readonly lastErrorCode: string | null
  readonly lastError: string | null
  readonly note: string | null
  readonly paused: boolean
  readonly mailsWaiting: number
  readonly mailsGivenUp: number
}

/** As the admin's page reads it. */
export const statusOf = Effect.fn("test.statusOf")(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<StatusRow>`SELECT "mailboxId", status, "lastSyncedAt", "importedCount"::text AS "importedCount", "lastErrorCode", "lastError", note, paused,
    "mailsWaiting"::int AS "mailsWaiting", "mailsGivenUp"::int AS "mailsGivenUp" FROM tt_worker.mailbox_status WHERE "tenantId" = ${tenantId} ORDER BY 1`
})

export interface LogRow {
  readonly uid: number
  readonly state: string
  readonly reasonCode: string | null
  readonly reason: string | null
  readonly attempts: number
  readonly sender: string | null
  readonly subject: string | null
  readonly messageId: string | null
  readonly imported: number
  readonly duplicates: number
  readonly skipped: number
  readonly attachments: ReadonlyArray<{ readonly name: string; readonly outcome: string; readonly reasonCode: string | null; readonly invoiceId: string | null }>
}

export const mailLogOf = Effect.fn("test.mailLogOf")(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<LogRow>`SELECT uid::int AS uid, state, "reasonCode", reason, attempts, sender, subject, "messageId", imported, duplicates, skipped, attachments
    FROM tt_worker.mail_log WHERE "tenantId" = ${tenantId} ORDER BY "mailboxId", folder, "uidValidity", uid`
})

export interface InvoiceRow {
  readonly id: string
  readonly status: string
  readonly fileKey: string
  readonly fileName: string
  readonly contentType: string
  readonly jobs: number
}

/** The invoices and how many jobs each has in the outbox. */
export const mailedInvoices = Effect.fn("test.mailedInvoices")(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<InvoiceRow>`SELECT i.id, i.status, i."fileKey", i."fileName", i."contentType",
      (SELECT count(*)::int FROM tt_worker.outbox o WHERE o."tenantId" = i."tenantId" AND o.queue = 'invoice-processing' AND o.data::jsonb->>'invoiceId' = i.id) AS jobs
    FROM invoices i WHERE i."tenantId" = ${tenantId} ORDER BY i."fileName", i.id`
})
