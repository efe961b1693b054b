import { Duration, Effect } from "effect"
import { DelayedError, type Job, UnrecoverableError, WaitingError } from "bullmq"
import { Verdict } from "../../src/domain/Verdict.ts"

/** A failed attempt in the queue's own record: the message, and no stack of ours. */
class AttemptFailed extends Error {
  override readonly name = "AttemptFailed"
  constructor(message: string) {
    super(message)
    this.stack = message
  }
}

const moved = (move: () => Promise<unknown>, tell: Error) =>
  Effect.tryPromise({ try: move, catch: (cause) => cause }).pipe(
    Effect.catch((cause) =>
      // The lock is gone, and with it the right to move the job: the stalled check returns it.
      Effect.logWarning("the job could not be moved; the stalled check will return it", cause)
    ),
    Effect.andThen(Effect.fail(tell))
  )

/**
 * The one place that tells BullMQ how an attempt ended. What this succeeds with is stored as the job's return value;
 * what it fails with is what BullMQ's processor must throw for that verdict.
 */
export const acknowledge = (job: Job, token: string, verdict: Verdict): Effect.Effect<unknown, Error> =>
  Verdict.$match(verdict, {
    Complete: ({ summary }) => Effect.succeed<unknown>(summary),
    Retry: ({ after, reason }) =>
      Effect.suspend(() => {
        // The verdict has decided; BullMQ reads these of its own copy of the job, which is not written back.
        job.opts.attempts = job.attemptsMade + 2
        job.opts.backoff = { type: "fixed", delay: Duration.toMillis(after) }
        return Effect.fail(new AttemptFailed(reason))
      }),
    Postpone: ({ after }) => moved(() => job.moveToDelayed(Date.now() + Duration.toMillis(after), token), new DelayedError()),
    GiveBack: () => moved(() => job.moveToWait(token), new WaitingError()),
    // BullMQ takes this error to mean that the job has been moved already, and leaves it alone.
    Abandon: () => Effect.fail(new WaitingError()),
    Fail: ({ reason }) => Effect.fail(new UnrecoverableError(reason))
  })
