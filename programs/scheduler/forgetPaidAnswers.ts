import { Duration, Effect } from "effect"
import { Usage } from "../../src/services/Usage.ts"
import { type ScheduleRegistration, ScheduleTarget } from "../../src/services/Schedules.ts"
import type { LocalTask } from "./LocalTask.ts"

/** The record of single calls: a year and the month in which it is looked at. The months' sums stay. */
export const callsKept = Duration.days(400)

/** Rows of one statement: no long lock, no long transaction. */
const atOnce = 1_000

const name = "forget-paid-answers"

/** Forgets what providers answered when it is old or no invoice is left for it, and the record of old calls. */
export const forgetPaidAnswers = Effect.fnUntraced(function*(answersKept: Duration.Duration) {
  const usage = yield* Usage
  while ((yield* usage.sweep({ answersKept, callsKept, limit: atOnce })) >= atOnce) yield* Effect.yieldNow
})

export const forgetPaidAnswersTask = (answersKept: Duration.Duration): LocalTask<Usage> => ({
  name,
  timeLimit: Duration.minutes(10),
  run: () => forgetPaidAnswers(answersKept)
})

export const forgetPaidAnswersSchedule: ScheduleRegistration = {
  kind: "retention",
  key: name,
  tenantId: null,
  target: ScheduleTarget.Task({ name }),
  spec: { type: "interval", everySeconds: 1800, spread: true },
  catchUp: "run-once",
  enabled: true
}
