import { DateTime, Effect, Option, Schema } from "effect"

const pattern = /^(\d{4})-(\d{2})-(\d{2})$/

const exists = (text: string): boolean => {
  const match = pattern.exec(text)
  if (match === null) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1900 && date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/**
 * A day of the calendar without time or zone, `YYYY-MM-DD` (ISO 8601), that exists. It travels as text,
 * also to and from PostgreSQL: a JavaScript Date would move it by the server's zone.
 */
export const CalendarDate = Schema.String.check(
  Schema.makeFilter((text: string) => exists(text) ? undefined : "expected a date that exists, as YYYY-MM-DD")
).pipe(Schema.brand("CalendarDate"))
export type CalendarDate = typeof CalendarDate.Type

/** The date of these numbers (month 1 to 12), if there is one. */
export const fromParts = (year: number, month: number, day: number): Option.Option<CalendarDate> => {
  const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`
  return Schema.decodeOption(CalendarDate)(text)
}

/** The day that it is, in UTC. */
export const today: Effect.Effect<CalendarDate> = Effect.map(DateTime.now, (now) => {
  const { day, month, year } = DateTime.toPartsUtc(now)
  return Option.getOrThrow(fromParts(year, month, day))
})
