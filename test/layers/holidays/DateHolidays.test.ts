import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { DateHolidays } from "../../../layers/holidays/DateHolidays.ts"
import { Holidays } from "../../../src/services/Holidays.ts"

const dates = (country: string | null, timeZone: string, ...years: ReadonlyArray<number>) =>
  Holidays.use((holidays) => holidays.dates({ country, timeZone }, years)).pipe(Effect.map((found) => [...found].sort()))

const france = ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"].map((day) => `2026-${day}`)

layer(DateHolidays)("public holidays", (it) => {
  it.effect("are those of the country that is named", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* dates("FR", "America/New_York", 2026), france)
      assert.deepStrictEqual(yield* dates("fr", "UTC", 2026), france)
      assert.include(yield* dates("US", "Europe/Paris", 2026, 2027), "2027-07-05")
    }))

  it.effect("are more in a part of it that has days of its own", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* dates("FR-57", "Europe/Paris", 2026), [...france, "2026-04-03", "2026-12-26"].sort())
      assert.deepStrictEqual(yield* dates("FR-99", "Europe/Paris", 2026), france)
    }))

  it.effect("are those of the time zone's country where none is named", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* dates(null, "Europe/Paris", 2026), france)
      assert.include(yield* dates(null, "America/Martinique", 2026), "2026-05-22")
      assert.include(yield* dates(null, "Asia/Kolkata", 2026), "2026-01-26")
      assert.include(yield* dates("not a country", "Australia/Lord_Howe", 2026), "2026-04-25")
    }))

  it.effect("are none where nobody knows any", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* dates("ZZ", "Europe/Paris", 2026), [])
      assert.deepStrictEqual(yield* dates(null, "UTC", 2026), [])
    }))
})
