import type { Duration, Effect } from "effect"
import type { TaskRun } from "./DueRuns.ts"

/**
 * Work of the worker's own, such as tidying up, that a schedule starts by its name in one of the replicas. It is done
 * again when that replica dies in the middle, so it must not mind being done twice.
 */
export interface LocalTask<R> {
  readonly name: string
  /** Then it is interrupted and counts as failed. */
  readonly timeLimit: Duration.Duration
  readonly run: (run: TaskRun) => Effect.Effect<void, { readonly message: string }, R>
}
