import { Duration, Effect, Schedule } from "effect"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import sharedTables from "./migrations/0001_shared_tables.ts"
import invoiceClaims from "./migrations/0002_invoice_claims.ts"
import runningJobs from "./migrations/0003_running_jobs.ts"
import outbox from "./migrations/0004_outbox.ts"
import schedules from "./migrations/0005_schedules.ts"
import limits from "./migrations/0006_limits.ts"
import reconciliation from "./migrations/0007_reconciliation.ts"
import supervision from "./migrations/0008_supervision.ts"
import webhooks from "./migrations/0009_webhooks.ts"
import events from "./migrations/0010_events.ts"
import paidCalls from "./migrations/0011_paid_calls.ts"
import mail from "./migrations/0012_mail.ts"
import automations from "./migrations/0013_automations.ts"
import processStatus from "./migrations/0014_process_status.ts"
import receivedFiles from "./migrations/0015_received_files.ts"
import jobPriority from "./migrations/0016_job_priority.ts"
import mailMarks from "./migrations/0017_mail_marks.ts"
import enqueueJobs from "./migrations/0018_enqueue_jobs.ts"
import forgetAnswers from "./migrations/0019_forget_answers.ts"
import invoiceNumbers from "./migrations/0020_invoice_numbers.ts"

/** Any number that no other program uses: "ttwk" in ASCII. */
const advisoryLock = 0x7474776b

const migrations = {
  "0001_shared_tables": sharedTables,
  "0002_invoice_claims": invoiceClaims,
  "0003_running_jobs": runningJobs,
  "0004_outbox": outbox,
  "0005_schedules": schedules,
  "0006_limits": limits,
  "0007_reconciliation": reconciliation,
  "0008_supervision": supervision,
  "0009_webhooks": webhooks,
  "0010_events": events,
  "0011_paid_calls": paidCalls,
  "0012_mail": mail,
  "0013_automations": automations,
  "0014_process_status": processStatus,
  "0015_received_files": receivedFiles,
  "0016_job_priority": jobPriority,
  "0017_mail_marks": mailMarks,
  "0018_enqueue_jobs": enqueueJobs,
  "0019_forget_answers": forgetAnswers,
  "0020_invoice_numbers": invoiceNumbers
}

/** Each begins with its number. */
export const migrationNames: ReadonlyArray<string> = Object.keys(migrations)

const migrate = Migrator.make({})

/**
 * Brings the database up to date: creates what is missing, adds what is missing, drops and renames nothing. Safe to
 * start from several processes at once (an advisory lock), all or nothing (one transaction); running it again does
 * nothing. It never waits long for a table that others use: it lets go and tries again.
 */
export const runMigrations: Effect.Effect<
  ReadonlyArray<readonly [id: number, name: string]>,
  Migrator.MigrationError | SqlError,
  SqlClient.SqlClient
> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(${advisoryLock})`
    yield* sql`SET LOCAL lock_timeout = '5s'`
    yield* sql`SET LOCAL statement_timeout = 0`
    yield* sql`CREATE SCHEMA IF NOT EXISTS tt_worker`
    return yield* migrate({
      loader: Migrator.fromRecord(migrations),
      table: "tt_worker.migrations"
    })
  }))
}).pipe(
  Effect.retry({
    schedule: Schedule.spaced(Duration.seconds(2)),
    times: 5,
    while: (error) => error._tag === "SqlError" ? error.isRetryable : lockTimedOut(error)
  }),
  Effect.withSpan("Migrations.run")
)

const lockTimedOut = (error: Migrator.MigrationError): boolean => {
  const cause = error.cause
  return typeof cause === "object" && cause !== null && "_tag" in cause && cause._tag === "SqlError" && "isRetryable" in cause && cause.isRetryable === true
}
