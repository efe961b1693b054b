import type { CalendarDate } from "../CalendarDate.ts"
import type { Automation } from "./Automation.ts"
import type { Conditions } from "./Condition.ts"
import { planCloseOpenEntry, planCopyLastWeek, planCreateEntry, planSubmitPending } from "./entryPlans.ts"
import { planEmitEvent, planRemind } from "./eventPlans.ts"
import { entriesOn, type Facts, type InvoiceQuery, invoicesFor, kindsOf, missingDates } from "./Facts.ts"
import { addDays, mondayOf } from "./localTime.ts"
import { datesOf, type Period, periodInWords } from "./Period.ts"
import { capped, nothing, type Plan } from "./Plan.ts"

const flagsOf = (facts: Facts): ReadonlyMap<string, boolean> => new Map(Object.entries(facts.features))

/** Why the conditions do not hold, the first reason; null when they do. */
export const unmetCondition = (conditions: Conditions, facts: Facts): string | null => {
  const flags = flagsOf(facts)
  for (const [name, wanted] of Object.entries(conditions.features ?? {})) {
    if (flags.get(name) !== wanted) return `condition: ${name} is switched ${wanted ? "off" : "on"}`
  }
  if (conditions.days !== undefined) {
    const kinds = kindsOf(facts, facts.date)
    if (!conditions.days.some((kind) => kinds.has(kind))) return `condition: ${facts.date} is ${[...kinds].join(" and ")}`
  }
  if (conditions.projectId !== undefined) {
    const project = facts.projects.get(conditions.projectId)
    if (project === undefined) return "condition: the project does not exist"
    if (project.archived) return "condition: the project is archived"
  }
  if (conditions.entries !== undefined && !entriesHold(conditions.entries, facts)) {
    const { are, in: period } = conditions.entries
    return are === "missing"
      ? `condition: no workday of ${periodInWords(period)} lacks an entry`
      : `condition: there is no ${are === "open" ? "open " : ""}entry in ${periodInWords(period)}`
  }
  if (conditions.invoices !== undefined) {
    if (!facts.features.invoices) return "condition: invoices is switched off"
    if (invoicesFor(facts, conditions.invoices).waiting === 0) return "condition: no invoice waits for so long"
  }
  return null
}

const entriesHold = ({ are, in: period, projectId }: NonNullable<Conditions["entries"]>, facts: Facts): boolean => {
  const dates = datesOf(period, facts.date)
  if (are === "missing") return missingDates(facts, dates, projectId).length > 0
  const found = entriesOn(facts, dates).filter((entry) => projectId === undefined || entry.projectId === projectId)
  return are === "open" ? found.some(({ end }) => end === null) : found.length > 0
}

const planAction = (automation: Automation, facts: Facts): Plan => {
  const action = automation.do
  switch (action.type) {
    case "create-entry":
      return planCreateEntry(action, facts)
    case "close-open-entry":
      return planCloseOpenEntry(action, facts)
    case "copy-last-week":
      return planCopyLastWeek(action, facts)
    case "submit-pending":
      return planSubmitPending(action, facts)
    case "remind":
      return planRemind(action, facts)
    case "emit-event":
      return planEmitEvent(automation, action, facts)
  }
}

/** What a run of this automation does, from what is so at its time. Decides everything, touches nothing. */
export const planRun = (automation: Automation, facts: Facts): Plan => {
  const unmet = automation.when === undefined ? null : unmetCondition(automation.when, facts)
  return unmet === null ? capped(planAction(automation, facts)) : nothing(unmet)
}

/** Projects that the facts must say something about, but for those of the entries. */
export const projectsOf = ({ do: action, when }: Automation): ReadonlyArray<string> => [
  ...(action.type === "create-entry" && action.projectId !== undefined ? [action.projectId] : []),
  ...(when?.projectId === undefined ? [] : [when.projectId])
]

/** Which invoices the facts must count. */
export const invoiceQueriesOf = ({ do: action, when }: Automation): ReadonlyArray<InvoiceQuery> =>
  [
    ...(action.type === "remind" && action.event === "invoice.review-pending" ? [action] : []),
    ...(when?.invoices === undefined ? [] : [when.invoices])
  ].map(({ of = "firm", waitingLongerThanDays }) => ({ of, waitingLongerThanDays }))

/** An entry that has been open for longer was not forgotten but broken. */
const openLookback = 31

const periodsOf = ({ do: action, when }: Automation): ReadonlyArray<Period> => [
  ...("in" in action ? [action.in] : []),
  ...(when?.entries === undefined ? [] : [when.entries.in])
]

/** The dates that the facts must tell about, with one more on each side: an entry may go over midnight. */
export const windowOf = (automation: Automation, date: CalendarDate): { readonly from: CalendarDate; readonly to: CalendarDate } => {
  const { do: action } = automation
  const looksForOpen = action.type === "close-open-entry" || (action.type === "remind" && action.event === "entry.open")
  const dates = [
    ...periodsOf(automation).flatMap((period) => datesOf(period, date)),
    ...(looksForOpen ? [addDays(date, -openLookback)] : []),
    ...(action.type === "copy-last-week" ? [addDays(mondayOf(date), -7), addDays(mondayOf(date), 7)] : []),
    addDays(date, -1),
    addDays(date, 1)
  ].sort()
  return { from: addDays(dates[0] ?? date, -1), to: addDays(dates.at(-1) ?? date, 1) }
}
