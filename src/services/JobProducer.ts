import { Context, Data, type Effect } from "effect"
import type { JobDataByQueue, QueueName } from "../contract/index.ts"

/** Adds jobs with the recommended options, carrying the current span's trace context. */
export class JobProducer extends Context.Service<JobProducer, {
  /** The queue's id of the new job. */
  readonly add: <Q extends QueueName>(queue: Q, data: JobDataByQueue[Q]) => Effect.Effect<string, JobProducerError>
}>()("tt-worker/services/JobProducer") {}

export class JobProducerError extends Data.TaggedError("JobProducerError")<{
  readonly queue: string
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `could not add a job to queue ${this.queue}: ${this.detail}`
  }
}
