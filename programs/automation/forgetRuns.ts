import { Duration, Effect } from "effect"
import { AutomationRuns } from "../../src/services/AutomationRuns.ts"
import { type ScheduleRegistration, ScheduleTarget } from "../../src/services/Schedules.ts"

/** For so long a run can be undone; much longer than the job of it can still be retried. */
export const automationRunsKept = Duration.days(90)

/** Rows of one statement. */
const atOnce = 2_000

const name = "forget-automation-runs"

/** Deletes the records of runs that are older than this; says how many. What they wrote to entries stays. */
export const forgetAutomationRuns = Effect.fnUntraced(function*(age: Duration.Duration) {
  const runs = yield* AutomationRuns
  let total = 0
  for (;;) {
    const deleted = yield* runs.forget({ olderThan: age, limit: atOnce })
    total += deleted
    if (deleted < atOnce) return total
  }
})

/** A task of the worker's own (see `programs/scheduler/LocalTask`). */
export const forgetAutomationRunsTask = {
  name,
  timeLimit: Duration.minutes(10),
  run: () => Effect.asVoid(forgetAutomationRuns(automationRunsKept))
}

export const forgetAutomationRunsSchedule: ScheduleRegistration = {
  kind: "retention",
  key: name,
  tenantId: null,
  target: ScheduleTarget.Task({ name }),
  spec: { type: "interval", everySeconds: 3600, spread: true },
  catchUp: "run-once",
  enabled: true
}
