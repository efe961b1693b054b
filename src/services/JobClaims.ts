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
 * Which process runs which job, in PostgreSQL, so that whoever takes a job again can tell a death from a lost
 * connection: the row stands from before the job begins until it has ended, and its process is dead when it has not
 * shown itself for six seconds by the database's clock. Calls of one moment are one statement.
 */
export class JobClaims extends Context.Service<JobClaims, {
  /** Written before the job begins. */
  readonly begin: (job: JobKey) => Effect.Effect<JobHistory, JobClaimsError>
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
