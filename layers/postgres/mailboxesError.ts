import { isSqlError } from "effect/sql/SqlError"
import { EventsError } from "../../src/services/Events.ts"
import { JobOutboxError } from "../../src/services/JobOutbox.ts"
import { MailboxesError } from "../../src/services/Mailboxes.ts"
import { isMisfit, serverMessageOf, sqlStateOf } from "./sqlState.ts"

/** SQL, outbox and decoding errors become ours; ours pass. */
export const toMailboxesError = (tenantId: string | null, doing: string) => (error: unknown): MailboxesError => {
  if (error instanceof MailboxesError) return error
  if (error instanceof JobOutboxError) {
    return new MailboxesError({ tenantId, reason: error.reason === "unavailable" ? "unavailable" : "misfit", detail: `${doing}: ${error.message}`, cause: error })
  }
  if (error instanceof EventsError) {
    return new MailboxesError({ tenantId, reason: error.reason === "unavailable" ? "unavailable" : "misfit", detail: `${doing}: ${error.message}`, cause: error })
  }
  if (isSqlError(error)) {
    // Class 22: what was given cannot be stored, and the tables are well.
    if (sqlStateOf(error)?.startsWith("22") === true) return new MailboxesError({ tenantId, reason: "refused", detail: `${doing}: ${serverMessageOf(error)}`, cause: error })
    return isMisfit(error)
      ? new MailboxesError({ tenantId, reason: "misfit", detail: `${doing}: ${serverMessageOf(error)}; the tables do not fit, run \`migrate\``, cause: error })
      : new MailboxesError({ tenantId, reason: "unavailable", detail: `${doing}: ${serverMessageOf(error)}`, cause: error })
  }
  return new MailboxesError({ tenantId, reason: "misfit", detail: `${doing}: a row does not fit`, cause: error })
}

export const claimLost = (tenantId: string, doing: string): MailboxesError =>
  new MailboxesError({ tenantId, reason: "claim-lost", detail: `${doing}: another sync has taken the mailbox over; nothing was written` })
