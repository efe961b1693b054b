import { Effect, Layer } from "effect"
import type Calendar from "date-holidays"
import { loadInTurns } from "../process/loadInTurns.ts"
import { type HolidayPlace, Holidays } from "../../src/services/Holidays.ts"

const countryPattern = /^([A-Za-z]{2})(?:-([A-Za-z0-9]{1,3}))?$/

/** Zones of a country as the platform knows them; TypeScript's library does not know the method yet. */
const zonesOf = (country: string): ReadonlyArray<unknown> => {
  const locale = new Intl.Locale(`und-${country}`)
  if (!("getTimeZones" in locale) || typeof locale.getTimeZones !== "function") return []
  const zones: unknown = locale.getTimeZones()
  return Array.isArray(zones) ? zones : []
}

/** Countries that are asked for their zones before something else has its turn. */
const countriesInTurn = 40

const countryOfZone = Effect.fnUntraced(function*(countries: ReadonlyArray<string>, timeZone: string) {
  const zone = new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone
  for (const [index, country] of countries.entries()) {
    if (zonesOf(country).includes(zone)) return country
    if (index % countriesInTurn === countriesInTurn - 1) yield* Effect.yieldNow
  }
  return null
})

/** What the calendar stands on; it takes 75 ms in one go. */
const parts = ["moment-timezone", "astronomia", "caldate", "date-chinese", "date-easter", "date-holidays-parser", "./data.js"]

/** Years and places that are kept: a firm has a few, and each takes some milliseconds to work out. */
const kept = 500

/**
 * `Holidays` by date-holidays. Its data are 41 MB of memory, so it is loaded when the first run asks.
 */
export const DateHolidays: Layer.Layer<Holidays> = Layer.effect(
  Holidays,
  Effect.gen(function*() {
    const load = yield* Effect.cached(loadInTurns("date-holidays", parts, () => import("date-holidays")).pipe(
      Effect.map(({ default: Calendar }) => ({ Calendar, countries: Object.keys(new Calendar().getCountries()) }))
    ))
    const byZone = new Map<string, string | null>()
    const byYear = new Map<string, ReadonlyArray<string>>()

    const remember = <A>(known: Map<string, A>, name: string, made: A): A => {
      if (known.size >= kept) known.clear()
      known.set(name, made)
      return made
    }

    const countryOf = Effect.fnUntraced(function*(countries: ReadonlyArray<string>, timeZone: string) {
      const known = byZone.get(timeZone)
      return known ?? remember(byZone, timeZone, yield* countryOfZone(countries, timeZone))
    })

    const work = (Loaded: typeof Calendar, country: string, part: string | undefined, year: number): ReadonlyArray<string> => {
      // A part that the calendar does not know has its country's days.
      const calendar = part === undefined ? new Loaded(country) : new Loaded(country, part)
      return calendar.getHolidays(year).flatMap(({ date, end, start, type }) => {
        if (type !== "public") return []
        // A holiday that lasts for days counts on each; its dates are those of the place, whatever this process' zone.
        const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / 86_400_000))
        const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`)
        return Array.from({ length: days }, (_, index) => new Date(first + index * 86_400_000).toISOString().slice(0, 10))
      })
    }

    return Holidays.of({
      dates: Effect.fn("Holidays.dates")(function*(place: HolidayPlace, years: ReadonlyArray<number>) {
        const { Calendar: Loaded, countries } = yield* load
        const named = countryPattern.exec(place.country ?? "")
        const country = named?.[1]?.toUpperCase() ?? (yield* countryOf(countries, place.timeZone))
        if (country === null || !countries.includes(country)) return new Set<string>()
        const part = named?.[2]?.toUpperCase()
        const dates = new Set<string>()
        for (const year of years) {
          const name = `${country}-${part ?? ""}-${year}`
          for (const date of byYear.get(name) ?? remember(byYear, name, work(Loaded, country, part, year))) dates.add(date)
          yield* Effect.yieldNow
        }
        return dates
      })
    })
  })
)
