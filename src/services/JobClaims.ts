import { Context, Data, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { Failure } from "../domain/Failure.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

/** What is known of a job that is about to run. */
export interface JobHistory {
  /** Processes that died while they ran it, among others or alone. */
  readonly deaths: number
  /** Those of them that ran nothing else: this job's doing. */
  readonly deathsAlone: number
}

export interface JobKey {
  readonly queue: QueueName
  readonly jobId: string
  readonly tenant: string
}

/**
 * Which process runs a job that may have killed one, in PostgreSQL, so that whoever takes it again can tell a death from a
 * lost connection: a process is dead when it has not shown itself for six seconds by the database's clock. A job that no
 * holder has ever lost has no record, and costs nothing. From the first loss on its row stands from before it begins until
 * it has ended. The queue says who held it at the first loss; should the queue forget (a Redis that was flushed in that
 * very moment), the job is under suspicion from its next death on.
 */
export class JobClaims extends Context.Service<JobClaims, {
  /** This process, for `TakeRules`. */
  readonly holder: string
  /** The ids of a queue's jobs that have a record, for a queue that has forgotten that they were lost. */
  readonly recorded: (queue: QueueName) => Effect.Effect<ReadonlySet<string>, JobClaimsError>
  /** Written before the job begins. `lostBy` is the process that held it last and lost it, where there is no record yet. */
  readonly begin: (job: JobKey, lostBy: string | null) => Effect.Effect<JobHistory, JobClaimsError>
  /** From here on a death of this process is this job's doing. */
  readonly runsAlone: (job: JobKey) => Effect.Effect<void, JobClaimsError>
  /** It has ended, whatever way: its history is forgotten. Does not wait; a row left over by a crash does no harm. */
  readonly end: (job: JobKey) => Effect.Effect<void>
  /** It has not run after all: its history stays. Does not wait either. */
  readonly putBack: (job: JobKey) => Effect.Effect<void>
}>()("tt-worker/services/JobClaims") {}

export class JobClaimsError extends Data.TaggedError("JobClaimsError")<{ readonly detail: string; readonly cause?: unknown }> implements Failure {
  readonly code = "database-unavailable"
  readonly retry = Retry.RateLimited({ after: databasePause })
  readonly plainWords = "The work could not begin because of a fault on our side. It will be tried again by itself."
  override get message(): string {
    return `the record of running jobs: ${this.detail}`
  }
}
