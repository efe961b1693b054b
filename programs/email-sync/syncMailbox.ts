import { Clock, Context, Duration, Effect } from "effect"
import { durationInWords } from "../../src/domain/plainWords.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import { afterRefusal } from "../../src/domain/mailbox/loginRefusals.ts"
import type { Mailbox } from "../../src/domain/mailbox/MailboxSettings.ts"
import { connectMailbox } from "../../src/pipeline/mail/connectMailbox.ts"
import { dryRun, dryRunInWords } from "../../src/pipeline/mail/dryRun.ts"
import { importLimitsOf, type MailQuota } from "../../src/pipeline/mail/importLimits.ts"
import { makeMailConnection } from "../../src/pipeline/mail/MailConnection.ts"
import { type FolderSync, syncFolder } from "../../src/pipeline/mail/syncFolder.ts"
import { Limits } from "../../src/services/Limits.ts"
import { type MailboxClaim, Mailboxes, type MailboxesError, type MailboxState, SyncEnd } from "../../src/services/Mailboxes.ts"
import type { MailError } from "../../src/services/MailServers.ts"

export interface EmailSyncOptions extends MailQuota {
  /** Connections to one host at a time, over all tenants and replicas. Gmail bears 15 for one account, and counts none by address. */
  readonly perHost: number
}

/** The operator's word. */
export const EmailSyncSettings = Context.Reference<EmailSyncOptions>("tt-worker/programs/EmailSyncSettings", {
  defaultValue: () => ({ perHost: 10, importsPerDay: 2_000, bytesPerDay: 10 * 1024 * 1024 * 1024 })
})

/** After this long without a sign of life a claim counts as dead. */
export const claimLease = Duration.seconds(60)
const renewEvery = Duration.seconds(20)

/** Then a sync stops between two mails, and the job comes again. */
const syncTime = Duration.minutes(8)

/** Waiting here for a place at the host: the job's own time, and cheaper than coming again. */
const waitForPlace = Duration.seconds(10)

/** What cannot be mended by trying again soon is tried again seldom. */
const settingsPause = Duration.minutes(30)

const keepClaim = (claim: MailboxClaim): Effect.Effect<never, MailboxesError, Mailboxes> =>
  Mailboxes.use(({ renew }) =>
    Effect.sleep(renewEvery).pipe(
      Effect.andThen(renew(claim, claimLease)),
      Effect.catchIf(({ reason }) => reason === "unavailable", (error) => Effect.logWarning("the claim on a mailbox could not be renewed; it is tried again", error)),
      Effect.forever
    )
  )

const total = (syncs: ReadonlyArray<FolderSync>) => ({
  looked: syncs.reduce((sum, { looked }) => sum + looked, 0),
  imported: syncs.reduce((sum, { imported }) => sum + imported, 0),
  duplicates: syncs.reduce((sum, { duplicates }) => sum + duplicates, 0),
  failed: syncs.reduce((sum, { failed }) => sum + failed, 0),
  unmarked: syncs.reduce((sum, { unmarked }) => sum + unmarked, 0),
  limit: syncs.find(({ limit }) => limit !== null)?.limit ?? null,
  more: syncs.some(({ more }) => more),
  dryRun: null
})
export type MailboxSync = Omit<ReturnType<typeof total>, "dryRun"> & { readonly dryRun: string | null }

const noteOf = ({ dryRun, limit, more, unmarked }: MailboxSync): string | null =>
  dryRun !== null ? `${dryRun}; nothing is imported while the dry run is on` : limit !== null
    ? `the limit of ${limit} is reached; the rest is imported by itself later`
    : more
    ? "the mailbox is large; the sync goes on by itself"
    : unmarked > 0 ? `${unmarked} imported ${unmarked === 1 ? "mail" : "mails"} could not be flagged or moved yet; this is tried again by itself` : null

/** How a failure is told to the admin, and what follows from it. */
const endOf = (error: MailError, state: MailboxState): SyncEnd => {
  const { reason } = error
  if (reason._tag === "Throttled") {
    return SyncEnd.PutOff({ note: `${error.host} asks for fewer connections; the sync goes on by itself in ${durationInWords(reason.after)}`, pause: reason.after })
  }
  if (reason._tag === "PasswordRefused" || reason._tag === "TokenRefused") {
    const { pause, paused, sentence } = afterRefusal(state.loginFailures, error.plainWords)
    return SyncEnd.Failed({ code: error.code, sentence, pause, login: paused ? "paused" : "refused", lasting: true })
  }
  const isSettings = error.retry._tag === "Permanent"
  return SyncEnd.Failed({ code: error.code, sentence: error.plainWords, pause: isSettings ? settingsPause : null, login: "not-to-blame", lasting: isSettings })
}

/**
 * Syncs one claimed mailbox and records how it ended, for the admin. Fails with the reason, which is recorded by then,
 * except where the database or the file storage is away: those are no fault of the mailbox.
 */
export const syncMailbox = Effect.fn("EmailSync.mailbox")(function*(tenantId: TenantId, mailbox: Mailbox, claim: MailboxClaim, state: MailboxState) {
  const mailboxes = yield* Mailboxes
  const limits = yield* Limits
  const settings = yield* EmailSyncSettings
  const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(syncTime)

  const tryOut = Effect.map(dryRun(tenantId, mailbox, { claim, state }), (found): MailboxSync => ({
    ...total([]),
    looked: found.looked,
    dryRun: dryRunInWords(found)
  }))
  const sync = mailbox.dryRun ? tryOut : Effect.scoped(Effect.gen(function*() {
    const services = yield* Effect.context<Effect.Services<ReturnType<typeof connectMailbox>>>()
    const connection = yield* makeMailConnection(mailbox.host, Effect.provide(connectMailbox(tenantId, mailbox, { claim, state }), services))
    const context = { claim, mailbox, connection, limits: importLimitsOf(mailbox, settings), until }
    const done: Array<FolderSync> = []
    for (const folder of mailbox.folders) {
      done.push(yield* syncFolder(context, folder))
      if (total(done).limit !== null) break
    }
    yield* Effect.annotateCurrentSpan({ "tt.mail.received_bytes": yield* connection.received })
    return total(done) satisfies MailboxSync
  }))

  const ended = yield* limits.withLimits(`mail-host:${mailbox.host.toLowerCase()}`, { concurrency: settings.perHost, maxWait: waitForPlace }, sync).pipe(
    Effect.raceFirst(keepClaim(claim)),
    Effect.tap((done) => mailboxes.finish(claim, SyncEnd.Synced({ note: noteOf(done), complete: !done.more }))),
    Effect.tapError((error) => error._tag === "MailError" ? mailboxes.finish(claim, endOf(error, state)) : Effect.ignore(mailboxes.release(claim))),
    Effect.onInterrupt(() => Effect.ignore(mailboxes.release(claim)))
  )
  yield* Effect.logInfo(
    `mailbox synced: ${ended.looked} mails looked at, ${ended.imported} invoices imported, ${ended.duplicates} known already, ${ended.failed} mails failed`
  )
  return ended
})

/** Whether it is this mailbox's turn in a job that a schedule has made: its own interval may be longer than the tenant's shortest. */
export const isDue = (mailbox: Mailbox, state: MailboxState): boolean =>
  state.syncedAgo === null ||
  // A tick comes a little early or late.
  Duration.toMinutes(state.syncedAgo) >= mailbox.intervalMinutes * 0.9
