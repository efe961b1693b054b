import { Data, Duration } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import { Retry } from "../../src/domain/Retry.ts"

/** No such tenant: gone, or never there. */
export class TenantNotFound extends Data.TaggedError("TenantNotFound")<{ readonly tenantId: string }> implements Failure {
  readonly code = "tenant-not-found"
  readonly retry = Retry.Permanent()
  readonly plainWords = "The firm does not exist any more."
  override get message(): string {
    return `there is no tenant ${this.tenantId}`
  }
}

/** Not an error: the time of one job is over, and the next goes on where it stopped. Others get their turn in between. */
export class MoreToCome extends Data.TaggedError("MoreToCome")<{ readonly tenantId: string }> implements Failure {
  readonly code = "more-to-come"
  readonly retry = Retry.RateLimited({ after: Duration.seconds(1) })
  readonly plainWords = "The mailbox is large; the sync goes on by itself."
  override get message(): string {
    return `mailboxes of tenant ${this.tenantId} have more to sync`
  }
}

/** Another job is at a mailbox of this tenant. */
export class MailboxBusy extends Data.TaggedError("MailboxBusy")<{ readonly mailboxId: string; readonly after: Duration.Duration }> implements Failure {
  readonly code = "mailbox-busy"
  readonly retry = Retry.RateLimited({ after: this.after })
  readonly plainWords = "Another sync of this mailbox is under way."
  override get message(): string {
    return `mailbox "${this.mailboxId}" is being synced by another job`
  }
}
