import { Clock, DateTime, Effect } from "effect"
import type { Automation } from "../../src/domain/automation/Automation.ts"
import { eventHeader } from "../../src/domain/automation/eventPlans.ts"
import type { Facts } from "../../src/domain/automation/Facts.ts"
import { dateIn, zoneNamed } from "../../src/domain/automation/localTime.ts"
import { rowsOf } from "../../src/domain/automation/Plan.ts"
import { invoiceQueriesOf, planRun, projectsOf, windowOf } from "../../src/domain/automation/planRun.ts"
import type { Features } from "../../src/domain/Features.ts"
import { AutomationError } from "../../src/services/AutomationError.ts"
import { AutomationRuns, type AutomationUser, type HeldRun, type RunKey, type RunResult } from "../../src/services/AutomationRuns.ts"
import { Events, EventsError } from "../../src/services/Events.ts"
import { Holidays } from "../../src/services/Holidays.ts"
import { TimeSheets } from "../../src/services/TimeSheets.ts"

/** How a run ended. `off`: the action cannot be done on these tables; `failed`: this automation's own fault. */
export type RunEnd = RunResult | { readonly outcome: "already-done" | "off" | "failed"; readonly note: string | null; readonly entries: 0; readonly events: 0 }

export interface RunRequest {
  readonly automation: Automation
  readonly key: RunKey
  readonly user: AutomationUser
  readonly features: Features
  readonly jobId: string
  /** The scheduled run that the job holds; null where somebody asked for this run. */
  readonly held: HeldRun | null
}

const end = (outcome: "already-done" | "off" | "failed", note: string | null): RunEnd => ({ outcome, note, entries: 0, events: 0 })

const factsOf = Effect.fnUntraced(function*({ automation, features, key, user }: RunRequest, holidays: ReadonlySet<string>) {
  const sheets = yield* TimeSheets
  const zone = zoneNamed(automation.schedule.timeZone)
  const occurrence = DateTime.toEpochMillis(key.occurrence)
  const date = dateIn(zone, occurrence)
  const sheet = yield* sheets.read(key.tenantId, key.tenantUserId, {
    ...windowOf(automation, date),
    timeZone: automation.schedule.timeZone,
    projectIds: projectsOf(automation),
    invoices: invoiceQueriesOf(automation),
    at: key.occurrence
  })
  const facts: Facts = {
    ...sheet,
    tenantId: key.tenantId,
    userId: key.tenantUserId,
    userName: user.name,
    features,
    zone,
    occurrence,
    date,
    missed: key.missed,
    // Due by the database's clock: one of ours that is behind must not find that its time has not come.
    now: Math.max(occurrence, yield* Clock.currentTimeMillis),
    holidays
  }
  return facts
})

/** Public holidays of the years that a run can touch; loaded outside the transaction, since the first time takes long. */
const holidaysOf = Effect.fnUntraced(function*({ automation, key, user }: RunRequest) {
  const holidays = yield* Holidays
  const { from, to } = windowOf(automation, dateIn(zoneNamed(automation.schedule.timeZone), DateTime.toEpochMillis(key.occurrence)))
  const years = [...new Set([from, to].map((date) => Number(date.slice(0, 4))))]
  return yield* holidays.dates({ country: user.country, timeZone: automation.schedule.timeZone }, years)
})

/** What the automation does, from the facts to rows and events. All within the run's transaction. */
const carryOut = Effect.fnUntraced(function*(request: RunRequest, holidays: ReadonlySet<string>) {
  const { automation, key } = request
  const events = yield* Events
  const sheets = yield* TimeSheets
  const facts = yield* factsOf(request, holidays)
  const plan = planRun(automation, facts)
  const entries = rowsOf(plan) === 0 ? 0 : yield* sheets.write(key, plan)
  const timestamp = DateTime.formatIso(yield* DateTime.now)
  yield* Effect.forEach(plan.events, ({ event, payload }) =>
    events.emit(
      key.tenantId,
      event,
      { type: event, timestamp, data: { tenantId: key.tenantId, ...eventHeader(automation, facts), ...payload } },
      `automation/${key.tenantUserId}/${automation.id}/${facts.occurrence}`
    ), { discard: true })
  const done = entries + plan.events.length > 0
  const result: RunResult = { outcome: done ? "done" : "nothing", note: plan.note, entries, events: plan.events.length }
  return result
})

/**
 * One run of one automation, exactly once with its effects. What is this automation's own fault (its tables do not take
 * what it writes, its event is refused) is recorded and is no failure of the job: the user's others go on.
 */
export const runOnce = Effect.fn("Automation.runOnce")(function*(request: RunRequest) {
  const runs = yield* AutomationRuns
  const sheets = yield* TimeSheets
  const { automation, held, jobId, key } = request
  const by = { jobId, held }
  const lacks = yield* sheets.lacks(automation.do)
  if (lacks !== null) {
    yield* runs.fail(key, by, lacks, true)
    return end("off", lacks)
  }
  const holidays = yield* holidaysOf(request)
  return yield* runs.once(key, by, carryOut(request, holidays)).pipe(
    Effect.map((result) => result === "already-done" ? end("already-done", null) : result),
    Effect.catch((error) => {
      if (error instanceof AutomationError && error.reason === "misfit") return Effect.as(runs.fail(key, by, error.detail, true), end("off", error.detail))
      if (error instanceof EventsError && error.reason === "refused") return Effect.as(runs.fail(key, by, error.message, false), end("failed", error.message))
      return Effect.fail(error)
    })
  )
})
