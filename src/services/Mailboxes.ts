import { Context, Data, type Duration, type Effect, type Redacted } from "effect"
import type { EmailAccounts } from "../domain/mailbox/emailSettings.ts"
import type { MailboxId } from "../domain/mailbox/MailboxSettings.ts"
import type { Failure } from "../domain/Failure.ts"
import type { TenantId } from "../domain/ids.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

/** What the settings say, and whether just that has been taken over. */
export interface StoredAccounts extends EmailAccounts {
  readonly takenOver: boolean
}

/** The right to sync one mailbox. `epoch` is the fencing token: a holder whose epoch is no longer the newest changes nothing. */
export interface MailboxClaim {
  readonly tenantId: TenantId
  readonly mailboxId: MailboxId
  readonly epoch: bigint
}

/** What is known of a mailbox from its former syncs. */
export interface MailboxState {
  /** How long ago its last complete sync ended, by the database's clock; null when there was none. */
  readonly syncedAgo: Duration.Duration | null
  /** Refused logins in a row. */
  readonly loginFailures: number
  /** Paused after too many of them, until the credentials change. */
  readonly paused: boolean
  /** Not to be tried for this long; null when it may be. */
  readonly waits: Duration.Duration | null
  readonly lastError: string | null
  /** A refresh token that the provider gave later than the one in the settings, as it is stored. */
  readonly refreshToken: { readonly stored: string; readonly madeFrom: string } | null
}

export type MailboxClaimAnswer = Data.TaggedEnum<{
  Claimed: { readonly claim: MailboxClaim; readonly state: MailboxState }
  /** Another sync is at it, and was alive a moment ago. */
  Busy: { readonly after: Duration.Duration }
  /** Not in the settings any more. */
  Unknown: {}
}>
export const MailboxClaimAnswer = Data.taggedEnum<MailboxClaimAnswer>()

export interface MailboxClaimRequest {
  /** The queue's id of the job: a claim that the same job holds is dead. */
  readonly jobId: string
  readonly holder: string
  readonly lease: Duration.Duration
}

/** How a sync ended, as the admin sees it. */
export type SyncEnd = Data.TaggedEnum<{
  /** `note`: what should be known though it is no error, such as a daily limit that is reached. Not `complete`: more is to come. */
  Synced: { readonly note: string | null; readonly complete: boolean }
  /** The server asked for a pause: the account is well. */
  PutOff: { readonly note: string; readonly pause: Duration.Duration }
  Failed: {
    readonly code: string
    readonly sentence: string
    /** Not tried again before; null: whenever the next job comes. */
    readonly pause: Duration.Duration | null
    readonly login: "refused" | "paused" | "not-to-blame"
    /** Somebody has to do something: the tenant's webhooks are told, once for each such reason. */
    readonly lasting: boolean
  }
}>
export const SyncEnd = Data.taggedEnum<SyncEnd>()

/**
 * The tenants' mailboxes: the settings, which are the admin's and are only read, and beside them what the worker knows.
 * Queries name their tenant; the sweep over all tenants returns ids only. All clocks are the database's.
 */
export class Mailboxes extends Context.Service<Mailboxes, {
  /** As the settings have them now; null when there is no such tenant. */
  readonly accounts: (tenantId: TenantId) => Effect.Effect<StoredAccounts | null, MailboxesError>
  /** Tenants whose settings or features are not the ones that were taken over last. */
  readonly changed: (limit: number) => Effect.Effect<ReadonlyArray<TenantId>, MailboxesError>
  /**
   * Takes the settings over: rows for new mailboxes, those that are gone are marked, and where the credentials have
   * changed a pause is over. `digests` are of the credentials, by mailbox. Imported invoices are never touched.
   */
  readonly takeOver: (tenantId: TenantId, accounts: EmailAccounts, digests: ReadonlyMap<MailboxId, string>) => Effect.Effect<void, MailboxesError>
  /** Mailboxes that a connection is wanted to, over all tenants: ids only. */
  readonly idle: (limit: number) => Effect.Effect<ReadonlyArray<{ readonly tenantId: TenantId; readonly mailboxId: MailboxId }>, MailboxesError>
  readonly claim: (tenantId: TenantId, mailboxId: MailboxId, request: MailboxClaimRequest) => Effect.Effect<MailboxClaimAnswer, MailboxesError>
  /** Fails with `ClaimLost` when somebody took over. */
  readonly renew: (claim: MailboxClaim, lease: Duration.Duration) => Effect.Effect<void, MailboxesError>
  /** Records the end and lets go; a lasting failure becomes the event `email-sync.error` in the same transaction. */
  readonly finish: (claim: MailboxClaim, end: SyncEnd) => Effect.Effect<void, MailboxesError>
  /** Lets go without a word. */
  readonly release: (claim: MailboxClaim) => Effect.Effect<void, MailboxesError>
  /** Keeps a token that the provider has given instead of the one that `madeFrom` is the digest of. */
  readonly keepRefreshToken: (claim: MailboxClaim, token: Redacted.Redacted<string>, madeFrom: string) => Effect.Effect<void, MailboxesError>
}>()("tt-worker/services/Mailboxes") {}

export class MailboxesError
  extends Data.TaggedError("MailboxesError")<{
    readonly tenantId: string | null
    /** `refused`: the database cannot store what it was given; the tables are well. */
    readonly reason: "unavailable" | "misfit" | "refused" | "claim-lost"
    readonly detail: string
    readonly cause?: unknown
  }>
  implements Failure
{
  override get message(): string {
    return `${this.tenantId === null ? "mailboxes" : `mailboxes of tenant ${this.tenantId}`}: ${this.detail}`
  }
  get code(): string {
    return this.reason === "claim-lost" ? "claim-lost" : `database-${this.reason}`
  }
  get retry(): Retry {
    return this.reason === "unavailable"
      ? Retry.RateLimited({ after: databasePause })
      : this.reason === "claim-lost" ? Retry.Transient() : Retry.Permanent()
  }
  get plainWords(): string {
    return this.reason === "claim-lost"
      ? "Another sync of this mailbox took over."
      : "The mailbox could not be synced because of a fault on our side. It will be tried again by itself."
  }
}
