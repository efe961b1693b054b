import { Cause, Duration, Effect, Option } from "effect"
import { waitAfterTry } from "../../domain/mailbox/mailTries.ts"
import { readHeaderBlock } from "../../mail/headers.ts"
import { judgeMail } from "../../mail/judgeMail.ts"
import type { MailboxesError } from "../../services/Mailboxes.ts"
import { type FolderPlace, MailLedger, type MailOutcome, type MailRecord } from "../../services/MailLedger.ts"
import { MailError, type MailOverview, MailReason } from "../../services/MailServers.ts"
import type { StorageError } from "../../services/ObjectStorage.ts"
import { keepAttachment } from "./keepAttachment.ts"
import { isBroken } from "./MailConnection.ts"
import { isMarking, markImported } from "./markImported.ts"
import { mailRecordOf } from "./mailRecord.ts"
import { readMail } from "./readMail.ts"
import type { SyncContext } from "./syncFolder.ts"

/** For one mail with everything in it: the slowest line that is worth waiting for. */
const mailLimit = Duration.minutes(5)

export type Handled =
  /** Still to be recorded: nothing to import, or failed. */
  | { readonly _tag: "Outcome"; readonly outcome: MailOutcome }
  /** Recorded, cursor and all. */
  | { readonly _tag: "Imported"; readonly imported: number; readonly duplicates: number }
  | { readonly _tag: "LimitReached"; readonly limit: string }

export interface MailTask extends SyncContext {
  readonly place: FolderPlace
  readonly overview: MailOverview
  /** Tries that have failed before. */
  readonly attempts: number
  readonly again: boolean
  /** Where the cursor stands when this mail is settled. */
  readonly cursorWithIt: () => number
}

const bareRecord = (uid: number): MailRecord => ({ uid, messageId: null, sender: null, subject: null, sentAt: null, receivedAt: null, size: 0 })

const nothing = (mail: MailRecord, reasonCode: string, reason: string, skipped: MailOutcome["skipped"] = []): MailOutcome => ({
  mail,
  state: "nothing",
  reasonCode,
  reason,
  attempts: 0,
  nextTry: null,
  skipped
})

/** The same without anything that was read from the mail. */
export const withoutText = (outcome: MailOutcome): MailOutcome => ({ ...outcome, mail: bareRecord(outcome.mail.uid), skipped: [] })

export const goneOutcome = (uid: number): MailOutcome => nothing(bareRecord(uid), "gone", "the mail was not there any more")

/** A failed try, or the last one: then the mail is shown and passed over. */
export const blame = (mail: MailRecord | { readonly uid: number }, before: number, failure: { readonly code: string; readonly plainWords: string }): MailOutcome => {
  const attempts = before + 1
  const nextTry = waitAfterTry(attempts)
  return {
    mail: "size" in mail ? mail : bareRecord(mail.uid),
    state: nextTry === null ? "given-up" : "failed",
    reasonCode: failure.code,
    reason: nextTry === null ? `${failure.plainWords}; given up after ${attempts} tries` : failure.plainWords,
    attempts,
    nextTry,
    skipped: []
  }
}

/** The database refuses this mail, and no other: a name or a date that its types do not take. */
export const cannotBeStored = ({ reason }: MailboxesError): boolean => reason === "refused"

const unstorable = { code: "mail-not-storable", plainWords: "something in the mail cannot be stored" }

const unreadable = { code: "mail-not-understood", plainWords: "the mail could not be taken apart" }

/** What is the mail's own fault, and not the connection's, the database's or the storage's. */
const isTheMails = (error: MailError | MailboxesError | StorageError): error is MailError =>
  error._tag === "MailError" && (isBroken(error) || error.reason._tag === "Refused")

/**
 * One mail from its overview to a record of what became of it. Where the connection breaks in it, it is tried once more
 * on a new one; where that breaks as well and yet another can be made, the mail is to blame. Other faults end the sync.
 */
export const handleMail = Effect.fn("MailPipeline.mail")(function*(task: MailTask) {
  const { again, attempts, claim, connection, limits, mailbox, overview, place } = task
  const ledger = yield* MailLedger
  const header = readHeaderBlock(overview.headers)
  const mail = mailRecordOf(overview, header)
  const outcome = (made: MailOutcome): Handled => ({ _tag: "Outcome", outcome: made })

  const verdict = judgeMail(header, overview.size, { allowedSenders: mailbox.allowedSenders, maxMailBytes: null })
  if (verdict._tag === "Skip") return outcome(nothing(mail, verdict.reason, verdict.plainWords))

  const read = connection.use((session) => readMail(session, overview, limits, (attachment) => keepAttachment(claim.tenantId, attachment, again))).pipe(
    Effect.timeoutOrElse({
      duration: mailLimit,
      orElse: () => Effect.fail(new MailError({ host: mailbox.host, step: "folder", reason: MailReason.Silent({ after: mailLimit }) }))
    })
  )
  const found = yield* read.pipe(
    Effect.catchIf((error) => error._tag === "MailError" && isBroken(error), () => read),
    Effect.map(Option.some),
    Effect.catchIf(isTheMails, (error) =>
      // Whether the connection is well otherwise: then the mail is to blame.
      Effect.as(connection.use((session) => session.list({ from: overview.uid, to: overview.uid, since: null })), Option.none<never>()).pipe(
        Effect.tap(() => Effect.logInfo(`a mail could not be read: ${error.code}`))
      )),
    Effect.catchDefect((defect) =>
      Effect.as(Effect.logWarning("a mail could not be taken apart", Cause.die(defect)), "defect" as const)
    )
  )
  if (found === "defect") return outcome(blame(mail, attempts, unreadable))
  if (Option.isNone(found)) return outcome(blame(mail, attempts, { code: "mail-unreadable", plainWords: "the server could not hand over the mail" }))
  const { isGone, kept, skipped } = found.value
  if (isGone) return outcome({ ...goneOutcome(overview.uid), mail })
  if (kept.length === 0) return outcome(nothing(mail, "no-invoice", "nothing in it is an invoice", skipped))

  const answer = yield* ledger.importMail(claim, place, { mail, attachments: kept, skipped, limits, isMarked: isMarking(mailbox) }, task.cursorWithIt()).pipe(
    Effect.catchIf(cannotBeStored, (error) => Effect.as(Effect.logWarning("a mail cannot be stored", error), null))
  )
  if (answer === null) return outcome(blame(bareRecord(overview.uid), attempts, unstorable))
  if (answer._tag === "LimitReached") return { _tag: "LimitReached", limit: answer.limit } satisfies Handled
  if (isMarking(mailbox)) yield* markImported(task, place, overview.uid)
  return { _tag: "Imported", imported: answer.imported, duplicates: answer.duplicates } satisfies Handled
})
