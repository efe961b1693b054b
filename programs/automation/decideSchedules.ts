import { Effect } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { automationKind, type ReadAutomation, readAutomations, scheduleKey } from "../../src/domain/automation/Automation.ts"
import type { AutomationDecision, AutomationStatus, UserAutomations } from "../../src/services/AutomationConfigs.ts"
import type { ScheduleRegistration } from "../../src/services/Schedules.ts"
import { TimeSheets } from "../../src/services/TimeSheets.ts"

/** A schedule's key has room for so many characters. */
const longestKey = 500

const registrationOf = ({ tenantId, tenantUserId }: UserAutomations, { automation }: Extract<ReadAutomation, { _tag: "Good" }>): ScheduleRegistration => {
  const { catchUp = "run-once", cron, timeZone } = automation.schedule
  return {
    kind: automationKind,
    key: scheduleKey(tenantId, tenantUserId, automation.id),
    tenantId,
    target: { _tag: "Job", queue: QUEUE_NAMES.AUTOMATION, data: { tenantId, tenantUserId, automation: automation.id } },
    spec: { type: "cron", cron, timeZone },
    catchUp,
    enabled: automation.enabled ?? true
  }
}

/**
 * What becomes of a user's automations: a schedule for each that can be read, and a status for each, with the reason where
 * it does not run. One whose action these tables cannot take keeps its schedule: it runs when they can.
 */
export const decideSchedules = Effect.fnUntraced(function*(user: UserAutomations) {
  const sheets = yield* TimeSheets
  const registrations: Array<ScheduleRegistration> = []
  const statuses: Array<AutomationStatus> = []
  for (const read of readAutomations(user.automations)) {
    const { id: automationId, name } = read
    if (read._tag !== "Good") {
      statuses.push({ automationId, name, state: read._tag === "Bad" ? "bad" : "not-taken-over", reason: read.reason, scheduleKey: null })
      continue
    }
    const registration = registrationOf(user, read)
    if (registration.key.length > longestKey) {
      statuses.push({ automationId, name, state: "bad", reason: "the ids of tenant, user and automation are too long together", scheduleKey: null })
      continue
    }
    registrations.push(registration)
    const lacks = registration.enabled ? yield* sheets.lacks(read.automation.do) : null
    const state = !registration.enabled ? "disabled" : lacks === null ? "active" : "action-off"
    statuses.push({ automationId, name, state, reason: lacks, scheduleKey: registration.key })
  }
  const decision: AutomationDecision = { registrations, statuses }
  return decision
})
