import { Duration, Predicate } from "effect"
import type { Job } from "bullmq"
import { type QueueName, RECOMMENDED_JOB_OPTIONS } from "../../src/contract/index.ts"
import { type Backoff, defaultBackoff } from "../../src/domain/Backoff.ts"
import type { JobAttempt, TakenJob } from "../../src/services/JobQueue.ts"
import { lastTraceOf, traceparentOf } from "./traceMetadata.ts"

const backoffOf = (job: Job<unknown>): Backoff => {
  const { backoff } = job.opts
  if (backoff === undefined) return defaultBackoff
  if (typeof backoff === "number") return { type: "fixed", delay: Duration.millis(backoff), jitter: 0 }
  const rest = { delay: Duration.millis(backoff.delay ?? 0), jitter: backoff.jitter ?? 0 }
  switch (backoff.type) {
    case "fixed":
      return { type: "fixed", ...rest }
    case "exponential":
      return { type: "exponential", ...rest }
    default:
      return defaultBackoff
  }
}

/** A job added without `attempts` (stored as 0 or not at all) gets ours; one that says 1 means it. */
const maxAttemptsOf = (job: Job<unknown>): number =>
  job.opts.attempts === undefined || job.opts.attempts === 0 ? RECOMMENDED_JOB_OPTIONS.attempts : job.opts.attempts

/** What the rest of the worker sees of a BullMQ job. */
export const toJobAttempt = (queue: QueueName, job: Job<unknown>): JobAttempt => ({
  queue,
  jobId: job.id ?? "",
  jobName: job.name,
  data: job.data,
  number: job.attemptsMade + 1,
  maxAttempts: maxAttemptsOf(job),
  backoff: backoffOf(job),
  addedAt: job.timestamp,
  traceparent: traceparentOf(job.opts.telemetry?.metadata),
  previousTrace: lastTraceOf(job.stacktrace),
  // Set where BullMQ, or an older worker, has decided to fail the job when it is taken next.
  condemned: job.deferredFailure === undefined || job.deferredFailure === "" ? null : job.deferredFailure
})

/** Whose turn it is with this job; empty where its data do not say. */
export const tenantOf = ({ data }: Job<unknown>): string =>
  Predicate.hasProperty(data, "tenantId") && typeof data.tenantId === "string" ? data.tenantId : ""

const formerHolder = /^(.+) (\d+)$/

/**
 * Whether a holder has ever lost it. `formerly` is what stood beside it: who took it last, and how often it had been lost
 * by then.
 */
export const lostOf = ({ stalledCounter }: Pick<Job<unknown>, "stalledCounter">, formerly: string): TakenJob["lost"] => {
  if (stalledCounter === 0) return null
  const [, holder = "", before = ""] = formerHolder.exec(formerly) ?? []
  return { by: holder !== "" && stalledCounter > Number(before) ? holder : null }
}
