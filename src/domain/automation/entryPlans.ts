import type { CalendarDate } from "../CalendarDate.ts"
import type { CloseOpenEntry, CopyLastWeek, CreateEntry, SubmitPending } from "./Action.ts"
import { closedDates, dayOff, entriesOn, type EntryFact, type Facts, openEntries, overlapping } from "./Facts.ts"
import { addDays, dateIn, datesBetween, instantIn, minutesIn, minutesOf, mondayOf } from "./localTime.ts"
import { datesOf, periodInWords } from "./Period.ts"
import { emptyPlan, type NewEntry, nothing, type Plan } from "./Plan.ts"

const dayMinutes = 24 * 60
const minute = 60_000

/** What an entry becomes when it is handed over. */
export const submittedStatus = ({ features }: Facts): string => features.approvalWorkflow ? "pending" : "approved"

/** The first reason against logging this entry; null when there is none. */
const against = (facts: Facts, entry: NewEntry, date: CalendarDate, evenOn: Parameters<typeof dayOff>[2], isClosed: (date: CalendarDate) => boolean): string | null => {
  const off = dayOff(facts, date, evenOn)
  if (off !== null) return off === "weekend" ? "on a weekend" : off === "holiday" ? "on a public holiday" : "during an absence"
  if (isClosed(date) || isClosed(dateIn(facts.zone, entry.end - 1))) return "on a date that is approved or exported"
  if (entry.end - entry.start <= (entry.breakMinutes ?? 0) * minute) return "the clocks are changed and leave no time"
  if (overlapping(facts.entries, entry.start, entry.end)) return "there is an entry already"
  return null
}

/** A project may be gone by the time that an automation runs. */
const projectFault = (facts: Facts, projectId: string | null): string | null => {
  if (projectId === null) return null
  const project = facts.projects.get(projectId)
  return project === undefined ? "the project does not exist" : project.archived ? "the project is archived" : null
}

/** Projects switched off: no project; tasks switched off, or no project: no task. */
const assigned = ({ features }: Facts, projectId: string | null, taskId: string | null) => {
  const project = features.projects ? projectId : null
  return { projectId: project, taskId: features.tasks && project !== null ? taskId : null }
}

export const planCreateEntry = (action: CreateEntry, facts: Facts): Plan => {
  const date = action.day === "previous" ? addDays(facts.date, -1) : facts.date
  const [from, to] = [minutesOf(action.start), minutesOf(action.end)]
  const entry: NewEntry = {
    start: instantIn(facts.zone, date, from),
    end: instantIn(facts.zone, date, to > from ? to : to + dayMinutes),
    breakMinutes: action.breakMinutes ?? null,
    ...assigned(facts, action.projectId ?? null, action.taskId ?? null),
    note: action.note ?? null,
    status: action.as === "draft" ? "draft" : submittedStatus(facts)
  }
  const fault = projectFault(facts, entry.projectId) ?? against(facts, entry, date, action.evenOn ?? [], closedDates(facts))
  return fault === null ? { ...emptyPlan, create: [entry] } : nothing(fault)
}

/** The first time after `instant` at which the clock shows so many minutes after midnight. */
const nextTime = (facts: Facts, instant: number, minutes: number): number => {
  const date = dateIn(facts.zone, instant)
  const same = instantIn(facts.zone, date, minutes)
  return same > instant ? same : instantIn(facts.zone, addDays(date, 1), minutes)
}

export const planCloseOpenEntry = (action: CloseOpenEntry, facts: Facts): Plan => {
  const isClosed = closedDates(facts)
  const touchable = (entry: EntryFact, end: number) =>
    !entry.exported && entry.status !== "rejected" && !(facts.features.approvalWorkflow && entry.status === "approved") && !isClosed(dateIn(facts.zone, entry.start)) && !isClosed(dateIn(facts.zone, end - 1))
  const open = openEntries(facts, action.openLongerThanMinutes ?? 0)
  const close = open.flatMap((entry) => {
    const end = nextTime(facts, entry.start, minutesOf(action.at))
    return end <= facts.now && touchable(entry, end) ? [{ entryId: entry.id, status: entry.status, end }] : []
  })
  if (close.length > 0) return { ...emptyPlan, close }
  return nothing(open.length === 0 ? "no entry is open" : "what is open may not be closed yet, or is approved or exported")
}

export const planCopyLastWeek = (action: CopyLastWeek, facts: Facts): Plan => {
  const monday = mondayOf(facts.date)
  const isClosed = closedDates(facts)
  const source = entriesOn(facts, datesBetween(addDays(monday, -7), addDays(monday, -1)))
    .filter(({ end, status }) => end !== null && status !== "rejected")
    .toSorted((one, other) => one.start - other.start)
  const reasons = new Map<string, number>()
  const create = source.flatMap((entry) => {
    const date = addDays(dateIn(facts.zone, entry.start), 7)
    const copied: NewEntry = {
      start: instantIn(facts.zone, date, minutesIn(facts.zone, entry.start)),
      // By the clock on the wall, also where it is over midnight or the clocks were changed.
      end: instantIn(facts.zone, addDays(dateIn(facts.zone, entry.end ?? entry.start), 7), minutesIn(facts.zone, entry.end ?? entry.start)),
      breakMinutes: entry.breakMinutes,
      ...assigned(facts, entry.projectId, entry.taskId),
      note: entry.note,
      status: action.as === "draft" ? "draft" : submittedStatus(facts)
    }
    const fault = projectFault(facts, copied.projectId) ?? against(facts, copied, date, action.evenOn ?? [], isClosed)
    if (fault === null) return [copied]
    reasons.set(fault, (reasons.get(fault) ?? 0) + 1)
    return []
  })
  if (source.length === 0) return nothing("there is no entry in the week before")
  const leftOut = reasons.size === 0 ? null : `left out: ${[...reasons].map(([reason, count]) => `${count} (${reason})`).join(", ")}`
  return { ...emptyPlan, create, note: leftOut }
}

export const planSubmitPending = (action: SubmitPending, facts: Facts): Plan => {
  const isClosed = closedDates(facts)
  const drafts = entriesOn(facts, datesOf(action.in, facts.date)).filter(({ end, status }) => status === "draft" && end !== null)
  const submit = drafts
    .filter((entry) => !entry.exported && !isClosed(dateIn(facts.zone, entry.start)))
    .map(({ id }) => ({ entryId: id, status: submittedStatus(facts) }))
  if (submit.length > 0) return { ...emptyPlan, submit }
  return nothing(drafts.length === 0 ? `there is no draft in ${periodInWords(action.in)}` : "the drafts are on dates that are approved or exported")
}
