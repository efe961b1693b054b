import { Cause, Duration, Effect, Exit, Schedule } from "effect"
import type { TaskRun } from "../../src/services/DueRuns.ts"
import type { LocalTask } from "../../src/services/LocalTask.ts"
import { RunOutcome, Schedules } from "../../src/services/Schedules.ts"

/** Another replica takes the task when its process has been silent for so long after the time limit. */
const leaseMargin = Duration.seconds(30)
/** The end is recorded within the lease, or not at all: then the task is done again. */
const recordingLimit = Duration.seconds(20)

export const leaseOf = ({ timeLimit }: { readonly timeLimit: Duration.Duration }): Duration.Duration => Duration.sum(timeLimit, leaseMargin)

/** Does it and records how it ended. Interrupted, it records nothing: another replica does it when the lease is over. */
export const runTask = <R>(task: LocalTask<R>, taken: TaskRun, by: string): Effect.Effect<void, never, R | Schedules> =>
  Effect.gen(function*() {
    const exit = yield* task.run(taken).pipe(
      Effect.timeoutOrElse({ duration: task.timeLimit, orElse: () => Effect.fail({ message: `not done within ${Duration.format(task.timeLimit)}` }) }),
      Effect.exit
    )
    if (Exit.isFailure(exit)) yield* Effect.logWarning(`task ${task.name} failed: ${reasonOf(exit.cause)}`)
    const outcome = Exit.isSuccess(exit) ? RunOutcome.Done() : RunOutcome.Failed({ reason: reasonOf(exit.cause) })
    const schedules = yield* Schedules
    yield* schedules.finish(taken.tenantId, taken.run, by, outcome).pipe(
      Effect.retry({ schedule: Schedule.spaced(Duration.seconds(2)), while: ({ reason }) => reason === "unavailable" }),
      Effect.timeout(recordingLimit),
      Effect.catch((error) => Effect.logWarning(`the end of task ${task.name} could not be recorded, it will be done again: ${error.message}`))
    )
  }).pipe(Effect.withSpan(`task ${task.name}`))

const reasonOf = (cause: Cause.Cause<{ readonly message: string }>): string => {
  const error = Cause.squash(cause)
  return typeof error === "object" && error !== null && "message" in error && typeof error.message === "string" ? error.message : "unknown error"
}
