import { Clock, Effect } from "effect"
import type { Mailbox } from "../../domain/mailbox/MailboxSettings.ts"
import { type FolderPlace, MailLedger } from "../../services/MailLedger.ts"
import type { SyncContext } from "./syncFolder.ts"

/** Whether the settings want imported mails flagged or moved. */
export const isMarking = ({ imported: { flag, moveTo } }: Mailbox): boolean => flag !== undefined || moveTo !== undefined

/**
 * Flags or moves a mail that was imported. It comes after the record, and what fails here costs no invoice and makes none
 * twice: it is noted, and tried again with the next sync. A mail that is gone is settled.
 */
export const markImported = Effect.fn("MailPipeline.markImported")(function*({ claim, connection, mailbox }: SyncContext, place: FolderPlace, uid: number) {
  const ledger = yield* MailLedger
  const { flag, moveTo } = mailbox.imported
  const isDone = yield* connection.use((session) =>
    Effect.gen(function*() {
      if (flag !== undefined) yield* session.flag(uid, flag)
      if (moveTo !== undefined) yield* session.move(uid, moveTo)
    })
  ).pipe(
    Effect.as(true),
    Effect.catchTag("MailError", (error) => Effect.as(Effect.logWarning(`an imported mail could not be flagged or moved, which is tried again: ${error.message}`), false))
  )
  yield* ledger.settleMark(claim, place, uid, isDone)
  return isDone
})

/** Where so many mails one after the other cannot be marked, the rest waits for the next sync. */
const mostFailures = 3

/** What an earlier sync could not flag or move. */
export const markLate = Effect.fn("MailPipeline.markLate")(function*(context: SyncContext, place: FolderPlace) {
  const ledger = yield* MailLedger
  let failures = 0
  for (const uid of yield* ledger.marks(context.claim, place)) {
    if (failures >= mostFailures || (yield* Clock.currentTimeMillis) >= context.until) return
    failures = (yield* markImported(context, place, uid)) ? 0 : failures + 1
  }
})
