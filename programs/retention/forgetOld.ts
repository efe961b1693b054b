import { Duration, Effect } from "effect"
import { type RetentionPeriods, retentionPeriods } from "../../src/domain/retentionPeriods.ts"
import type { LocalTask } from "../../src/services/LocalTask.ts"
import { type RetentionError, type RetentionStore, RetentionStores } from "../../src/services/RetentionStores.ts"
import { type ScheduleRegistration, ScheduleTarget } from "../../src/services/Schedules.ts"

/** Of one store in one go, so that a store with very much to forget does not keep the others waiting; an hour later it goes on. */
const mostBatches = 100
/** Room for everybody else between two statements. */
const pause = Duration.millis(50)

/** Deletes what a store has kept for long enough, batch by batch; says how many records. */
const forgetIn = (store: RetentionStore, periods: RetentionPeriods): Effect.Effect<number, RetentionError> =>
  Effect.gen(function*() {
    const { batch, keep } = periods[store.name]
    let total = 0
    for (let n = 0; n < mostBatches; n++) {
      const forgotten = yield* store.forget({ olderThan: keep, limit: batch })
      total += forgotten
      if (forgotten < batch) break
      yield* Effect.sleep(pause)
    }
    return total
  })

/** All stores, one after another. One that fails does not keep the others from it; the task has failed then. */
export const forgetOld = Effect.fn("Retention.forgetOld")(function*(periods: RetentionPeriods): Effect.fn.Return<void, { readonly message: string }, RetentionStores> {
  const { all } = yield* RetentionStores
  const [counts, errors] = yield* Effect.partition(all, (store) => Effect.map(forgetIn(store, periods), (count) => [store.name, count] as const))
  const told = counts.filter(([, count]) => count > 0)
  if (told.length > 0) yield* Effect.annotateLogs(Effect.logInfo("old records were deleted"), Object.fromEntries<number>(told))
  if (errors.length > 0) yield* Effect.fail({ message: errors.map(({ message }) => message).join("; ") })
})

const name = "retention"

export const retentionTask = (periods: RetentionPeriods = retentionPeriods): LocalTask<RetentionStores> => ({
  name,
  timeLimit: Duration.minutes(20),
  run: () => forgetOld(periods)
})

export const retentionSchedule: ScheduleRegistration = {
  kind: name,
  key: "hourly",
  tenantId: null,
  target: ScheduleTarget.Task({ name }),
  spec: { type: "interval", everySeconds: 3600, spread: true },
  catchUp: "run-once",
  enabled: true
}

