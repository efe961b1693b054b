import { Context, Data, type Duration, type Effect } from "effect"
import type { JobDataByQueue, QueueName } from "../contract/index.ts"

export interface AddOptions {
  /** An id of your own: while the queue keeps a job with it, finished or not, the same id adds nothing. Not an integer, no colon. */
  readonly jobId?: string
  /** Not before this long from now. */
  readonly delay?: Duration.Duration
  /** BullMQ's: within its tenant, 0 (or none) goes first, then 1, 2 … */
  readonly priority?: number
  /** W3C trace context; the current span's where it is not given. */
  readonly traceparent?: string | null
}

export interface JobToAdd<Q extends QueueName> extends AddOptions {
  readonly data: JobDataByQueue[Q]
}

/** A job as some other program wrote it down: its consumer will look at the data, nobody before. */
export interface StoredJob extends AddOptions {
  readonly data: unknown
}

/** Adds jobs with the recommended options, and answers what only the queue itself knows. */
export class JobProducer extends Context.Service<JobProducer, {
  /** The queue's id of the new job. */
  readonly add: <Q extends QueueName>(queue: Q, data: JobDataByQueue[Q], options?: AddOptions) => Effect.Effect<string, JobProducerError>
  /** The ids in the order given. Where it fails, some may have been added: with the same ids it can be done again. */
  readonly addMany: <Q extends QueueName>(queue: Q, jobs: ReadonlyArray<JobToAdd<Q>>) => Effect.Effect<ReadonlyArray<string>, JobProducerError>
  /** The same for data of which only the consumer knows whether it fits. */
  readonly addStored: (queue: QueueName, jobs: ReadonlyArray<StoredJob>) => Effect.Effect<ReadonlyArray<string>, JobProducerError>
  /**
   * Which of these jobs are still to be run or running: in line, active, delayed, or held by their children. One call,
   * whose cost grows with the queue's length; ask for a thousand at once rather than for one a thousand times.
   */
  readonly alive: (queue: QueueName, jobIds: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>, JobProducerError>
  /** An id that is kept beside the queue's jobs and made when it is missing: another one means that they were flushed. */
  readonly incarnation: (queue: QueueName) => Effect.Effect<string, JobProducerError>
}>()("tt-worker/services/JobProducer") {}

/** `refused`: this job, whenever it is added. `unavailable`: the queue's server, whatever is asked of it. */
export class JobProducerError extends Data.TaggedError("JobProducerError")<{
  readonly queue: string
  readonly reason: "refused" | "unavailable"
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.reason === "refused" ? `queue ${this.queue} refuses the job: ${this.detail}` : `queue ${this.queue} cannot be used: ${this.detail}`
  }
}
