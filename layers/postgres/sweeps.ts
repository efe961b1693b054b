/**
 * The statements that look at more than one tenant's rows, in one place. No job and no request causes them: they are the
 * worker's own rounds, and give ids (with what is needed to enqueue) or numbers, never content. Everything else in this
 * folder names its tenant; a test holds that.
 */
export interface Sweep {
  readonly file: string
  /** A piece of the statement that no other in the file has. */
  readonly statement: string
  readonly why: string
}

const claims = "this process's own claims on jobs that it holds: by process, queue and job id"
const due = "the scheduler's round: what is due now, in turn by tenant"
const open = "the reconciler's round: runs whose job may be lost, by the ids that the round before gave"
const relay = "the relay's round: rows of the outbox, in order, and those it has just carried over"

/** Besides these, `retentionStores.ts` deletes what is old, whoever's it is, and gives a number. */
export const sweeps: ReadonlyArray<Sweep> = [
  { file: "PostgresJobClaims.ts", statement: `SELECT "jobId" FROM tt_worker.job_claims`, why: "which jobs of a queue are suspects: ids only" },
  { file: "PostgresJobClaims.ts", statement: "DELETE FROM tt_worker.job_claims", why: claims },
  { file: "PostgresJobClaims.ts", statement: `SET "processId" = NULL`, why: claims },
  { file: "PostgresJobClaims.ts", statement: "SET alone = true", why: claims },
  { file: "PostgresQueueControls.ts", statement: `SELECT "tenantId", queue FROM tt_worker.tenant_pauses`, why: "which tenants an operator has paused" },
  { file: "PostgresQueueControls.ts", statement: "FROM tt_worker.control_log", why: "what operators have done, for operators" },
  { file: "dueRunStatements.ts", statement: `WHERE "dueAt" <= now()`, why: due },
  { file: "dueRunStatements.ts", statement: "WITH RECURSIVE line", why: due },
  { file: "dueRunStatements.ts", statement: `WHERE "dueAt" - now()`, why: due },
  { file: "dueRunStatements.ts", statement: "least(s.at, o.at)", why: "how long until something is due" },
  { file: "dueRunStatements.ts", statement: "RETURNING task", why: "the worker's own tasks, in one replica at a time" },
  { file: "dueRunStatements.ts", statement: "AND NOT EXISTS (SELECT 1 FROM tt_worker.outbox", why: open },
  { file: "dueRunStatements.ts", statement: `SET "checkedAt" = now()`, why: open },
  { file: "dueRunStatements.ts", statement: "WITH again", why: open },
  { file: "outboxStatements.ts", statement: "FOR UPDATE SKIP LOCKED", why: relay },
  { file: "outboxStatements.ts", statement: "DELETE FROM tt_worker.outbox", why: relay },
  { file: "outboxStatements.ts", statement: `"retryAt" =`, why: relay },
  { file: "outboxStatements.ts", statement: `"setAsideAt" = clock_timestamp()`, why: relay },
  { file: "retentionStores.ts", statement: "SELECT 1 FROM invoices o", why: "records of files that no invoice names any more" },
  { file: "reconciliationStatements.ts", statement: "FROM invoices i", why: "the reconciler's round: invoices that want a job and have none" },
  { file: "reconciliationStatements.ts", statement: "FROM webhook_deliveries d", why: "the same for deliveries, with the data of the job that they get again" },
  { file: "webhookStatements.ts", statement: `"claimEpoch" > 0 AND status::text NOT IN`, why: "deliveries that were over long ago are deleted, whoever's they are; it gives a number" },
  { file: "retentionStores.ts", statement: "SELECT 1 FROM tt_worker.invoice_readers r", why: "kept answers that no invoice is left for" },
  { file: "PostgresOutsideTroubles.ts", statement: "FROM tt_worker.webhook_health h JOIN webhooks w", why: "webhooks that fail, for operators: ids, hosts and reasons" },
  { file: "PostgresOutsideTroubles.ts", statement: "FROM tt_worker.mailboxes m", why: "mailboxes that cannot be synced, for operators: ids, hosts and reasons" },
  { file: "PostgresMailRequests.ts", statement: `"takenUntil" IS NULL OR`, why: "questions of the admin page, answered by whichever process is first" },
  { file: "automationStatements.ts", statement: "FROM tt_worker.automation_changes ORDER BY", why: "users whose automations have changed: ids only" },
  { file: "mailboxStatements.ts", statement: "ORDER BY m.\"takenOverAt\"", why: "tenants whose mail settings have changed: ids only" },
  { file: "mailboxStatements.ts", statement: "WHERE m.idle AND m.enabled", why: "mailboxes to keep a connection to: ids only" },
  { file: "paidCallStatements.ts", statement: "WHERE state = 'begun' AND", why: "calls whose process has died: ids only" },
  { file: "paidCallStatements.ts", statement: "WITH before AS", why: "ends those calls, or one by its tenant and id (`which`)" },
  { file: "PostgresLeftovers.ts", statement: "json_array_elements_text", why: "how many files of the storage no invoice names, for an operator after a restore; it gives a number" },
  { file: "retentionStores.ts", statement: "SELECT 1 FROM tt_worker.mail_folders f", why: "records of mails that nobody needs any more" }
]
