import * as fc from "fast-check"

/** A cron field as the reference understands it: its text, and by its own words which values it allows. */
interface Field {
  readonly text: string
  readonly allows: (value: number) => boolean
}

export interface SlowCron {
  readonly text: string
  readonly minute: Field
  readonly hour: Field
  readonly day: Field
  readonly month: Field
  readonly weekday: Field
}

const every: Field = { text: "*", allows: () => true }
const fieldOf = (min: number, max: number): fc.Arbitrary<Field> =>
  fc.oneof(
    fc.integer({ min, max }).map((n): Field => ({ text: `${n}`, allows: (value) => value === n })),
    fc.integer({ min: 2, max: Math.max(2, Math.floor(max / 2)) }).map((step): Field => ({ text: `*/${step}`, allows: (value) => (value - min) % step === 0 })),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]): Field => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      return { text: `${low}-${high}`, allows: (value) => value >= low && value <= high }
    }),
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }).map((list): Field => ({ text: list.join(","), allows: (value) => list.includes(value) }))
  )

const often = (field: fc.Arbitrary<Field>, weight: number) => fc.oneof({ weight, arbitrary: fc.constant(every) }, { weight: 1, arbitrary: field })

/** Mostly the hours in which clocks are changed. */
const hours = fc.oneof({ weight: 2, arbitrary: fieldOf(0, 4) }, { weight: 1, arbitrary: fieldOf(0, 23) }, { weight: 1, arbitrary: fc.constant(every) })

export const slowCron: fc.Arbitrary<SlowCron> = fc.record({
  minute: often(fieldOf(0, 59), 0),
  hour: hours,
  day: often(fieldOf(1, 28), 4),
  month: often(fieldOf(1, 12), 6),
  weekday: often(fieldOf(0, 6), 4)
}).map((fields) => ({
  ...fields,
  text: [fields.minute, fields.hour, fields.day, fields.month, fields.weekday].map(({ text }) => text).join(" ")
}))

/** Every minute of a year, as the clocks of a zone show it; read from the platform, minute by minute. */
export interface YearOfClocks {
  readonly zone: string
  readonly begin: number
  readonly walls: Float64Array
}

export const minute = 60_000

export const yearOfClocks = (zone: string, year: number): YearOfClocks => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  const begin = Date.UTC(year, 0, 1)
  const count = (Date.UTC(year + 1, 0, 1) - begin) / minute
  const walls = new Float64Array(count)
  for (let index = 0; index < count; index++) {
    const [, day, month, y, hour, min] = /(\d+)\/(\d+)\/(\d+), (\d+):(\d+)/.exec(format.format(begin + index * minute)) ?? []
    walls[index] = Date.UTC(Number(y), Number(month) - 1, Number(day), Number(hour), Number(min))
  }
  return { zone, begin, walls }
}

const matches = (cron: SlowCron, wall: number): boolean => {
  const date = new Date(wall)
  if (!cron.minute.allows(date.getUTCMinutes()) || !cron.hour.allows(date.getUTCHours()) || !cron.month.allows(date.getUTCMonth() + 1)) return false
  const [day, weekday] = [cron.day.allows(date.getUTCDate()), cron.weekday.allows(date.getUTCDay())]
  const starred = cron.day.text.startsWith("*") || cron.weekday.text.startsWith("*")
  return starred ? day && weekday : day || weekday
}

/**
 * Every occurrence of the year but its first day, by walking its minutes: a minute that the clocks skip counts for the
 * minute after the gap, and one that they have shown before counts only where the hours are not named.
 */
export const slowOccurrences = (cron: SlowCron, { begin, walls }: YearOfClocks): ReadonlyArray<number> => {
  const repeats = cron.hour.text.startsWith("*")
  const found: Array<number> = []
  let latest = walls[0] ?? 0
  walls.forEach((wall, index) => {
    const seen = index > 0 && wall <= latest
    let due = matches(cron, wall) && (repeats || !seen)
    for (let skipped = latest + minute; skipped < wall; skipped += minute) due ||= matches(cron, skipped)
    if (due && index >= 1440) found.push(begin + index * minute)
    latest = Math.max(latest, wall)
  })
  return found
}
