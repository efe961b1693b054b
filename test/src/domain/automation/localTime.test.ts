import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { addDays, dateIn, datesBetween, instantIn, minutesIn, mondayOf, weekdayOf, zoneNamed } from "../../../../src/domain/automation/localTime.ts"
import { CalendarDate } from "../../../../src/domain/CalendarDate.ts"
import { minute, yearOfClocks } from "../../../support/slowCron.ts"

const date = (text: string) => CalendarDate.make(text)
const iso = (zone: string, day: string, minutes: number) => new Date(instantIn(zoneNamed(zone), date(day), minutes)).toISOString().slice(0, 16)
const zones = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"]

describe("a time on the wall", () => {
  it.each([
    ["Europe/Paris", "2026-06-09", 8 * 60, "2026-06-09T06:00"],
    ["Asia/Kolkata", "2026-06-09", 0, "2026-06-08T18:30"],
    ["America/New_York", "2026-06-09", 25 * 60, "2026-06-10T05:00"]
  ])("in %s on %s, minute %i, is %s in UTC", (zone, day, minutes, expected) => {
    expect(iso(zone, day, minutes)).toBe(expected)
  })

  it("that does not exist is the first instant after the gap", () => {
    expect(iso("Europe/Paris", "2026-03-29", 2 * 60 + 30)).toBe("2026-03-29T01:00")
    expect(iso("America/New_York", "2026-03-08", 2 * 60 + 1)).toBe("2026-03-08T07:00")
    expect(iso("Australia/Lord_Howe", "2026-10-04", 2 * 60 + 15)).toBe("2026-10-03T15:30")
  })

  it("that exists twice is the first of the two", () => {
    expect(iso("Europe/Paris", "2026-10-25", 2 * 60 + 30)).toBe("2026-10-25T00:30")
    expect(iso("America/New_York", "2026-11-01", 60 + 30)).toBe("2026-11-01T05:30")
    expect(iso("Australia/Lord_Howe", "2026-04-05", 60 + 45)).toBe("2026-04-04T14:45")
  })

  it("on a date that a zone has left out is the first instant of the next one", () => {
    expect(iso("Pacific/Apia", "2011-12-30", 9 * 60)).toBe("2011-12-30T10:00")
  })

  it("is what a walk through every minute of the year finds", () => {
    for (const zone of zones) {
      const { begin, walls } = yearOfClocks(zone, 2026)
      const first = new Map<number, number>()
      walls.forEach((wall, index) => first.has(wall) || first.set(wall, begin + index * minute))
      const named = zoneNamed(zone)
      fc.assert(fc.property(fc.integer({ min: 2_000, max: walls.length - 2_000 }), (index) => {
        const wall = walls[index] ?? 0
        const day = date(new Date(wall).toISOString().slice(0, 10))
        const minutes = (wall - Date.parse(`${day}T00:00Z`)) / minute
        const instant = begin + index * minute
        return instantIn(named, day, minutes) === first.get(wall) && dateIn(named, instant) === day && minutesIn(named, instant) === minutes
      }), { numRuns: 2_000, seed: 7 })
      // What no clock shows: the next minute that one shows.
      for (let index = 1; index < walls.length - 2_000; index++) {
        const [before = 0, after = 0] = [walls[index - 1], walls[index]]
        if (after - before <= minute) continue
        const skipped = before + minute
        const day = date(new Date(skipped).toISOString().slice(0, 10))
        expect(instantIn(named, day, (skipped - Date.parse(`${day}T00:00Z`)) / minute)).toBe(begin + index * minute)
      }
    }
  }, 60_000)
})

describe("dates", () => {
  it("go over months and years, and weeks begin on Monday", () => {
    expect(addDays(date("2028-02-28"), 2)).toBe("2028-03-01")
    expect(mondayOf(date("2027-01-01"))).toBe("2026-12-28")
    expect([weekdayOf(date("2026-06-07")), weekdayOf(date("2026-06-08"))]).toEqual([7, 1])
    expect(datesBetween(date("2026-12-30"), date("2027-01-01"))).toEqual(["2026-12-30", "2026-12-31", "2027-01-01"])
    expect(datesBetween(date("2027-01-01"), date("2026-12-30"))).toEqual([])
  })
})
