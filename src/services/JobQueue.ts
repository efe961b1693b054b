import { Context, Data, type Duration, type Effect, type Scope } from "effect"
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
  /** The same of the attempt before this one that failed, if one did. */
  readonly previousTrace: string | null
  /** Why this job must not run any more, though it was handed over: its row is closed with this, and it fails. */
  readonly condemned: string | null
}

/** A job that this process holds, with the token that proves it. The queue's own handle of it stays inside the layer. */
export interface TakenJob {
  readonly attempt: JobAttempt
  readonly token: string
  /** As its data say; empty where they do not. For taking turns only: programs decode the data themselves. */
  readonly tenant: string
  /**
   * Null for a job that nobody who held it has ever lost (by a death, or a connection that broke). `by` is who lost it since
   * it was last taken, as it called itself in `TakeRules`; null where nobody did, or it is not known.
   */
  readonly lost: { readonly by: string | null } | null
}

/** Whose jobs may be taken now, and who takes them. */
export interface TakeRules {
  /** Kept beside each job for whoever takes it when it has been lost. Unique, with no space in it. */
  readonly holder: string
  /** Most jobs of one tenant in flight at once, over all replicas; null for no limit. */
  readonly tenantLimit: number | null
  readonly pausedTenants: ReadonlySet<string>
}

export interface Taking {
  readonly jobs: ReadonlyArray<TakenJob>
  /** Jobs wait that may not be taken now (paused tenants, limits): looking again at once is of no use. */
  readonly heldBack: boolean
  /** How long until the next delayed job is due; null when none is. */
  readonly nextDue: Duration.Duration | null
  /** Somebody has paused this queue by BullMQ's own means, which this worker never does. */
  readonly pausedByOthers: boolean
}

export type Acknowledgement =
  /** The queue has carried out the verdict. */
  | "done"
  /** The lock was no longer ours: nothing was moved, the job is or will be somebody else's. */
  | "lock-lost"

/** How many jobs are where; counting may stop at ten thousand. */
export interface QueueCounts {
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly failed: number
}

/**
 * One queue, as a consumer sees it: take, hold, acknowledge. What waits is taken tenant by tenant in turns, whatever order
 * it was added in. Within a tenant what was handed back or recovered comes first, then what has begun before (retried, put
 * off), then the rest by priority and age.
 *
 * A taken job is locked for `lockDuration`; whoever holds it renews in time, or stops working on it. No effect here waits
 * for ever: each has a time limit of its own, after which it fails and may still happen later.
 */
export interface JobQueue {
  readonly lockDuration: Duration.Duration
  /** At most `count` jobs that may run now, each locked by a token of its own. */
  readonly take: (count: number, rules: TakeRules) => Effect.Effect<Taking, JobQueueError>
  /** Resolves when there may be something to take, at the latest after `atMost`. */
  readonly awaitWork: (atMost: Duration.Duration) => Effect.Effect<void, JobQueueError>
  /** Holds these for another `lockDuration`; the ids of those that are not ours any more. */
  readonly renew: (jobs: ReadonlyArray<TakenJob>) => Effect.Effect<ReadonlyArray<string>, JobQueueError>
  /** Carries out a verdict. Safe to repeat. */
  readonly acknowledge: (job: TakenJob, verdict: Verdict) => Effect.Effect<Acknowledgement, JobQueueError>
  /** Puts jobs whose holder has let the lock run out back in line, first of their tenant; their ids. */
  readonly recoverStalled: Effect.Effect<ReadonlyArray<string>, JobQueueError>
  /** By another connection than the one that takes, so that a dead one of those is noticed. */
  readonly counts: Effect.Effect<QueueCounts, JobQueueError>
}

/** Opens queues. Connections belong to the scope. */
export class JobQueues extends Context.Service<JobQueues, {
  /** Waits until the queue's server lets us in. */
  readonly open: (queue: QueueName) => Effect.Effect<JobQueue, JobQueueError, Scope.Scope>
}>()("tt-worker/services/JobQueues") {}

/** What keeps the queue's server from doing what it was asked: `full`, it has no room for another command. */
export type QueueTrouble = "no-answer" | "full" | "refused"

/** The queue's server did not do what it was asked; trying again may help. */
export class JobQueueError extends Data.TaggedError("JobQueueError")<{
  readonly queue: string
  readonly kind: QueueTrouble
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `queue ${this.queue}: ${this.detail}`
  }
}
