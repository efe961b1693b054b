import { Duration } from "effect"
import type { Job } from "bullmq"
import { type QueueName, RECOMMENDED_JOB_OPTIONS } from "../../src/contract/index.ts"
import { type Backoff, defaultBackoff } from "../../src/domain/Backoff.ts"
import type { JobAttempt } from "../../src/services/JobConsumer.ts"

const backoffOf = (job: Job): Backoff => {
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
const maxAttemptsOf = (job: Job): number =>
  job.opts.attempts === undefined || job.opts.attempts === 0 ? RECOMMENDED_JOB_OPTIONS.attempts : job.opts.attempts

/** What the rest of the worker sees of a BullMQ job. */
export const toJobAttempt = (queue: QueueName, job: Job): JobAttempt => ({
  queue,
  jobId: job.id ?? "",
  jobName: job.name,
  data: job.data,
  number: job.attemptsMade + 1,
  maxAttempts: maxAttemptsOf(job),
  backoff: backoffOf(job),
  addedAt: job.timestamp,
  traceparent: job.opts.telemetry?.metadata ?? null
})
