import { Context, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { JobProducerError } from "./JobProducer.ts"

/** How full a queue is, over all processes. */
export interface QueueStatistic {
  readonly queue: QueueName
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly failed: number
  /** When the job that waits longest was added, in milliseconds since the epoch; null when none waits. */
  readonly oldestAt: number | null
}

/** Asks queues how full they are. A sweep over all tenants: numbers only. */
export class QueueStatistics extends Context.Service<QueueStatistics, {
  readonly of: (queue: QueueName) => Effect.Effect<QueueStatistic, JobProducerError>
}>()("tt-worker/services/QueueStatistics") {}
