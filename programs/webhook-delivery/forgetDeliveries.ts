import { Duration, Effect } from "effect"
import { type ScheduleRegistration, ScheduleTarget } from "../../src/services/Schedules.ts"
import { WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"

/** Rows of one statement: no long lock, no long transaction. */
const atOnce = 2_000

/** Deletes the records of deliveries that were over longer ago than `age`; says how many. */
export const forgetDeliveries = (age: Duration.Duration): Effect.Effect<number, { readonly message: string }, WebhookDeliveries> =>
  Effect.gen(function*() {
    const deliveries = yield* WebhookDeliveries
    let total = 0
    for (;;) {
      const deleted = yield* deliveries.forget({ olderThan: age, limit: atOnce })
      total += deleted
      if (deleted < atOnce) return total
    }
  })

const name = "forget-webhook-deliveries"

/** As a task of the scheduler. */
export const forgetDeliveriesTask = (age: Duration.Duration) => ({ name, timeLimit: Duration.minutes(10), run: () => Effect.asVoid(forgetDeliveries(age)) })

export const forgetDeliveriesSchedule: ScheduleRegistration = {
  kind: "retention",
  key: name,
  tenantId: null,
  target: ScheduleTarget.Task({ name }),
  spec: { type: "interval", everySeconds: 3600, spread: true },
  catchUp: "run-once",
  enabled: true
}
