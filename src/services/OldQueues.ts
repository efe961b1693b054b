import { Context, Data, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"

/** A repeatable job as BullMQ 5 and older made it (`add(…, { repeat })`). Version 6 runs it once and then for ever without its data. */
export interface LegacyRepeat {
  /** BullMQ's own key of it. */
  readonly key: string
  readonly name: string
  /** Cron, or null. */
  readonly pattern: string | null
  readonly everyMillis: number | null
  readonly timeZone: string | null
  /** What its ticks carry; null where no job with it is left. */
  readonly data: unknown
}

export interface OldWays {
  /** Somebody has paused the queue by BullMQ's own means. */
  readonly paused: boolean
  /** Jobs that version 5 put aside by that. */
  readonly putAside: number
  readonly repeats: ReadonlyArray<LegacyRepeat>
}

/** What an older BullMQ has left in a queue that this worker does in another way. */
export class OldQueues extends Context.Service<OldQueues, {
  /** Changes nothing. */
  readonly look: (queue: QueueName) => Effect.Effect<OldWays, OldQueuesError>
  /** Ends BullMQ's pause and puts the jobs that it set aside back in line; how many. Pause the queue by the worker's own row before, so that nothing starts. */
  readonly takeOverPause: (queue: QueueName) => Effect.Effect<number, OldQueuesError>
  /** Removes a repeatable job with its next tick. */
  readonly removeRepeat: (queue: QueueName, key: string) => Effect.Effect<void, OldQueuesError>
}>()("tt-worker/services/OldQueues") {}

export class OldQueuesError extends Data.TaggedError("OldQueuesError")<{ readonly queue: string; readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `queue ${this.queue}: ${this.detail}`
  }
}
