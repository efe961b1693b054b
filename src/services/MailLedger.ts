import { Context, Data, type DateTime, type Duration, type Effect } from "effect"
import type { InvoiceId, StorageKey, TenantId } from "../domain/ids.ts"
import type { MailboxId } from "../domain/mailbox/MailboxSettings.ts"
import type { MailboxClaim, MailboxesError } from "./Mailboxes.ts"

/** One folder in one numbering of the server's (UIDVALIDITY). */
export interface FolderPlace {
  readonly folder: string
  readonly uidValidity: bigint
}

export interface FolderProgress {
  /** The lowest UID that is not settled: all below are. */
  readonly cursor: number
  /** Mails below were there at the first sync. */
  readonly firstUidNext: number
  /** Of those, only the ones received since then are looked at. */
  readonly since: DateTime.Utc
}

/** A mail as it is shown and searched for; text without control characters. */
export interface MailRecord {
  readonly uid: number
  readonly messageId: string | null
  readonly sender: string | null
  readonly subject: string | null
  readonly sentAt: DateTime.Utc | null
  readonly receivedAt: DateTime.Utc | null
  readonly size: number
}

/** What is said of an attachment that does not become an invoice. `reasonCode` is a stable word. */
export interface SkippedAttachment {
  readonly name: string
  readonly contentType: string | null
  readonly size: number | null
  readonly reasonCode: string
}

/** An attachment that is to become an invoice; its bytes are in the storage under `key`. */
export interface StoredAttachment {
  readonly name: string
  readonly contentType: string
  readonly size: number
  readonly sha256: string
  readonly invoiceId: InvoiceId
  readonly generation: number
  readonly key: StorageKey
}

/** What became of a mail without an import. */
export interface MailOutcome {
  readonly mail: MailRecord
  readonly state: "nothing" | "failed" | "given-up"
  readonly reasonCode: string
  readonly reason: string
  readonly attempts: number
  readonly nextTry: Duration.Duration | null
  readonly skipped: ReadonlyArray<SkippedAttachment>
}

export interface DayLimits {
  readonly mailboxImports: number
  readonly mailboxBytes: number
  readonly tenantImports: number
  readonly tenantBytes: number
}

export interface MailImport {
  readonly mail: MailRecord
  readonly attachments: ReadonlyArray<StoredAttachment>
  readonly skipped: ReadonlyArray<SkippedAttachment>
  readonly limits: DayLimits
  /** The settings want it flagged or moved afterwards: noted with the import, settled by `settleMark`. */
  readonly isMarked: boolean
}

export type ImportAnswer = Data.TaggedEnum<{
  Imported: { readonly imported: number; readonly duplicates: number }
  /** Nothing was written: the day's imports or bytes of the mailbox or the tenant would be exceeded. */
  LimitReached: { readonly limit: string }
}>
export const ImportAnswer = Data.taggedEnum<ImportAnswer>()

/** UIDs of the ledger at and above a cursor. */
export interface LedgerStates {
  readonly settled: ReadonlySet<number>
  /** Failed before; how often. */
  readonly failed: ReadonlyMap<number, { readonly attempts: number; readonly due: boolean }>
  /** Asked for again by somebody. */
  readonly again: ReadonlySet<number>
}

/** Whether content is an invoice already. `generation` counts the invoices that it became. */
export type KnownContent = { readonly invoiceId: InvoiceId; readonly generation: number; readonly exists: boolean }

/**
 * The record of every mail, by which each is settled once and each content becomes one invoice. Every write names the
 * claim on the mailbox in the same statement and fails with `claim-lost` where it is another's by now.
 */
export class MailLedger extends Context.Service<MailLedger, {
  /**
   * Where a folder stands. In another numbering, or the first time, it begins again at 1; so it does where the server's
   * next UID has gone back, and what was known of its mails is forgotten: the same numbers may stand for others. Content
   * that was imported stays known.
   */
  readonly openFolder: (
    claim: MailboxClaim,
    place: FolderPlace,
    seen: { readonly uidNext: number; readonly lookBack: Duration.Duration }
  ) => Effect.Effect<FolderProgress, MailboxesError>
  readonly states: (claim: MailboxClaim, place: FolderPlace, from: number) => Effect.Effect<LedgerStates, MailboxesError>
  /** Records mails that are settled without an import, or failed, and moves the cursor: all or nothing. */
  readonly settle: (claim: MailboxClaim, place: FolderPlace, outcomes: ReadonlyArray<MailOutcome>, cursor: number) => Effect.Effect<void, MailboxesError>
  /**
   * Rows in `invoices`, their jobs, what was received, the records of content and mail, and the cursor: in one transaction. An attachment
   * whose content the tenant has as an invoice is a duplicate and makes none.
   */
  readonly importMail: (claim: MailboxClaim, place: FolderPlace, what: MailImport, cursor: number) => Effect.Effect<ImportAnswer, MailboxesError>
  /** Imported mails that are still to be flagged or moved, ascending. */
  readonly marks: (claim: MailboxClaim, place: FolderPlace) => Effect.Effect<ReadonlyArray<number>, MailboxesError>
  /** The mail is flagged or moved, or gone; or it was tried in vain, which is given up after some syncs. */
  readonly settleMark: (claim: MailboxClaim, place: FolderPlace, uid: number, isDone: boolean) => Effect.Effect<void, MailboxesError>
  readonly known: (tenantId: TenantId, hashes: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, KnownContent>, MailboxesError>
  /** Has one mail looked at and imported again, and enqueues a sync; false where the ledger does not know it. What is an invoice stays one. */
  readonly askAgain: (tenantId: TenantId, mailboxId: MailboxId, place: FolderPlace, uid: number) => Effect.Effect<boolean, MailboxesError>
}>()("tt-worker/services/MailLedger") {}
