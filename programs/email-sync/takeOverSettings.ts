import { Effect } from "effect"
import * as Digest from "effect/crypto/Digest"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import type { Features } from "../../src/domain/Features.ts"
import type { TenantId } from "../../src/domain/ids.ts"
import type { EmailAccounts } from "../../src/domain/mailbox/emailSettings.ts"
import { credentialsLine } from "../../src/domain/mailbox/MailboxSettings.ts"
import { Mailboxes } from "../../src/services/Mailboxes.ts"
import { Schedules, ScheduleTarget } from "../../src/services/Schedules.ts"

export const scheduleKind = "email-sync"

/** Whether the tenant's switches let its mail be synced. */
export const isOn = (features: Features): boolean => features.emailSync && features.invoices

/**
 * Carries the settings over: rows for the mailboxes, and a schedule at the shortest interval of those that are enabled.
 * Doing it again changes nothing.
 */
export const takeOverSettings = Effect.fn("EmailSync.takeOverSettings")(function*(tenantId: TenantId, accounts: EmailAccounts, features: Features) {
  const schedules = yield* Schedules
  const mailboxes = yield* Mailboxes
  const digest = yield* Digest.Digest
  const digests = new Map(
    yield* Effect.forEach(accounts.mailboxes, (mailbox) =>
      Effect.map(digest.digestHex(Digest.sha256, new TextEncoder().encode(credentialsLine(mailbox))), (hex) => [mailbox.id, hex] as const))
  )
  const enabled = accounts.mailboxes.filter((mailbox) => mailbox.enabled)
  if (enabled.length === 0) yield* schedules.remove(tenantId, { kind: scheduleKind, key: tenantId })
  else {
    yield* schedules.register([{
      kind: scheduleKind,
      key: tenantId,
      tenantId,
      target: ScheduleTarget.Job({ queue: QUEUE_NAMES.EMAIL_SYNC, data: { tenantId } }),
      spec: { type: "interval", everySeconds: Math.min(...enabled.map(({ intervalMinutes }) => intervalMinutes)) * 60, spread: true },
      catchUp: "run-once",
      enabled: isOn(features)
    }])
  }
  // Last: it notes that all was done.
  yield* mailboxes.takeOver(tenantId, accounts, digests)
})
