import { Data, Duration } from "effect"
import { defaultBackoff } from "../../../src/domain/Backoff.ts"
import type { Failure } from "../../../src/domain/Failure.ts"
import { Retry } from "../../../src/domain/Retry.ts"
import type { JobAttempt } from "../../../src/services/JobQueue.ts"

/** The first of three attempts of a job that was added at the beginning of time. */
export const jobAttempt = (change: Partial<JobAttempt> = {}): JobAttempt => ({
  queue: "email-sync",
  jobId: "41",
  jobName: "whatever the producer called it",
  data: { tenantId: "t1" },
  number: 1,
  maxAttempts: 3,
  backoff: { ...defaultBackoff, jitter: 0 },
  addedAt: 0,
  traceparent: null,
  previousTrace: null,
  condemned: null,
  ...change
})

/** A failure of each kind. */
export class Hiccup extends Data.TaggedError("Hiccup")<{ readonly retry: Retry }> implements Failure {
  readonly code = "hiccup"
  readonly plainWords = "It did not work."
  override get message(): string {
    return "the other side hiccuped"
  }
}

export const hiccups = {
  transient: new Hiccup({ retry: Retry.Transient() }),
  permanent: new Hiccup({ retry: Retry.Permanent() }),
  busy: new Hiccup({ retry: Retry.RateLimited({ after: Duration.seconds(30) }) })
}
