import { Schema } from "effect"
import type { CalendarDate } from "../CalendarDate.ts"
import { addDays, datesBetween, mondayOf } from "./localTime.ts"

/** More than this is a report, not a reminder. */
const mostDays = 62

const LastDays = Schema.Struct({
  lastDays: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostDays }))
})

/**
 * Days by the user's own calendar, seen from the date of the run. Weeks begin on Monday; days after the run's are never
 * part of it. `{ "lastDays": 5 }` are the five dates before the run's.
 */
export const Period = Schema.Union([Schema.Literals(["today", "yesterday", "this-week", "last-week"]), LastDays])
export type Period = typeof Period.Type

/** The dates of a period, oldest first. */
export const datesOf = (period: Period, today: CalendarDate): ReadonlyArray<CalendarDate> => {
  if (typeof period === "object") return datesBetween(addDays(today, -period.lastDays), addDays(today, -1))
  switch (period) {
    case "today":
      return [today]
    case "yesterday":
      return [addDays(today, -1)]
    case "this-week":
      return datesBetween(mondayOf(today), today)
    case "last-week":
      return datesBetween(addDays(mondayOf(today), -7), addDays(mondayOf(today), -1))
  }
}

/** "today", "the last 5 days": as it stands in a reason. */
export const periodInWords = (period: Period): string => typeof period === "object" ? `the last ${period.lastDays} days` : period.replace("-", " ")
