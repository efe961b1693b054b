/** Where the worker keeps something of a tenant. A test compares it with the tables that the migrations make. */

/** A table and the condition on its rows (alias `t`) by which they are the tenant's. */
export interface TenantTable {
  readonly table: string
  readonly column: string
  /** Rows that name the tenant in another way: SQL, with `$tenant` for the id. */
  readonly also?: string
}

const tenantId = `"tenantId"`

/** What makes jobs: gone first, so that nothing comes after. */
export const sources: ReadonlyArray<TenantTable> = [
  { table: "tt_worker.schedules", column: tenantId },
  { table: "tt_worker.occurrences", column: tenantId },
  { table: "tt_worker.outbox", column: tenantId, also: `t.data::jsonb->>'tenantId' = $tenant` }
]

/** The API's tables in whose rows the worker writes; children first. Invoices go one by one, after their files. */
export const sharedTables: ReadonlyArray<TenantTable> = [
  { table: "webhook_deliveries", column: tenantId },
  { table: "webhooks", column: tenantId }
]
export const invoiceTable: TenantTable = { table: "invoices", column: tenantId }

/** The worker's other tables with a column for the tenant. */
export const recordTables: ReadonlyArray<TenantTable> = [
  { table: "tt_worker.job_claims", column: tenantId },
  { table: "tt_worker.invoice_claims", column: tenantId },
  { table: "tt_worker.received_files", column: tenantId },
  { table: "tt_worker.delivery_reconciliation", column: tenantId },
  { table: "tt_worker.webhook_attempts", column: tenantId },
  { table: "tt_worker.webhook_health", column: tenantId },
  { table: "tt_worker.mail_attachments", column: tenantId },
  { table: "tt_worker.mail_marks", column: tenantId },
  { table: "tt_worker.mail_messages", column: tenantId },
  { table: "tt_worker.mail_folders", column: tenantId },
  { table: "tt_worker.mail_imports", column: tenantId },
  { table: "tt_worker.mail_requests", column: tenantId },
  { table: "tt_worker.mailboxes", column: tenantId },
  { table: "tt_worker.mail_tenants", column: tenantId },
  { table: "tt_worker.automation_effects", column: tenantId },
  { table: "tt_worker.automation_runs", column: tenantId },
  { table: "tt_worker.automations", column: tenantId },
  { table: "tt_worker.automation_changes", column: tenantId },
  { table: "tt_worker.automation_users", column: tenantId },
  { table: "tt_worker.kept_answers", column: tenantId },
  { table: "tt_worker.invoice_readers", column: tenantId },
  { table: "tt_worker.provider_calls", column: tenantId },
  { table: "tt_worker.usage_months", column: tenantId },
  { table: "tt_worker.tenant_turns", column: "tenant" },
  { table: "tt_worker.control_log", column: tenantId },
  // Last: it keeps the tenant's jobs from starting.
  { table: "tt_worker.tenant_pauses", column: tenantId }
]

/** Limits and breakers, whose keys may name a tenant between other parts. */
export const keyTables: ReadonlyArray<string> = [
  "tt_worker.limit_windows",
  "tt_worker.limit_buckets",
  "tt_worker.limit_adaptations",
  "tt_worker.limit_permits",
  "tt_worker.circuits"
]
export const keyColumn = "key"

export const ownTenantTables: ReadonlyArray<TenantTable> = [...sources, ...recordTables]
