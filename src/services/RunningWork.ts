import { Context, Effect, Layer } from "effect"
import type { JobTrouble, RunningJob } from "../domain/ProcessStatus.ts"

const mostTroubles = 30

/**
 * What runs in this process, for people who look: attempts are known by their spans, so that whatever has a span is a
 * step here, too. Nothing else reads it.
 */
export class RunningWork extends Context.Service<RunningWork, {
  /** Asked for the attempts that run now, the oldest first. */
  readonly jobs: Effect.Effect<ReadonlyArray<RunningJob>>
  readonly watch: (jobs: () => ReadonlyArray<RunningJob>) => void
  readonly note: (trouble: JobTrouble) => Effect.Effect<void>
  /** The newest first. */
  readonly troubles: Effect.Effect<ReadonlyArray<JobTrouble>>
}>()("tt-worker/services/RunningWork") {
  static readonly layer: Layer.Layer<RunningWork> = Layer.sync(RunningWork, () => {
    let source: () => ReadonlyArray<RunningJob> = () => []
    const troubles: Array<JobTrouble> = []
    return RunningWork.of({
      jobs: Effect.sync(() => source()),
      watch: (jobs) => {
        source = jobs
      },
      note: (trouble) =>
        Effect.sync(() => {
          troubles.unshift(trouble)
          troubles.length = Math.min(troubles.length, mostTroubles)
        }),
      troubles: Effect.sync(() => [...troubles])
    })
  })
}
