import { Cron, DateTime, Option } from "effect"
import { firstChange, lastChange, offsetAt } from "./zoneOffsets.ts"

/**
 * A cron on the clocks of a zone. Effect's `Cron` reads the fields and walks the calendar, where there is no change
 * of clocks (in UTC); what happens at a change is decided here, since `Cron.next` in a zone moves a time in the gap
 * by the gap's length, and drops one of two.
 *
 * - A local time that does not exist runs once, at the first instant after the gap. Several such times, and a time
 *   that is due at that instant anyway, are one run.
 * - A local time that exists twice runs once, the first time; where the hours field begins with a star (every hour, or
 *   every second one) the cron counts hours rather than naming one, and runs both times.
 *
 * Instants and wall times are milliseconds; a wall time is what the clocks show, written as if it were UTC.
 */
export interface ZonedCron {
  readonly zone: DateTime.TimeZone.Named
  readonly fields: Cron.Cron
  /** Whether a local time that exists twice runs twice. */
  readonly repeats: boolean
  /** Whether the calendar day that begins at this wall time is one of the cron's. */
  readonly hasDay: (midnight: number) => boolean
}

const day = 86_400_000
/** The longest that clocks were ever set back at once is a day (the date line). */
const longestFold = day + 1

/** No change of clocks, and much faster than the zone that is named UTC, which asks the platform for each date. */
const calendar = DateTime.zoneMakeOffset(0)

const compiled = new Map<string, Option.Option<ZonedCron>>()
const compiledKept = 5_000

/** The cron of this text (5 fields, or 6 with seconds first) in this zone, if both can be read. */
export const compileCron = (text: string, timeZone: string): Option.Option<ZonedCron> => {
  const name = `${timeZone} ${text}`
  const known = compiled.get(name)
  if (known !== undefined) return known
  const made = Option.all({ zone: DateTime.zoneMakeNamed(timeZone), fields: Option.getSuccess(Cron.parse(text, calendar)) }).pipe(
    Option.map((parts) => ({ ...parts, repeats: hoursField(text).startsWith("*"), hasDay: dayTest(parts.fields) }))
  )
  if (compiled.size >= compiledKept) compiled.clear()
  compiled.set(name, made)
  return made
}

const daysKept = 500

/** A day is asked about again and again while the newest run is looked for. */
const dayTest = (fields: Cron.Cron): (midnight: number) => boolean => {
  // The first time of day that the cron names stands for the day.
  const first = smallest(fields.hours) * 3_600_000 + smallest(fields.minutes) * 60_000 + smallest(fields.seconds) * 1000
  const days = new Map<number, boolean>()
  return (midnight) => {
    const known = days.get(midnight)
    if (known !== undefined) return known
    const matches = Cron.match(fields, midnight + first)
    if (days.size >= daysKept) days.clear()
    days.set(midnight, matches)
    return matches
  }
}

const smallest = (values: ReadonlySet<number>): number => values.size === 0 ? 0 : Math.min(...values)

const hoursField = (text: string): string => {
  const fields = text.trim().split(/\s+/)
  return fields[fields.length - 4] ?? ""
}

const wallAfter = Option.liftThrowable((fields: Cron.Cron, wall: number) => Cron.next(fields, wall).getTime())

/** Everything about the stretch of constant offset that begins after `instant`. */
interface Stretch {
  /** Exclusive. */
  readonly from: number
  readonly offset: number
  /** Wall times up to this one are over, or were run in the first of two hours. */
  readonly wall: number
}

const stretchAfter = ({ repeats, zone }: ZonedCron, instant: number): Stretch => {
  const offset = offsetAt(zone, instant)
  const fold = repeats ? null : lastChange(zone, instant, longestFold)
  const wall = fold !== null && fold.after < fold.before ? Math.max(instant + offset, fold.at + fold.before - 1) : instant + offset
  return { from: instant, offset, wall }
}

/** The first occurrence after `instant`; none when the calendar has no such day. */
export const nextOfCron = (cron: ZonedCron, instant: number): Option.Option<number> => {
  let { from, offset, wall } = stretchAfter(cron, instant)
  for (;;) {
    const candidate = wallAfter(cron.fields, wall)
    if (Option.isNone(candidate)) return Option.none()
    const at = candidate.value - offset
    const change = firstChange(cron.zone, from, at)
    if (change === null) return Option.some(at)
    if (change.after > change.before && candidate.value <= change.at + change.after) return Option.some(change.at)
    wall = wallAtChange(cron, change, wall)
    from = change.at
    offset = change.after
  }
}

/** Where the walk goes on after a change of clocks; exclusive. */
const wallAtChange = ({ repeats }: ZonedCron, change: { readonly at: number; readonly before: number; readonly after: number }, wall: number): number =>
  change.after > change.before
    ? change.at + change.after
    : repeats
    ? change.at + change.after - 1
    : Math.max(wall, change.at + change.before - 1)

/** How many occurrences there are after `instant`, `until` included. Takes time by the day, not by the occurrence. */
export const countOfCron = (cron: ZonedCron, instant: number, until: number): number => {
  let { from, offset, wall } = stretchAfter(cron, instant)
  let count = 0
  for (;;) {
    const change = firstChange(cron.zone, from, until)
    if (change === null) return count + countWalls(cron, wall, until + offset)
    count += countWalls(cron, wall, change.at + change.before - 1)
    if (change.after > change.before && countWalls(cron, change.at + change.before - 1, change.at + change.after) > 0) count++
    wall = wallAtChange(cron, change, wall)
    from = change.at
    offset = change.after
  }
}

/** Wall times after `from`, `to` included. */
const countWalls = ({ fields, hasDay }: ZonedCron, from: number, to: number): number => {
  if (to <= from) return 0
  let count = 0
  for (let date = Math.floor(from / day) * day; date <= to; date += day) {
    if (!hasDay(date)) continue
    const begin = date > from ? 0 : upTo(fields, from - date)
    count += upTo(fields, Math.min(to - date, day - 1)) - begin
  }
  return count
}

/** An empty field is every value. */
const has = (values: ReadonlySet<number>, value: number): boolean => values.size === 0 || values.has(value)
const below = (values: ReadonlySet<number>, limit: number): number =>
  values.size === 0 ? limit : Array.from(values).filter((value) => value < limit).length
const sizeOf = (values: ReadonlySet<number>, all: number): number => values.size === 0 ? all : values.size

/** Times of a matching day from midnight to `time` milliseconds after it, both included. */
const upTo = ({ hours, minutes, seconds }: Cron.Cron, time: number): number => {
  const [hour, minute, second] = [Math.floor(time / 3_600_000), Math.floor(time / 60_000) % 60, Math.floor(time / 1000) % 60]
  const perMinute = sizeOf(seconds, 60)
  const inMinute = has(minutes, minute) ? below(seconds, second + 1) : 0
  const inHour = has(hours, hour) ? below(minutes, minute) * perMinute + inMinute : 0
  return below(hours, hour) * sizeOf(minutes, 60) * perMinute + inHour
}
