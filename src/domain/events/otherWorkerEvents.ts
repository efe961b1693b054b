import { Schema } from "effect"
import { eventOf, text, textOrNull, Timestamp } from "./eventShape.ts"

/** A mailbox can no longer be read, and somebody has to do something about it. */
export const EmailSyncError = eventOf("email-sync.error", {
  mailboxId: textOrNull("the mailbox's id in the tenant's settings, where it has one"),
  errorCode: text("stable"),
  errorMessage: text("a sentence for the admin")
})

const health = {
  webhookId: text("the webhook that fails, not the one that is told"),
  reason: text("a sentence for the admin"),
  failingSince: Schema.NullOr(Timestamp)
}

/** A webhook has failed for so long that it will be disabled if nothing changes. */
export const WebhookFailing = eventOf("webhook.failing", health)

/** The worker has switched a webhook off; it goes to the tenant's other webhooks. */
export const WebhookDisabled = eventOf("webhook.disabled", { ...health, disabledAt: Timestamp })
