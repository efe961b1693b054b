import { Duration, Effect } from "effect"
import { DueRuns } from "../../src/services/DueRuns.ts"
import { type ScheduleRegistration, ScheduleTarget } from "../../src/services/Schedules.ts"
import type { LocalTask } from "./LocalTask.ts"

/** As long as failed jobs stay in their queue. */
export const runsKept = Duration.days(14)

/** Rows of one statement: no long lock, no long transaction. */
const atOnce = 5_000

/** Deletes the records of runs that ended longer ago than `age`; says how many. Their schedules have moved on: none runs again. */
export const forgetOldRuns = (age: Duration.Duration): Effect.Effect<number, { readonly message: string }, DueRuns> =>
  Effect.gen(function*() {
    const dueRuns = yield* DueRuns
    let total = 0
    for (;;) {
      const deleted = yield* dueRuns.forget({ olderThan: age, limit: atOnce })
      total += deleted
      if (deleted < atOnce) return total
    }
  })

const name = "forget-old-runs"

export const forgetOldRunsTask = (age: Duration.Duration): LocalTask<DueRuns> => ({
  name,
  timeLimit: Duration.minutes(10),
  run: () => Effect.asVoid(forgetOldRuns(age))
})

export const forgetOldRunsSchedule: ScheduleRegistration = {
  kind: "retention",
  key: name,
  tenantId: null,
  target: ScheduleTarget.Task({ name }),
  spec: { type: "interval", everySeconds: 3600, spread: true },
  catchUp: "run-once",
  enabled: true
}
