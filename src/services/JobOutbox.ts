import { Context, Data, type Duration, type Effect } from "effect"
import type { JobDataByQueue, QueueName } from "../contract/index.ts"
import type { Failure } from "../domain/Failure.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

export interface OutboxOptions {
  /** An id of your own, by which the same job is added once only; not an integer, no colon. */
  readonly jobId?: string
  /** Not before this long from now. */
  readonly delay?: Duration.Duration
  /** BullMQ's: within its tenant, 0 (or none) goes first, then 1, 2 … */
  readonly priority?: number
}

export interface OutboxJob<Q extends QueueName> extends OutboxOptions {
  readonly data: JobDataByQueue[Q]
}

/**
 * Jobs enqueued in one transaction with the business change that they belong to: both happen or neither. Call it
 * inside that transaction, on the same database. Where the queues are in Redis, the job starts a moment after the
 * commit, at the latest when Redis is there again. The current span's trace goes with the job.
 */
export class JobOutbox extends Context.Service<JobOutbox, {
  /** The job's id. */
  readonly enqueue: <Q extends QueueName>(queue: Q, data: JobDataByQueue[Q], options?: OutboxOptions) => Effect.Effect<string, JobOutboxError>
  /** The jobs' ids, in the order given. */
  readonly enqueueMany: <Q extends QueueName>(queue: Q, jobs: ReadonlyArray<OutboxJob<Q>>) => Effect.Effect<ReadonlyArray<string>, JobOutboxError>
  /** Says where the queues live; to be called when a supervisor starts. What is enqueued before the first call waits for the relay. */
  readonly announceBackend: (backend: "postgres" | "redis") => Effect.Effect<void, JobOutboxError>
}>()("tt-worker/services/JobOutbox") {}

/** `refused`: this job cannot be kept (an id that cannot be used, a NUL character where the queue is in PostgreSQL). */
export class JobOutboxError
  extends Data.TaggedError("JobOutboxError")<{
    readonly queue: string | null
    readonly reason: "refused" | "unavailable" | "misfit"
    readonly detail: string
    readonly cause?: unknown
  }>
  implements Failure
{
  override get message(): string {
    return this.queue === null ? this.detail : `a job for queue ${this.queue} could not be enqueued: ${this.detail}`
  }
  get code(): string {
    return this.reason === "refused" ? "job-refused" : `database-${this.reason}`
  }
  get retry(): Retry {
    return this.reason === "unavailable" ? Retry.RateLimited({ after: databasePause }) : Retry.Permanent()
  }
  get plainWords(): string {
    return "The work could not be put in line because of a fault on our side. Please try again later."
  }
}
