import { Context, Effect, Layer } from "effect"
import type { JobTrouble, RunningJob } from "../domain/ProcessStatus.ts"

const mostTroubles = 30

/** Queue and code of what was put off, of which one stands for all; null where each stands for itself. */
const kindOf = ({ outcome, queue, reason }: JobTrouble): string | null => outcome === "postpone" ? `${queue} ${reason.split(":", 1)[0]}` : null

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
          const kind = kindOf(trouble)
          const before = kind === null ? -1 : troubles.findIndex((one) => kindOf(one) === kind)
          const [same] = before < 0 ? [] : troubles.splice(before, 1)
          troubles.unshift({ ...trouble, times: trouble.times + (same?.times ?? 0) })
          troubles.length = Math.min(troubles.length, mostTroubles)
        }),
      troubles: Effect.sync(() => [...troubles])
    })
  })
}
