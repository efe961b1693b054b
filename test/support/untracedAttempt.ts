import { Effect } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import { runAttempt as runTraced } from "../../src/supervisor/attempt.ts"
import type { Program } from "../../src/supervisor/Program.ts"

/** `runAttempt` without spans: its verdicts name no trace, and can be compared. */
export const runAttempt = <JobData, Held, E extends Failure, R>(program: Program<JobData, Held, E, R>) => (attempt: JobAttempt) =>
  Effect.withTracerEnabled(runTraced(program)(attempt), false)
