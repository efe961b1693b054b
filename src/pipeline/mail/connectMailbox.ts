import { Effect } from "effect"
import type { TenantId } from "../../domain/ids.ts"
import type { Mailbox } from "../../domain/mailbox/MailboxSettings.ts"
import type { MailboxClaim, MailboxState } from "../../services/Mailboxes.ts"
import { MailCredentials } from "../../services/MailCredentials.ts"
import { MailServers } from "../../services/MailServers.ts"

/**
 * Logs in as the settings say. A refused access token is asked for anew once: it may have been withdrawn before its
 * time. Fails with the reason of the step that failed.
 */
export const connectMailbox = Effect.fn("MailPipeline.connect")(function*(
  tenantId: TenantId,
  mailbox: Mailbox,
  held: { readonly claim: MailboxClaim; readonly state: MailboxState } | null
) {
  const servers = yield* MailServers
  const credentials = yield* MailCredentials
  const connect = Effect.gen(function*() {
    const login = yield* credentials.login(tenantId, mailbox, held)
    return yield* servers.connect({
      host: mailbox.host,
      port: mailbox.port,
      security: mailbox.security,
      ca: mailbox.tls?.ca ?? null,
      fingerprint: mailbox.tls?.fingerprint ?? null,
      login
    })
  })
  return yield* Effect.catchIf(
    connect,
    (error) => error._tag === "MailError" && error.reason._tag === "TokenRefused" && error.step === "login",
    () => Effect.andThen(credentials.forget(tenantId, mailbox), connect)
  )
})
