import { Context, type Effect, type Redacted } from "effect"
import type { TenantId } from "../domain/ids.ts"
import type { MailboxesError } from "./Mailboxes.ts"

export interface TenantSecrets {
  /** `emailSettings` as it is. */
  readonly settings: Redacted.Redacted<unknown>
  readonly tokens: ReadonlyArray<{ readonly mailboxId: string; readonly stored: Redacted.Redacted<string> }>
}

/**
 * Where secrets of mailboxes lie, for the operator who changes keys. The settings are the admin's: they are written only
 * on the operator's command, and only where they are still what was read.
 */
export class StoredMailSecrets extends Context.Service<StoredMailSecrets, {
  /** Ids in order, from behind `after`. */
  readonly tenants: (after: TenantId | null, limit: number) => Effect.Effect<ReadonlyArray<TenantId>, MailboxesError>
  readonly read: (tenantId: TenantId) => Effect.Effect<TenantSecrets, MailboxesError>
  /** false where somebody has changed the settings meanwhile. */
  readonly replaceSettings: (tenantId: TenantId, before: Redacted.Redacted<unknown>, after: Redacted.Redacted<unknown>) => Effect.Effect<boolean, MailboxesError>
  readonly replaceToken: (tenantId: TenantId, mailboxId: string, before: Redacted.Redacted<string>, after: Redacted.Redacted<string>) => Effect.Effect<boolean, MailboxesError>
}>()("tt-worker/services/StoredMailSecrets") {}
