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

/** What a zone's clocks do in a stretch of time. */
interface Stretch {
  /** Until the first change. */
  readonly offset: number
  readonly changes: ReadonlyArray<OffsetChange>
}

/** About a year; counted from the epoch, so that finding the stretch of an instant is a division. */
const stretchLength = 366 * day
const indexOf = (instant: number): number => Math.floor(instant / stretchLength)

/** An occurrence needs many offsets: a stretch is asked for once. */
const stretches = new Map<string, Map<number, Stretch>>()
const stretchesKept = 100

const stretchAt = (zone: DateTime.TimeZone.Named, index: number): Stretch => {
  const ofZone = stretches.get(zone.id) ?? new Map<number, Stretch>()
  const known = ofZone.get(index)
  if (known !== undefined) return known
  const made = askFor(zone, index * stretchLength, (index + 1) * stretchLength)
  if (ofZone.size >= stretchesKept) ofZone.clear()
  ofZone.set(index, made)
  stretches.set(zone.id, ofZone)
  return made
}

/** Looked through day by day: two changes within a day would be seen as one. */
const askFor = (zone: DateTime.TimeZone.Named, begin: number, end: number): Stretch => {
  const changes: Array<OffsetChange> = []
  // A second early, so that a change at the first instant belongs to this stretch.
  let from = begin - 1000
  const offset = askedOffset(zone, from)
  let before = offset
  while (from < end - 1000) {
    const to = Math.min(from + day, end - 1000)
    const after = askedOffset(zone, to)
    if (after !== before) changes.push(locate(zone, from, before, to, after))
    from = to
    before = after
  }
  return { offset, changes }
}

/** How far east of UTC the zone's clocks are at this instant, in milliseconds. */
export const offsetAt = (zone: DateTime.TimeZone.Named, instant: number): number => {
  const { changes, offset } = stretchAt(zone, indexOf(instant))
  return changes.findLast(({ at }) => at <= instant)?.after ?? offset
}

/** The first change after `from`, `until` included. */
export const firstChange = (zone: DateTime.TimeZone.Named, from: number, until: number): OffsetChange | null => {
  for (let index = indexOf(from); index <= indexOf(until); index++) {
    const found = stretchAt(zone, index).changes.find(({ at }) => at > from)
    if (found !== undefined) return found.at <= until ? found : null
  }
  return null
}

/** The last change within `reach` milliseconds before `instant`, `instant` included. */
export const lastChange = (zone: DateTime.TimeZone.Named, instant: number, reach: number): OffsetChange | null => {
  for (let index = indexOf(instant); index >= indexOf(instant - reach); index--) {
    const found = stretchAt(zone, index).changes.findLast(({ at }) => at <= instant)
    if (found !== undefined) return found.at > instant - reach ? found : null
  }
  return null
}
