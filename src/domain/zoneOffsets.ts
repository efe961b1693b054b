import { DateTime } from "effect"

/** The moment from which a zone's clocks show another time. Offsets are milliseconds east of UTC. */
export interface OffsetChange {
  /** The first instant of the new offset, in milliseconds since the epoch. */
  readonly at: number
  readonly before: number
  readonly after: number
}

const day = 86_400_000

/** What the platform says; to ask it takes as long as a hundred other steps. */
const askedOffset = (zone: DateTime.TimeZone.Named, instant: number): number =>
  DateTime.zonedOffset(DateTime.makeZonedUnsafe(instant, { timeZone: zone }))

/** To the second: no zone changes its clocks within one. */
const locate = (zone: DateTime.TimeZone.Named, from: number, before: number, to: number, after: number): OffsetChange => {
  let [low, high] = [from, to]
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (askedOffset(zone, middle) === before) low = middle
    else high = middle
  }
  return { at: high, before, after }
}

interface YearOfClocks {
  /** Until the first change. */
  readonly offset: number
  readonly changes: ReadonlyArray<OffsetChange>
}

/** An occurrence needs many offsets: a year is asked for once. */
const years = new Map<string, YearOfClocks>()
const yearsKept = 4_000

/** One calendar year (UTC), looked through day by day: two changes within a day would be seen as one. */
const yearOfClocks = (zone: DateTime.TimeZone.Named, year: number): YearOfClocks => {
  const name = `${zone.id} ${year}`
  const known = years.get(name)
  if (known !== undefined) return known
  const changes: Array<OffsetChange> = []
  const end = Date.UTC(year + 1, 0, 1)
  // A second early, so that a change at the first instant of the year is this year's.
  let from = Date.UTC(year, 0, 1) - 1000
  const offset = askedOffset(zone, from)
  let before = offset
  while (from < end - 1000) {
    const to = Math.min(from + day, end - 1000)
    const after = askedOffset(zone, to)
    if (after !== before) changes.push(locate(zone, from, before, to, after))
    from = to
    before = after
  }
  if (years.size >= yearsKept) years.clear()
  const made = { offset, changes }
  years.set(name, made)
  return made
}

const yearOf = (instant: number): number => new Date(instant).getUTCFullYear()

/** How far east of UTC the zone's clocks are at this instant, in milliseconds. */
export const offsetAt = (zone: DateTime.TimeZone.Named, instant: number): number => {
  const { changes, offset } = yearOfClocks(zone, yearOf(instant))
  return changes.findLast(({ at }) => at <= instant)?.after ?? offset
}

/** The first change after `from`, `until` included. */
export const firstChange = (zone: DateTime.TimeZone.Named, from: number, until: number): OffsetChange | null => {
  for (let year = yearOf(from); year <= yearOf(until); year++) {
    const found = yearOfClocks(zone, year).changes.find(({ at }) => at > from)
    if (found !== undefined) return found.at <= until ? found : null
  }
  return null
}

/** The last change within `reach` milliseconds before `instant`, `instant` included. */
export const lastChange = (zone: DateTime.TimeZone.Named, instant: number, reach: number): OffsetChange | null => {
  for (let year = yearOf(instant); year >= yearOf(instant - reach); year--) {
    const found = yearOfClocks(zone, year).changes.findLast(({ at }) => at <= instant)
    if (found !== undefined) return found.at > instant - reach ? found : null
  }
  return null
}
