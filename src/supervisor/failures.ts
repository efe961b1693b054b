import { Data, type Duration } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { durationInWords } from "../domain/plainWords.ts"
import { Retry } from "../domain/Retry.ts"

/** The job's data does not fit its queue's schema: it will not fit the next time either. */
export class JobDataInvalid extends Data.TaggedError("JobDataInvalid")<{ readonly queue: string; readonly problems: string }> implements Failure {
  readonly code = "job-data-invalid"
  readonly retry = Retry.Permanent()
  readonly plainWords = "The job was not understood. Please have it processed again."
  override get message(): string {
    return `the job's data does not fit queue ${this.queue}: ${this.problems}`
  }
}

/** The attempt took longer than its program allows; it was interrupted. */
export class TimeLimitExceeded extends Data.TaggedError("TimeLimitExceeded")<{ readonly limit: Duration.Duration }> implements Failure {
  readonly code = "time-limit"
  readonly retry = Retry.Transient()
  readonly plainWords = "Reading took too long and was stopped. Please have it processed again, or upload a simpler file."
  override get message(): string {
    return `the attempt was stopped after ${durationInWords(this.limit)}`
  }
}

/** A fault of this program itself. The cause goes to the log only. */
export class InternalError extends Data.TaggedError("InternalError")<{ readonly defect: string }> implements Failure {
  readonly code = "internal-error"
  readonly retry = Retry.Transient()
  readonly plainWords = "Something went wrong on our side. Your file is safe; please have it processed again later, or tell the support."
  override get message(): string {
    return `unexpected ${this.defect}; its cause is in the log`
  }
}

/** The queue handed the job over, but it must not run: it kills its process, or was given up elsewhere. */
export class JobCondemned extends Data.TaggedError("JobCondemned")<{ readonly reason: string }> implements Failure {
  readonly code = "quarantined"
  readonly retry = Retry.Permanent()
  readonly plainWords = "Processing this file made the program fail again and again, so it is not tried any more. Please upload another copy, or tell the support."
  override get message(): string {
    return this.reason
  }
}
