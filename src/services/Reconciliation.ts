import { Context, Data, type DateTime, type Effect } from "effect"
import type { JobDataByQueue, QueueName } from "../contract/index.ts"

/** A row that waits for a job and may have lost it. */
export interface Candidate<Q extends QueueName = QueueName> {
  readonly tenantId: string
  readonly id: string
  /** How often it was enqueued again in this incarnation of the queue. */
  readonly tries: number
  /** Jobs that may still be alive; while one is, the row is well. None: it has no job that anybody knows of. */
  readonly jobIds: ReadonlyArray<string>
  readonly data: JobDataByQueue[Q]
}

export interface CandidateQuery {
  readonly incarnation: string
  /** Rows created before are left alone, unless the worker knows them; null: from the moment when it moved in. */
  readonly since: DateTime.Utc | null
  /** Most rows without a known job, fair by tenant. */
  readonly most: number
  /** Most rows with a known job, those that were looked at longest ago first. */
  readonly mostChecked: number
}

export interface Enqueued {
  readonly tenantId: string
  readonly id: string
  readonly jobId: string
}

/** One kind of row that must have a job until it is done. Sweeps over all tenants; every row names its own. */
export interface ReconciliationSource<Q extends QueueName = QueueName> {
  /** As it stands in the report. */
  readonly name: string
  readonly queue: Q
  readonly candidates: (query: CandidateQuery) => Effect.Effect<ReadonlyArray<Candidate<Q>>, ReconciliationError>
  /** Written after the queue has the jobs: should it be lost, the same ids are added again, to no effect. */
  readonly record: (incarnation: string, enqueued: ReadonlyArray<Enqueued>) => Effect.Effect<void, ReconciliationError>
  /** These have a live job: others are looked at first, the next time. */
  readonly recordAlive: (rows: ReadonlyArray<{ readonly tenantId: string; readonly id: string }>) => Effect.Effect<void, ReconciliationError>
}

/** What the database knows about rows and their jobs, so that a queue can be made again from it. */
export class Reconciliation extends Context.Service<Reconciliation, {
  readonly sources: ReadonlyArray<ReconciliationSource>
  /** Notes the queue's incarnation. From when on a job id of the worker's own records is one of this incarnation. */
  readonly noteIncarnation: (queue: QueueName, incarnation: string) => Effect.Effect<void, ReconciliationError>
  /** Runs it in a transaction of its own, unless another replica is at the same work: null then. */
  readonly alone: <A, E, R>(work: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A | null, E | ReconciliationError, R>
}>()("tt-worker/services/Reconciliation") {}

export class ReconciliationError extends Data.TaggedError("ReconciliationError")<{ readonly detail: string; readonly cause?: unknown }> {
  override get message(): string {
    return `the rows that wait for jobs cannot be looked at: ${this.detail}`
  }
}
