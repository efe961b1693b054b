import { Duration, Effect, Option, Result } from "effect"
import type * as Digest from "effect/crypto/Digest"
import { type EmailSyncJobData, QUEUE_NAMES } from "../../src/contract/index.ts"
import { EmailSyncJob } from "../../src/contract/jobSchemas.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import { TenantId } from "../../src/domain/ids.ts"
import type { Mailbox } from "../../src/domain/mailbox/MailboxSettings.ts"
import { type ScheduledRun, scheduledRunOf } from "../../src/domain/ScheduledRun.ts"
import { attributes } from "../../src/observability/attributes.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import type { LimitReached, Limits } from "../../src/services/Limits.ts"
import { Mailboxes, type MailboxesError } from "../../src/services/Mailboxes.ts"
import type { MailCredentials } from "../../src/services/MailCredentials.ts"
import type { MailLedger } from "../../src/services/MailLedger.ts"
import type { MailError, MailServers } from "../../src/services/MailServers.ts"
import type { ObjectStorage, StorageError } from "../../src/services/ObjectStorage.ts"
import { RunOutcome, Schedules, type SchedulesError } from "../../src/services/Schedules.ts"
import { Tenants, type TenantsError } from "../../src/services/Tenants.ts"
import { type FailureRecord, Opening, type Program } from "../../src/supervisor/Program.ts"
import { MailboxBusy, MoreToCome, TenantNotFound } from "./EmailSyncFailure.ts"
import { claimLease, isDue, type MailboxSync, syncMailbox } from "./syncMailbox.ts"
import { isOn, takeOverSettings } from "./takeOverSettings.ts"

export type EmailSyncFailure =
  | TenantNotFound
  | MoreToCome
  | MailboxBusy
  | TenantsError
  | MailboxesError
  | MailError
  | StorageError
  | SchedulesError
  | LimitReached

export type EmailSyncServices =
  | Tenants
  | Mailboxes
  | MailLedger
  | MailServers
  | MailCredentials
  | ObjectStorage
  | Schedules
  | Limits
  | Digest.Digest

/** What a job works on. */
export interface TenantSync {
  readonly tenantId: TenantId
  readonly mailboxes: ReadonlyArray<Mailbox>
  readonly attempt: JobAttempt
  readonly run: ScheduledRun | null
}

/** A slow mailbox stops by itself before; this only makes sure that nothing stays for ever. */
const timeLimit = Duration.minutes(20)
/** A job that keeps being put off is given up after a day: others come by schedule. */
const maxAge = Duration.hours(24)
/** Mailboxes of one tenant at a time: one that hangs does not hold up the others. */
const atOnce = 3
/** Longer than a job may take. */
const runLease = Duration.minutes(25)

const open = Effect.fn("EmailSync.open")(function*(data: EmailSyncJobData, attempt: JobAttempt) {
  const tenantId = TenantId.make(data.tenantId)
  const features = yield* (yield* Tenants).features(tenantId)
  const accounts = yield* (yield* Mailboxes).accounts(tenantId)
  if (features === null || accounts === null) return yield* new TenantNotFound({ tenantId })
  const run = Option.getOrNull(scheduledRunOf(attempt.data))
  const schedules = yield* Schedules
  if (run !== null) {
    const begun = yield* schedules.begin(tenantId, run, attempt.jobId, runLease)
    if (begun === "busy") return Opening.wait(Duration.seconds(30), "another job does this run")
    if (begun === "finished") return Opening.skip("already-done: this run was done")
  }
  const skip = Effect.fnUntraced(function*(reason: string) {
    if (run !== null) yield* schedules.finish(tenantId, run, attempt.jobId, RunOutcome.Done())
    return Opening.skip(reason)
  })
  if (!isOn(features)) return yield* skip(`feature-off: ${features.invoices ? "emailSync" : "invoices"} is switched off for this tenant`)
  if (!accounts.takenOver) yield* takeOverSettings(tenantId, accounts, features)
  const mailboxes = accounts.mailboxes.filter(({ enabled }) => enabled)
  if (mailboxes.length === 0) return yield* skip("no-mailbox: no mailbox of this tenant is enabled")
  return Opening.held<TenantSync>({ tenantId, mailboxes, attempt, run })
})

/** One mailbox of a job: synced, or left out with a reason. */
const visit = Effect.fnUntraced(function*({ attempt, run, tenantId }: TenantSync, mailbox: Mailbox) {
  const mailboxes = yield* Mailboxes
  const answer = yield* mailboxes.claim(tenantId, mailbox.id, { jobId: attempt.jobId, holder: attempt.jobName, lease: claimLease })
  if (answer._tag === "Busy") return yield* new MailboxBusy({ mailboxId: mailbox.id, after: Duration.min(answer.after, Duration.seconds(15)) })
  if (answer._tag === "Unknown") return null
  const { claim, state } = answer
  if (state.paused || state.waits !== null || (run !== null && !isDue(mailbox, state))) {
    yield* mailboxes.release(claim)
    return null
  }
  return yield* syncMailbox(tenantId, mailbox, claim, state)
})

/** What may pass by itself comes first: then the job comes again, and what does not is recorded with its mailbox anyway. */
const urgency = (failure: Failure): number => ({ Transient: 0, RateLimited: 1, Permanent: 2 })[failure.retry._tag]

const work = Effect.fn("EmailSync.work")(function*(sync: TenantSync) {
  const results = yield* Effect.forEach(sync.mailboxes, (mailbox) => Effect.result(visit(sync, mailbox)), { concurrency: atOnce })
  const failures = results.filter(Result.isFailure).map(({ failure }) => failure).sort((a, b) => urgency(a) - urgency(b))
  const [failure] = failures
  if (failure !== undefined) return yield* Effect.fail(failure)
  const synced = results.filter(Result.isSuccess).flatMap(({ success }): ReadonlyArray<MailboxSync> => success === null ? [] : [success])
  if (synced.some(({ more }) => more)) return yield* new MoreToCome({ tenantId: sync.tenantId })
  if (sync.run !== null) yield* (yield* Schedules).finish(sync.tenantId, sync.run, sync.attempt.jobId, RunOutcome.Done())
  const sum = (field: "looked" | "imported" | "duplicates" | "failed") => synced.reduce((all, one) => all + one[field], 0)
  return {
    mailboxes: synced.length,
    leftOut: results.length - synced.length,
    mails: sum("looked"),
    imported: sum("imported"),
    duplicates: sum("duplicates"),
    failed: sum("failed")
  }
})

const endRun = ({ attempt, run, tenantId }: TenantSync, record: FailureRecord) =>
  run === null ? Effect.void : Schedules.use((schedules) => Effect.asVoid(schedules.finish(tenantId, run, attempt.jobId, RunOutcome.Failed({ reason: record.code }))))

/** `email-sync`: from a tenant's mailboxes to invoices. What went wrong with a mailbox stands in its row for the admin. */
export const EmailSync: Program<EmailSyncJobData, TenantSync, EmailSyncFailure, EmailSyncServices> = {
  queue: QUEUE_NAMES.EMAIL_SYNC,
  schema: EmailSyncJob,
  timeLimit,
  maxAge,
  identify: (data: EmailSyncJobData) => ({ [attributes.tenantId]: data.tenantId }),
  open,
  work,
  giveUp: Effect.fn("EmailSync.giveUp")(endRun),
  noteRetry: () => Effect.void,
  release: () => Effect.void
}
