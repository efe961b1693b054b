import { Context, type Duration, type Effect, type Redacted } from "effect"
import type { TenantId } from "../domain/ids.ts"
import type { MailboxesError } from "./Mailboxes.ts"

export type MailQuestion = "test-connection" | "dry-run"

/** What the admin asked of a mailbox by a button: about a saved one, or about settings that are not saved yet. */
export interface MailRequest {
  readonly id: string
  readonly tenantId: TenantId
  readonly question: MailQuestion
  readonly mailboxId: string | null
  /** An entry as in `emailSettings`; it may hold a password. */
  readonly settings: Redacted.Redacted<unknown> | null
}

export interface MailAnswer {
  readonly ok: boolean
  /** Where it ended: settings, dns, connect, tls, login, folder, or done. */
  readonly step: "settings" | "dns" | "connect" | "tls" | "login" | "folder" | "done"
  /** One sentence. */
  readonly answer: string
  /** For people who want more: of a dry run, what would be imported. */
  readonly details: unknown
}

/**
 * Requests to the worker as rows with an answer (`tt_worker.request_mail`), so that the API needs no IMAP. Each is
 * answered once; one whose process died comes again when the lease is over.
 */
export class MailRequests extends Context.Service<MailRequests, {
  readonly take: (limit: number, lease: Duration.Duration) => Effect.Effect<ReadonlyArray<MailRequest>, MailboxesError>
  /** Takes the settings out of the row as well. */
  readonly answer: (request: MailRequest, answer: MailAnswer) => Effect.Effect<void, MailboxesError>
}>()("tt-worker/services/MailRequests") {}
