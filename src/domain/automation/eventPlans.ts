import { DateTime } from "effect"
import type { EmitEvent, Remind } from "./Action.ts"
import type { Automation } from "./Automation.ts"
import { entriesOn, type Facts, invoicesFor, missingDates, openEntries } from "./Facts.ts"
import { weekdayOf } from "./localTime.ts"
import { fillTemplate } from "./PayloadTemplate.ts"
import { datesOf, periodInWords } from "./Period.ts"
import { emptyPlan, type NewEvent, nothing, type Plan } from "./Plan.ts"

const iso = (instant: number): string => DateTime.formatIso(DateTime.makeUnsafe(instant))

/** Ids in a payload: a list with no end helps nobody. */
const mostListed = 50

const send = (event: NewEvent): Plan => ({ ...emptyPlan, events: [event] })

export const planRemind = (action: Remind, facts: Facts): Plan => {
  switch (action.event) {
    case "entry.missing": {
      const dates = missingDates(facts, datesOf(action.in, facts.date))
      return dates.length === 0 ? nothing(`no workday of ${periodInWords(action.in)} lacks an entry`) : send({ event: action.event, payload: { dates: [...dates] } })
    }
    case "entry.open": {
      const open = openEntries(facts, action.openLongerThanMinutes ?? 0)
      return open.length === 0
        ? nothing("no entry is open for so long")
        : send({ event: action.event, payload: { entries: open.slice(0, mostListed).map(({ id, start }) => ({ id, startDate: iso(start) })) } })
    }
    case "entry.draft": {
      const drafts = entriesOn(facts, datesOf(action.in, facts.date)).filter(({ status }) => status === "draft")
      return drafts.length === 0
        ? nothing(`there is no draft in ${periodInWords(action.in)}`)
        : send({ event: action.event, payload: { entries: drafts.slice(0, mostListed).map(({ id, start }) => ({ id, startDate: iso(start) })) } })
    }
    case "invoice.review-pending": {
      if (!facts.features.invoices) return nothing("feature-off: invoices is switched off for this tenant")
      const { oldest, waiting } = invoicesFor(facts, action)
      return waiting === 0
        ? nothing("no invoice waits for so long")
        : send({ event: action.event, payload: { count: waiting, oldest: oldest === null ? null : iso(oldest), longerThanDays: action.waitingLongerThanDays } })
    }
  }
}

export const planEmitEvent = (automation: Automation, action: EmitEvent, facts: Facts): Plan =>
  send({
    event: action.event,
    payload: fillTemplate(action.payload ?? {}, {
      "tenant.id": facts.tenantId,
      "user.id": facts.userId,
      "user.name": facts.userName,
      "automation.id": automation.id,
      "automation.name": automation.name,
      "occurrence.at": iso(facts.occurrence),
      "occurrence.date": facts.date,
      "occurrence.weekday": weekdayOf(facts.date),
      "occurrence.missed": facts.missed
    })
  })

/** Who, which automation and when: what every event of an automation carries beside its own. */
export const eventHeader = (automation: Automation, facts: Facts) => ({
  tenantUserId: facts.userId,
  automationId: automation.id,
  automationName: automation.name,
  occurrence: iso(facts.occurrence),
  date: facts.date
})
