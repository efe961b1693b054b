import { Effect, Schema } from "effect"

const Millis = Schema.Finite

/** A node of a supervision tree, for people who look. */
export interface TreeNodeStatus {
  readonly name: string
  readonly path: string
  readonly strategy: string | null
  readonly state: string
  readonly since: number
  readonly restarts: number
  readonly lastFailure: string | null
  readonly nextStart: number | null
  readonly children: ReadonlyArray<TreeNodeStatus>
}
export const TreeNodeStatus: Schema.Codec<TreeNodeStatus> = Schema.Struct({
  name: Schema.String,
  path: Schema.String,
  strategy: Schema.NullOr(Schema.String),
  state: Schema.String,
  since: Millis,
  restarts: Schema.Int,
  lastFailure: Schema.NullOr(Schema.String),
  nextStart: Schema.NullOr(Millis),
  children: Schema.Array(Schema.suspend((): Schema.Codec<TreeNodeStatus> => TreeNodeStatus))
})

/** A pool of a queue's jobs. */
export const PoolStatus = Schema.Struct({
  queue: Schema.String,
  state: Schema.String,
  /** Why it takes nothing though it should. */
  trouble: Schema.NullOr(Schema.Struct({ kind: Schema.String, detail: Schema.String })).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  running: Schema.Int,
  concurrency: Schema.Int,
  finished: Schema.Int
})
export type PoolStatus = typeof PoolStatus.Type

/** A job that runs; `step` is the innermost thing that it is at. */
export const RunningJob = Schema.Struct({
  queue: Schema.String,
  jobId: Schema.String,
  tenantId: Schema.NullOr(Schema.String),
  invoiceId: Schema.NullOr(Schema.String),
  attempt: Schema.Int,
  step: Schema.NullOr(Schema.String),
  since: Millis,
  traceId: Schema.String
})
export type RunningJob = typeof RunningJob.Type

/**
 * An attempt that did not end well. Of attempts that were put off for one reason the last one stands for all, or an
 * outage would hide everything else: `times` says how many there were.
 */
export const JobTrouble = Schema.Struct({
  at: Millis,
  queue: Schema.String,
  jobId: Schema.String,
  outcome: Schema.Literals(["retry", "fail", "postpone"]),
  reason: Schema.String,
  traceId: Schema.NullOr(Schema.String),
  times: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1)))
})
export type JobTrouble = typeof JobTrouble.Type

/** A service outside that this process uses, as it has answered: a provider, or the storage. */
export const OutsideService = Schema.Struct({
  name: Schema.String,
  /** Calls under way. */
  running: Schema.Int,
  answeredAt: Schema.NullOr(Millis),
  failedAt: Schema.NullOr(Millis),
  failure: Schema.NullOr(Schema.String),
  /** Until when its limits let nothing more through, and why. */
  limitedUntil: Schema.NullOr(Millis),
  limit: Schema.NullOr(Schema.String)
})
export type OutsideService = typeof OutsideService.Type

/**
 * One worker process at one moment, as it tells all others: its tree, its pools, what runs and what went wrong last.
 * Times in milliseconds since the epoch, by its own clock. No tenant's data but ids.
 */
export const ProcessStatus = Schema.Struct({
  at: Millis,
  ready: Schema.Boolean,
  tree: TreeNodeStatus,
  pools: Schema.Array(PoolStatus),
  jobs: Schema.Array(RunningJob),
  /** Jobs that run beside those listed. */
  moreJobs: Schema.Int,
  troubles: Schema.Array(JobTrouble),
  outside: Schema.Array(OutsideService).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
})
export type ProcessStatus = typeof ProcessStatus.Type
