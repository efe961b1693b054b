import { Context, type Effect, type Option } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { JobSummary } from "../domain/Verdict.ts"
import type { JobProducerError } from "./JobProducer.ts"

/** A job as people may see it: data and reasons masked by `shownJobData`. Times in milliseconds since the epoch. */
export interface InspectedJob {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly data: unknown
  readonly attempts: number
  readonly addedAt: number
  readonly finishedAt: number | null
  /** Of its last failure. */
  readonly reason: string | null
  readonly traceId: string | null
  /** What a completed job said of itself: a few words, never invoice data. */
  readonly result: JobSummary | null
}

/** What was done about failed jobs. `NotFailed`: there is such a job, but not in the failed list. */
export type RetryAnswer = { readonly _tag: "Retried"; readonly jobs: number } | { readonly _tag: "NotFound" } | { readonly _tag: "NotFailed"; readonly state: string }

/** Looks into the lists of the queues and has failed jobs tried again. A sweep over all tenants; who uses it puts retries on record. */
export class JobInspector extends Context.Service<JobInspector, {
  /** The newest first. */
  readonly failed: (queue: QueueName, most: number) => Effect.Effect<ReadonlyArray<InspectedJob>, JobProducerError>
  /** The data of jobs that are not at an end, at most so many, as they are stored: for comparing, not for showing. */
  readonly unfinished: (queue: QueueName, most: number) => Effect.Effect<ReadonlyArray<unknown>, JobProducerError>
  /** With `reveal` its data stand there as they are, payload and address included; secrets stay masked. */
  readonly show: (queue: QueueName, jobId: string, options?: { readonly reveal: boolean }) => Effect.Effect<Option.Option<InspectedJob>, JobProducerError>
  /**
   * Puts a failed job, or all that have failed until now (null), back in line with all their attempts. Before that
   * `prepare` sees each one's data; a job for which it fails stays in the failed list.
   */
  readonly retry: <E, R>(
    queue: QueueName,
    jobId: string | null,
    prepare: (job: { readonly id: string; readonly data: unknown }) => Effect.Effect<void, E, R>
  ) => Effect.Effect<RetryAnswer, JobProducerError | E, R>
}>()("tt-worker/services/JobInspector") {}
