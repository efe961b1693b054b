import { Context, Data, type DateTime, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"

/** What an operator wants of the queues; every replica does it within two seconds, and after every restart. */
export interface Controls {
  readonly pausedQueues: ReadonlySet<QueueName>
  /** Nothing new is taken, and it is told when the last job has ended. */
  readonly drainingQueues: ReadonlySet<QueueName>
  /** Jobs at once in each process, where an operator has changed it. */
  readonly concurrency: ReadonlyMap<QueueName, number>
  /** Tenants whose jobs wait; under null for all queues. */
  readonly pausedTenants: ReadonlyMap<QueueName | null, ReadonlySet<string>>
}

export const noControls: Controls = { pausedQueues: new Set(), drainingQueues: new Set(), concurrency: new Map(), pausedTenants: new Map() }

/** The tenants whose jobs of this queue wait. */
export const pausedTenantsOf = ({ pausedTenants }: Controls, queue: QueueName): ReadonlySet<string> =>
  new Set([...pausedTenants.get(null) ?? [], ...pausedTenants.get(queue) ?? []])

export type ControlCommand = Data.TaggedEnum<{
  Pause: { readonly queue: QueueName }
  Drain: { readonly queue: QueueName }
  /** Ends a pause and a drain. */
  Resume: { readonly queue: QueueName }
  /** null: back to what the environment says. */
  SetConcurrency: { readonly queue: QueueName; readonly concurrency: number | null }
  /** null: all queues. */
  PauseTenant: { readonly tenantId: string; readonly queue: QueueName | null }
  ResumeTenant: { readonly tenantId: string; readonly queue: QueueName | null }
}>
export const ControlCommand = Data.taggedEnum<ControlCommand>()

/** What else people do that goes on record; `value` names the invoice, job or delivery. */
export const otherActions = ["Reprocess", "RetryJob", "PromoteJob", "RevealJob", "Replay", "EraseTenant", "TakeOverQueue"] as const

/** One line of the record of who wanted what. */
export interface ControlRecord {
  readonly at: DateTime.Utc
  readonly by: string
  readonly action: ControlCommand["_tag"] | typeof otherActions[number]
  readonly queue: string | null
  readonly tenantId: string | null
  readonly value: string | null
}

/** Operators' commands as rows of our own: BullMQ's pause is never used, since versions of BullMQ lose jobs over it. */
export class QueueControls extends Context.Service<QueueControls, {
  readonly read: Effect.Effect<Controls, QueueControlsError>
  /** Takes effect on every replica within two seconds, and is recorded with who and when. */
  readonly change: (command: ControlCommand, by: string) => Effect.Effect<void, QueueControlsError>
  /** Puts something else that somebody did on the same record. */
  readonly note: (entry: Omit<ControlRecord, "at"> & { readonly action: typeof otherActions[number] }) => Effect.Effect<void, QueueControlsError>
  /** The newest first. */
  readonly history: (limit: number) => Effect.Effect<ReadonlyArray<ControlRecord>, QueueControlsError>
}>()("tt-worker/services/QueueControls") {}

export class QueueControlsError extends Data.TaggedError("QueueControlsError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `the operators' commands: ${this.detail}`
  }
}
