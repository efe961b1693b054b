import { Context, Data, type Effect } from "effect"

/** A tenant's webhook that is not delivered to as it should be. Times in milliseconds since the epoch. */
export interface EndpointTrouble {
  readonly tenantId: string
  readonly webhookId: string
  /** Scheme and host: the rest of the address may be a credential. */
  readonly host: string
  /** `slowed`: it has asked to be left alone until `until`. */
  readonly state: "failing" | "slowed" | "disabled"
  readonly since: number | null
  readonly until: number | null
  readonly failures: number
  /** The class of its last failure, or why it is switched off. */
  readonly reason: string | null
}

/** A tenant's mailbox that cannot be synced. */
export interface MailboxTrouble {
  readonly tenantId: string
  readonly mailboxId: string
  readonly host: string
  /** `paused`: not tried again before somebody changes its settings. */
  readonly state: "error" | "paused"
  readonly since: number | null
  /** Not tried again before. */
  readonly until: number | null
  /** In plain words. */
  readonly reason: string | null
}

/** What of the tenants' own servers does not work, the latest first. A sweep over all tenants, for operators: ids, hosts and reasons. */
export class OutsideTroubles extends Context.Service<OutsideTroubles, {
  readonly endpoints: (most: number) => Effect.Effect<ReadonlyArray<EndpointTrouble>, OutsideTroublesError>
  readonly mailboxes: (most: number) => Effect.Effect<ReadonlyArray<MailboxTrouble>, OutsideTroublesError>
}>()("tt-worker/services/OutsideTroubles") {}

export class OutsideTroublesError extends Data.TaggedError("OutsideTroublesError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `webhooks and mailboxes in trouble: ${this.detail}`
  }
}
