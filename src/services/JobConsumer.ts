import { Context, Data, type Effect, type Scope } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { Backoff } from "../domain/Backoff.ts"
import type { Verdict } from "../domain/Verdict.ts"

/** One attempt of a job, as the queue handed it over. */
export interface JobAttempt {
  readonly queue: QueueName
  readonly jobId: string
  readonly jobName: string
  /** Not yet looked at: decoded by the attempt. */
  readonly data: unknown
  /** 1 for the first. Attempts that were put off or handed back do not count. */
  readonly number: number
  readonly maxAttempts: number
  readonly backoff: Backoff
  /** Milliseconds since the epoch at which the producer added the job. */
  readonly addedAt: number
  /** W3C trace context of the producer (BullMQ's telemetry metadata), if it sent one. */
  readonly traceparent: string | null
}

export interface Subscription {
  /** No job is started from here on. */
  readonly stopTaking: Effect.Effect<void>
  /** Resolves when no job is running. */
  readonly idle: Effect.Effect<void>
  /** Interrupts what is running and gives those jobs back, without using up an attempt; says how many. */
  readonly handBack: Effect.Effect<number>
  /** Jobs that ended since the subscription began, those handed back not counted. */
  readonly finished: Effect.Effect<number>
}

export interface SubscribeOptions<R> {
  readonly queue: QueueName
  readonly concurrency: number
  readonly handle: (attempt: JobAttempt) => Effect.Effect<Verdict, never, R>
}

/**
 * A queue's jobs, one at a time to `handle`, up to `concurrency` at once. No type of the queue's library shows.
 * A job whose lock is lost is interrupted and abandoned; `handle` never fails: its verdict is carried out.
 */
export class JobConsumer extends Context.Service<JobConsumer, {
  readonly subscribe: <R>(options: SubscribeOptions<R>) => Effect.Effect<Subscription, JobConsumerError, R | Scope.Scope>
}>()("tt-worker/services/JobConsumer") {}

export class JobConsumerError extends Data.TaggedError("JobConsumerError")<{
  readonly queue: string
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `queue ${this.queue}: ${this.detail}`
  }
}
