import { Duration } from "effect"
import { type IQueueBackend, UnrecoverableError } from "bullmq"
import type { Verdict } from "../../src/domain/Verdict.ts"
import type { HandedOut } from "./TenantLine.ts"
import { summaryWithTrace, withPutOff, withTrace } from "./traceMetadata.ts"

/** A failed attempt in the queue's own record: the message and its trace, and no stack of ours. */
class AttemptFailed extends Error {
  override readonly name = "AttemptFailed"
  constructor(message: string, trace: string | undefined) {
    super(message)
    this.stack = withTrace(message, trace)
  }
}

/** The same for good. */
class FailedForGood extends UnrecoverableError {
  constructor(message: string, trace: string | undefined) {
    super(message)
    this.stack = withTrace(message, trace)
  }
}

/** BullMQ's code why it does not move a job, where its own JavaScript was not asked. */
export class QueueRefused extends Error {
  readonly code: number
  constructor(code: number) {
    super(`the queue refuses with code ${code}`)
    this.code = code
  }
}

/**
 * The one place that knows what each verdict is for BullMQ. Rejects when BullMQ cannot be told, and when the lock is not
 * ours any more (see `isLockLost`); BullMQ checks the token each time, so that it can be told again.
 */
export const acknowledge = (backend: Pick<IQueueBackend, "moveToDelayed">) => async ({ job, token }: HandedOut, verdict: Verdict): Promise<void> => {
  switch (verdict._tag) {
    case "Complete":
      await job.moveToCompleted(summaryWithTrace(verdict.summary, verdict.trace), token, false)
      return
    case "Retry":
      // The verdict has decided; BullMQ reads these of its own copy of the job, which is not written back.
      job.opts.attempts = job.attemptsMade + 2
      // At least for a moment: what is put off comes back by its turn, what BullMQ retries at once goes to the end of its line.
      job.opts.backoff = { type: "fixed", delay: Math.max(1, Duration.toMillis(verdict.after)) }
      await job.moveToFailed(new AttemptFailed(verdict.reason, verdict.trace), token, false)
      return
    case "Postpone":
      // As the job's own `moveToDelayed`, which keeps no trace.
      await backend.moveToDelayed(job.id ?? "", Date.now(), Duration.toMillis(verdict.after), token, {
        skipAttempt: true,
        ...(verdict.trace === undefined ? {} : { fieldsToUpdate: { stacktrace: JSON.stringify(withPutOff(job.stacktrace, verdict.reason, verdict.trace)) } })
      })
      return
    case "GiveBack":
      await job.moveToWait(token)
      return
    case "Fail":
      await job.moveToFailed(new FailedForGood(verdict.reason, verdict.trace), token, false)
      return
    case "Abandon":
      return
  }
}

/** BullMQ's codes for "no such job", "no lock", "not active" and "another's lock". */
const lockLostCodes: ReadonlySet<unknown> = new Set([-1, -2, -3, -6])

/** Whether BullMQ refused because the job is not ours any more: it is gone, or somebody else has it. */
export const isLockLost = (cause: unknown): boolean => cause instanceof Error && "code" in cause && lockLostCodes.has(cause.code)
