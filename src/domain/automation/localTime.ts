import { DateTime, Option, Schema } from "effect"
import { CalendarDate } from "../CalendarDate.ts"
import { firstChange, offsetAt } from "../zoneOffsets.ts"

const day = 86_400_000
const minute = 60_000

const timePattern = /^([01]\d|2[0-3]):([0-5]\d)$/u

/** A time as a clock on the wall shows it, `HH:MM` from 00:00 to 23:59. */
export const TimeOfDay = Schema.String.check(
  Schema.isPattern(timePattern, { expected: "a time as HH:MM, from 00:00 to 23:59" })
).pipe(Schema.brand("TimeOfDay"))
export type TimeOfDay = typeof TimeOfDay.Type

/** Minutes after midnight. */
export const minutesOf = (time: TimeOfDay): number => {
  const [hours = "0", minutes = "0"] = time.split(":")
  return Number(hours) * 60 + Number(minutes)
}

/** A date as the milliseconds of its midnight in UTC: what arithmetic with days is done on. */
const utcMidnight = (date: CalendarDate): number => Date.parse(`${date}T00:00:00Z`)
const dateAt = (millis: number): CalendarDate => CalendarDate.make(new Date(millis).toISOString().slice(0, 10))

export const addDays = (date: CalendarDate, days: number): CalendarDate => dateAt(utcMidnight(date) + days * day)

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export const weekdayOf = (date: CalendarDate): number => (new Date(utcMidnight(date)).getUTCDay() + 6) % 7 + 1

/** The Monday of this date's week. */
export const mondayOf = (date: CalendarDate): CalendarDate => addDays(date, 1 - weekdayOf(date))

/** Every date from the first to the last, both included; none when the last comes first. */
export const datesBetween = (first: CalendarDate, last: CalendarDate): ReadonlyArray<CalendarDate> =>
  Array.from({ length: Math.max(0, Math.round((utcMidnight(last) - utcMidnight(first)) / day) + 1) }, (_, index) => addDays(first, index))

/** The zone of this IANA name; UTC where the platform knows none, which the configuration's schema has ruled out. */
export const zoneNamed = (name: string): DateTime.TimeZone.Named =>
  Option.getOrElse(DateTime.zoneMakeNamed(name), () => DateTime.zoneMakeNamedUnsafe("UTC"))

/** The date that the clocks of a zone show at this instant (milliseconds since the epoch). */
export const dateIn = (zone: DateTime.TimeZone.Named, instant: number): CalendarDate => dateAt(Math.floor((instant + offsetAt(zone, instant)) / day) * day)

/** The time of day that the clocks show at this instant, in minutes after midnight. */
export const minutesIn = (zone: DateTime.TimeZone.Named, instant: number): number => {
  const wall = instant + offsetAt(zone, instant)
  return Math.floor((wall - Math.floor(wall / day) * day) / minute)
}

/**
 * The instant (milliseconds since the epoch) at which the clocks of a zone show this time on this date. By the same rules
 * as a schedule's: a time that does not exist is the first instant after the gap, one that exists twice is the first of
 * the two. `minutes` may be past the day's end: 1,500 is one o'clock of the next date.
 */
export const instantIn = (zone: DateTime.TimeZone.Named, date: CalendarDate, minutes: number): number => {
  const wall = utcMidnight(date) + minutes * minute
  const shows = (instant: number) => instant + offsetAt(zone, instant) === wall
  const candidates = [...new Set([offsetAt(zone, wall - day), offsetAt(zone, wall + day)])].map((offset) => wall - offset).sort((a, b) => a - b)
  const found = candidates.find(shows)
  if (found !== undefined) return found
  // In a gap: the change that the wall time fell into.
  let change = firstChange(zone, wall - 2 * day, wall + 2 * day)
  while (change !== null && wall >= change.at + change.after) change = firstChange(zone, change.at, wall + 2 * day)
  return change?.at ?? candidates[0] ?? wall
}
