import { Duration, Effect } from "effect"
import { MailLedger } from "../../src/services/MailLedger.ts"
import { type ScheduleRegistration, ScheduleTarget } from "../../src/services/Schedules.ts"

/** A year and a bit: an admin looks for last year's invoice. What content was imported is never forgotten. */
const kept = Duration.days(400)
const atOnce = 5_000
const name = "forget-old-mails"

/** Work of the worker's own, for the scheduler: what is known of settled mails and answered requests ends with its time. */
export const forgetOldMailsTask = {
  name,
  timeLimit: Duration.minutes(10),
  run: () =>
    MailLedger.use(({ forget }) =>
      forget(kept, atOnce).pipe(Effect.repeat({ until: (count) => count < atOnce }), Effect.asVoid)
    )
}

export const forgetOldMailsSchedule: ScheduleRegistration = {
  kind: "retention",
  key: name,
  tenantId: null,
  target: ScheduleTarget.Task({ name }),
  spec: { type: "interval", everySeconds: 6 * 3600, spread: true },
  catchUp: "run-once",
  enabled: true
}
