import type { DateTime } from "effect"
import type { CalendarDate } from "../CalendarDate.ts"
import type { Features } from "../Features.ts"
import type { DayKind } from "./Condition.ts"
import { dateIn, datesBetween, weekdayOf } from "./localTime.ts"

/** Instants are milliseconds since the epoch. */
export interface EntryFact {
  readonly id: string
  readonly start: number
  /** null while it runs. */
  readonly end: number | null
  /** In the API's own words: `draft`, `pending`, `approved`, `rejected`. */
  readonly status: string
  readonly projectId: string | null
  readonly taskId: string | null
  readonly breakMinutes: number | null
  readonly note: string | null
  readonly exported: boolean
}

export interface InvoiceQuery {
  readonly waitingLongerThanDays: number
  /** All of the tenant's, or those that this user has sent. */
  readonly of: "firm" | "user"
}

export interface InvoiceFacts {
  readonly query: InvoiceQuery
  readonly waiting: number
  /** When the longest waiting one came; null when none waits. */
  readonly oldest: number | null
}

/** Dates, both included. */
export interface AbsenceFact {
  readonly from: CalendarDate
  readonly to: CalendarDate
}

/** All that a run of an automation looks at. */
export interface Facts {
  readonly tenantId: string
  readonly userId: string
  readonly userName: string | null
  readonly features: Features
  readonly zone: DateTime.TimeZone.Named
  /** When the run was due: what it is about, however late it runs. */
  readonly occurrence: number
  /** The date of that time on the user's clock. */
  readonly date: CalendarDate
  readonly missed: number
  /** When it really runs: nothing is clocked out in the future. */
  readonly now: number
  readonly entries: ReadonlyArray<EntryFact>
  /** When the user's newest exported entry began; null when none was. */
  readonly exportedUntil: number | null
  readonly absences: ReadonlyArray<AbsenceFact>
  /** Public holidays where the user works. */
  readonly holidays: ReadonlySet<string>
  /** Projects that exist in this tenant, of those that are asked about. */
  readonly projects: ReadonlyMap<string, { readonly archived: boolean }>
  readonly invoices: ReadonlyArray<InvoiceFacts>
}

/** What is known of the invoices that an automation asks about. */
export const invoicesFor = ({ invoices }: Facts, { of = "firm", waitingLongerThanDays }: { readonly waitingLongerThanDays: number; readonly of?: "firm" | "user" }) =>
  invoices.find(({ query }) => query.of === of && query.waitingLongerThanDays === waitingLongerThanDays) ?? { waiting: 0, oldest: null }

/** An entry that runs is taken to last for a day at most: one that was forgotten weeks ago does not fill those weeks. */
const openCounts = 24 * 3_600_000

export const endOf = (entry: EntryFact): number => entry.end ?? entry.start + openCounts

export const overlapping = (entries: ReadonlyArray<EntryFact>, start: number, end: number): boolean =>
  entries.some((entry) => entry.start < end && endOf(entry) > start)

/** The dates that an entry lies on, by the user's clock. */
const datesOfEntry = (facts: Facts, entry: EntryFact): ReadonlyArray<CalendarDate> =>
  datesBetween(dateIn(facts.zone, entry.start), dateIn(facts.zone, Math.max(entry.start, (entry.end ?? entry.start) - 1)))

export const kindsOf = (facts: Facts, date: CalendarDate): ReadonlySet<DayKind> => {
  const kinds = new Set<DayKind>()
  if (weekdayOf(date) >= 6) kinds.add("weekend")
  if (facts.holidays.has(date)) kinds.add("holiday")
  if (facts.absences.some(({ from, to }) => from <= date && date <= to)) kinds.add("absence")
  return kinds.size === 0 ? kinds.add("workday") : kinds
}

/** Why nothing is logged on this date, unless it is asked for; null when nothing speaks against it. */
export const dayOff = (facts: Facts, date: CalendarDate, evenOn: ReadonlyArray<DayKind>): DayKind | null =>
  [...kindsOf(facts, date)].find((kind) => kind !== "workday" && !evenOn.includes(kind)) ?? null

/**
 * Whether people have closed this date: an entry on it is approved (where the firm approves), or this user's hours are
 * exported up to it. Nothing on such a date is touched.
 */
export const closedDates = (facts: Facts): (date: CalendarDate) => boolean => {
  const approved = new Set(facts.features.approvalWorkflow
    ? facts.entries.filter(({ status }) => status === "approved").flatMap((entry) => datesOfEntry(facts, entry))
    : [])
  const exported = facts.exportedUntil === null ? "" : dateIn(facts.zone, facts.exportedUntil)
  return (date) => approved.has(date) || date <= exported
}

/** Workdays of these that have no entry (on the project, where one is named). */
export const missingDates = (facts: Facts, dates: ReadonlyArray<CalendarDate>, projectId?: string): ReadonlyArray<CalendarDate> => {
  const present = new Set(facts.entries.filter((entry) => projectId === undefined || entry.projectId === projectId).flatMap((entry) => datesOfEntry(facts, entry)))
  return dates.filter((date) => kindsOf(facts, date).has("workday") && !present.has(date))
}

/** Entries that began on one of these dates. */
export const entriesOn = (facts: Facts, dates: ReadonlyArray<CalendarDate>): ReadonlyArray<EntryFact> => {
  const asked = new Set<string>(dates)
  return facts.entries.filter(({ start }) => asked.has(dateIn(facts.zone, start)))
}

export const openEntries = (facts: Facts, longerThanMinutes: number): ReadonlyArray<EntryFact> =>
  facts.entries.filter(({ end, start }) => end === null && start <= facts.occurrence - longerThanMinutes * 60_000)
