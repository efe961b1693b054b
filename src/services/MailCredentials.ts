import { Context, type Effect } from "effect"
import type { TenantId } from "../domain/ids.ts"
import type { Mailbox } from "../domain/mailbox/MailboxSettings.ts"
import type { MailboxClaim, MailboxesError, MailboxState } from "./Mailboxes.ts"
import type { Login, MailError } from "./MailServers.ts"

/**
 * From what the settings hold to what logs in: sealed secrets are opened, and refresh tokens exchanged for access tokens
 * at the operator's endpoint for the provider. Access tokens are kept in memory until shortly before they expire.
 */
export class MailCredentials extends Context.Service<MailCredentials, {
  /**
   * `held`: the claim of a sync and what is known of the mailbox; a refresh token that the provider rotates is kept
   * through it. null for a look at settings that may not be saved: nothing is kept then.
   */
  readonly login: (
    tenantId: TenantId,
    mailbox: Mailbox,
    held: { readonly claim: MailboxClaim; readonly state: MailboxState } | null
  ) => Effect.Effect<Login, MailError | MailboxesError>
  /** The access token was refused: the next login gets a new one. */
  readonly forget: (tenantId: TenantId, mailbox: Mailbox) => Effect.Effect<void>
}>()("tt-worker/services/MailCredentials") {}
