import { Clock, type DateTime, Duration, Effect } from "effect"
import { cursorAfter } from "../../domain/mailbox/uidCursor.ts"
import type { Mailbox } from "../../domain/mailbox/MailboxSettings.ts"
import type { MailboxClaim, MailboxesError } from "../../services/Mailboxes.ts"
import { type FolderPlace, type LedgerStates, MailLedger, type MailOutcome } from "../../services/MailLedger.ts"
import type { MailError, MailOverview } from "../../services/MailServers.ts"
import { isBroken, type MailConnection } from "./MailConnection.ts"
import { blame, cannotBeStored, goneOutcome, handleMail, withoutText } from "./handleMail.ts"
import type { ImportLimits } from "./importLimits.ts"
import { isMarking, markLate } from "./markImported.ts"

/** Mails whose structure is asked for at once, and whose outcome and cursor are saved together. */
const batchSize = 50

export interface FolderSync {
  readonly looked: number
  readonly imported: number
  readonly duplicates: number
  readonly failed: number
  /** Imported mails that are still to be flagged or moved. */
  readonly unmarked: number
  /** A day's limit is reached: which. */
  readonly limit: string | null
  /** The time for this sync is over; more is to be looked at. */
  readonly more: boolean
}

export interface SyncContext {
  readonly claim: MailboxClaim
  readonly mailbox: Mailbox
  readonly connection: MailConnection<MailboxesError>
  readonly limits: ImportLimits
  /** When this sync should come to an end, in milliseconds since the epoch: the next one goes on. */
  readonly until: number
}

const inBatches = (uids: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: Math.ceil(uids.length / batchSize) }, (_, n) => uids.slice(n * batchSize, (n + 1) * batchSize))

const mayBeOneMail = (error: MailError | MailboxesError): error is MailError => error._tag === "MailError" && (isBroken(error) || error.reason._tag === "Refused")

/** Looks at a whole batch; where the server's answer breaks the connection, at one mail after the other to find out which. */
const lookAt = Effect.fnUntraced(function*(connection: MailConnection<MailboxesError>, uids: ReadonlyArray<number>) {
  const overviews: Array<MailOverview> = []
  const faults = new Map<number, MailError>()
  const all = yield* Effect.result(connection.use((session) => session.look(uids)))
  if (all._tag === "Success") return { overviews: all.success, faults }
  if (!mayBeOneMail(all.failure)) return yield* all.failure
  for (const uid of uids) {
    const one = yield* Effect.result(connection.use((session) => session.look([uid])))
    if (one._tag === "Success") overviews.push(...one.success)
    // Where the connection cannot be made again it is not the mail that is to blame.
    else if (mayBeOneMail(one.failure)) faults.set(uid, one.failure)
    else return yield* one.failure
  }
  if (faults.size === uids.length && uids.length > 1) return yield* all.failure
  return { overviews, faults }
})

/**
 * Brings one folder up to date: lists what is not settled, settles it mail by mail, and saves the cursor with each step.
 * Can be stopped anywhere: what was not settled is found again.
 */
export const syncFolder = Effect.fn("MailPipeline.folder")(function*(context: SyncContext, folder: string) {
  const { claim, connection, mailbox } = context
  const ledger = yield* MailLedger
  const writable = isMarking(mailbox)
  const opened = yield* connection.open(folder, { writable })
  const place: FolderPlace = { folder, uidValidity: opened.uidValidity }
  const list = (from: number, to: number | null, since: DateTime.Utc | null) => connection.use((session) => session.list({ from, to, since }))

  // What the server says of its next UID may be missing, old or too low: mails at and above it tell.
  const beyond = opened.exists === 0 ? [] : yield* list(Math.max(1, opened.uidNext), null, null)
  const uidNext = Math.max(opened.uidNext, (beyond.at(-1) ?? -1) + 1)
  const progress = yield* ledger.openFolder(claim, place, { uidNext, lookBack: Duration.days(mailbox.lookBackDays) })
  if (writable) yield* markLate(context, place)
  const states: LedgerStates = yield* ledger.states(claim, place, progress.cursor)
  const { cursor, firstUidNext, since } = progress
  const old = cursor < firstUidNext ? yield* list(cursor, firstUidNext - 1, since) : []
  const freshFrom = Math.max(cursor, firstUidNext, 1)
  const fresh = freshFrom >= opened.uidNext ? beyond.filter((uid) => uid >= freshFrom) : yield* list(freshFrom, null, null)
  // Asked for again, or failed before: they count although they may be gone.
  const known = [...states.again, ...states.failed.keys()].filter((uid) => uid >= cursor)
  const listed = [...new Set([...old, ...fresh, ...known])].sort((a, b) => a - b)

  const settled = new Set(states.settled)
  const todo = listed.filter((uid) => !settled.has(uid) && states.failed.get(uid)?.due !== false)
  const sum = { looked: 0, imported: 0, duplicates: 0, failed: 0 }
  const done = (limit: string | null, more: boolean) =>
    Effect.map(writable ? ledger.marks(claim, place) : Effect.succeed([]), ({ length: unmarked }): FolderSync => ({ ...sum, unmarked, limit, more }))

  for (const batch of inBatches(todo)) {
    if ((yield* Clock.currentTimeMillis) >= context.until) return yield* done(null, true)
    const { faults, overviews } = yield* lookAt(connection, batch)
    const outcomes: Array<MailOutcome> = []
    const note = (outcome: MailOutcome) => {
      outcomes.push(outcome)
      if (outcome.state === "nothing") return
      sum.failed++
    }
    const save = Effect.gen(function*() {
      const settling = outcomes.filter(({ state }) => state !== "failed").map(({ mail }) => mail.uid)
      const after = cursorAfter(cursor, listed, new Set([...settled, ...settling]))
      yield* ledger.settle(claim, place, outcomes, after).pipe(
        // No header stops a sync: then the outcomes are kept without what was read from the mails.
        Effect.catchIf(cannotBeStored, () => ledger.settle(claim, place, outcomes.map(withoutText), after))
      )
      for (const uid of settling) settled.add(uid)
      outcomes.length = 0
    })

    const seen = new Map(overviews.map((overview) => [overview.uid, overview]))
    for (const uid of batch) {
      const overview = seen.get(uid)
      const fault = faults.get(uid)
      const attempts = states.failed.get(uid)?.attempts ?? 0
      sum.looked++
      if (fault !== undefined) note(blame({ uid }, attempts, fault))
      else if (overview === undefined) note(goneOutcome(uid))
      else {
        const settledWithIt = () => cursorAfter(cursor, listed, new Set([...settled, uid]))
        const handled = yield* handleMail({ ...context, place, overview, attempts, again: states.again.has(uid), cursorWithIt: settledWithIt })
        if (handled._tag === "Outcome") note(handled.outcome)
        else if (handled._tag === "LimitReached") {
          yield* save
          return yield* done(handled.limit, false)
        } else {
          settled.add(uid)
          sum.imported += handled.imported
          sum.duplicates += handled.duplicates
        }
      }
      if ((yield* Clock.currentTimeMillis) >= context.until) {
        yield* save
        return yield* done(null, true)
      }
    }
    yield* save
  }
  return yield* done(null, false)
})
