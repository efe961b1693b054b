import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import * as fc from "fast-check"
import { countOccurrences, missedOccurrences, newestOccurrence, nextOccurrence } from "../../../src/domain/ScheduleOccurrences.ts"
import type { ScheduleSpec } from "../../../src/domain/ScheduleSpec.ts"
import { minute, slowCron, slowOccurrences, yearOfClocks } from "../../support/slowCron.ts"

const at = (text: string | number): DateTime.Utc => DateTime.makeUnsafe(text)
const cron = (text: string, timeZone: string): ScheduleSpec => ({ type: "cron", cron: text, timeZone })
const times = (spec: ScheduleSpec, after: string, until: string) =>
  missedOccurrences(spec, "key", at(after), at(until), 10_000).map((time) => DateTime.formatIso(time).replace(":00.000Z", "Z"))

const zones = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]

describe("a cron over a whole year, against a walk through its minutes", () => {
  for (const zone of zones) {
    it(`in ${zone}`, () => {
      const year = yearOfClocks(zone, 2026)
      const [first, last] = [year.begin + 1440 * minute, year.begin + year.walls.length * minute - 1]
      // Around the changes of clocks every minute is asked about; elsewhere a sample.
      const changes = Array.from(year.walls).flatMap((wall, index) => index > 0 && wall - (year.walls[index - 1] ?? wall) !== minute ? [year.begin + index * minute] : [])
      assert.lengthOf(changes, zone === "Asia/Kolkata" ? 0 : 2)
      fc.assert(
        fc.property(slowCron, fc.array(fc.tuple(fc.integer({ min: first, max: last }), fc.integer({ min: first, max: last })), { minLength: 20, maxLength: 20 }), (generated, spans) => {
          const expected = slowOccurrences(generated, year)
          const spec = cron(generated.text, zone)
          const nextIn = (instant: number) => expected.find((time) => time > instant)
          const next = (instant: number) => Option.getOrUndefined(Option.map(nextOccurrence(spec, "key", at(instant)), DateTime.toEpochMillis))
          const within = (from: number, until: number) => expected.filter((time) => time > from && time <= until)
          if (expected.length < 800) {
            const all = missedOccurrences(spec, "key", at(first - 1), at(last), 1000).map(DateTime.toEpochMillis)
            assert.deepStrictEqual(all, expected)
          }
          for (const change of changes) {
            const [from, until] = [change - 200 * minute, change + 200 * minute]
            assert.deepStrictEqual(missedOccurrences(spec, "key", at(from), at(until), 1000).map(DateTime.toEpochMillis), within(from, until))
            for (let instant = change - 90 * minute; instant <= change + 90 * minute; instant += 7 * minute + 13_000) {
              const due = nextIn(instant)
              if (due !== undefined) assert.strictEqual(next(instant), due)
              assert.strictEqual(countOccurrences(spec, "key", at(from), at(instant)), within(from, instant).length)
            }
          }
          for (const [a, b] of spans) {
            const [from, until] = [Math.min(a, b), Math.max(a, b)]
            const inside = within(from, until)
            if (nextIn(from) !== undefined) assert.strictEqual(next(from), nextIn(from))
            assert.strictEqual(countOccurrences(spec, "key", at(from), at(until)), inside.length)
            assert.strictEqual(Option.getOrUndefined(Option.map(newestOccurrence(spec, "key", at(from), at(until)), DateTime.toEpochMillis)), inside.at(-1))
            assert.strictEqual(Option.getOrUndefined(Option.map(newestOccurrence(spec, "key", at(from), at(until), 3), DateTime.toEpochMillis)), inside.at(-3))
          }
        }),
        { numRuns: 40 }
      )
    }, 120_000)
  }
})

describe("a change of clocks", () => {
  it("runs a time that does not exist once, at the first instant after the gap", () => {
    assert.deepStrictEqual(times(cron("30 2 * * *", "Europe/Paris"), "2026-03-27T12:00Z", "2026-03-31T00:00Z"), ["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"])
    assert.deepStrictEqual(times(cron("15,45 2 * * *", "America/New_York"), "2026-03-08T00:00Z", "2026-03-08T12:00Z"), ["2026-03-08T07:00Z"])
    assert.deepStrictEqual(times(cron("15 2 * * *", "Australia/Lord_Howe"), "2026-10-03T00:00Z", "2026-10-04T00:00Z"), ["2026-10-03T15:30Z"])
  })

  it("makes one run of a time in the gap and one that is due at its end", () => {
    assert.deepStrictEqual(times(cron("0 2,3 * * *", "Europe/Paris"), "2026-03-28T12:00Z", "2026-03-29T12:00Z"), ["2026-03-29T01:00Z"])
  })

  it("runs a time that exists twice once, the first time, where the hour is named", () => {
    assert.deepStrictEqual(times(cron("30 2 * * *", "Europe/Paris"), "2026-10-24T12:00Z", "2026-10-26T12:00Z"), ["2026-10-25T00:30Z", "2026-10-26T01:30Z"])
    assert.deepStrictEqual(times(cron("*/30 1 * * *", "America/New_York"), "2026-11-01T00:00Z", "2026-11-01T12:00Z"), ["2026-11-01T05:00Z", "2026-11-01T05:30Z"])
    assert.deepStrictEqual(times(cron("45 1 * * *", "Australia/Lord_Howe"), "2026-04-04T00:00Z", "2026-04-05T00:00Z"), ["2026-04-04T14:45Z"])
  })

  it("runs in both hours where the cron counts hours", () => {
    assert.deepStrictEqual(times(cron("*/30 * * * *", "Europe/Paris"), "2026-10-24T23:59Z", "2026-10-25T02:00Z"), [
      "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z"
    ])
    assert.deepStrictEqual(times(cron("45 * * * *", "Australia/Lord_Howe"), "2026-04-04T14:00Z", "2026-04-04T16:30Z"), ["2026-04-04T14:45Z", "2026-04-04T15:15Z", "2026-04-04T16:15Z"])
  })

  it("counts a quarter of an hour as a quarter of an hour where clocks go forward", () => {
    assert.deepStrictEqual(times(cron("*/15 * * * *", "Europe/Paris"), "2026-03-29T00:40Z", "2026-03-29T01:20Z"), ["2026-03-29T00:45Z", "2026-03-29T01:00Z", "2026-03-29T01:15Z"])
  })

  it("may skip a whole day, as in Samoa in 2011", () => {
    assert.deepStrictEqual(times(cron("0 9 * * *", "Pacific/Apia"), "2011-12-29T12:00Z", "2011-12-31T20:00Z"), ["2011-12-29T19:00Z", "2011-12-30T10:00Z", "2011-12-30T19:00Z", "2011-12-31T19:00Z"])
  })
})

describe("seconds and rare days", () => {
  it("takes six fields, seconds first", () => {
    assert.deepStrictEqual(
      missedOccurrences(cron("*/20 59 1 * * *", "Europe/Paris"), "key", at("2026-03-29T00:00Z"), at("2026-03-29T02:00Z"), 9).map((time) => DateTime.formatIso(time)),
      ["2026-03-29T00:59:00.000Z", "2026-03-29T00:59:20.000Z", "2026-03-29T00:59:40.000Z"]
    )
    assert.strictEqual(countOccurrences(cron("*/20 * * * * *", "Europe/Paris"), "key", at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")), 365 * 24 * 180)
  })

  it("waits eight years for a 29 February", () => {
    assert.deepStrictEqual(times(cron("0 0 29 2 *", "UTC"), "2096-03-01T00:00Z", "2104-03-01T00:00Z"), ["2104-02-29T00:00Z"])
  })
})

describe("an interval", () => {
  const everyFiveMinutes: ScheduleSpec = { type: "interval", everySeconds: 300, spread: true }

  it("lies on a grid that depends on the key alone, so that nothing drifts", () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 4e12 }), fc.nat(50), (key, everySeconds, from, steps) => {
      const spec: ScheduleSpec = { type: "interval", everySeconds, spread: true }
      const first = Option.getOrThrow(nextOccurrence(spec, key, at(from)))
      assert.isAbove(DateTime.toEpochMillis(first), from)
      assert.isAtMost(DateTime.toEpochMillis(first), from + everySeconds * 1000)
      const later = DateTime.addDuration(first, `${everySeconds * steps} seconds`)
      // Whatever moment of the period somebody looks at, the same next run comes out.
      assert.deepStrictEqual(Option.getOrThrow(nextOccurrence(spec, key, DateTime.subtract(later, { milliseconds: 1 }))), later)
      assert.strictEqual(countOccurrences(spec, key, at(from), later), steps + 1)
    }))
  })

  it("is spread evenly over its period by its key", () => {
    const keys = Array.from({ length: 30_000 }, (_, index) => `tenant-${index}`)
    const seconds = Array.from({ length: 300 }, () => 0)
    for (const key of keys) {
      const second = Math.floor(DateTime.toEpochMillis(Option.getOrThrow(nextOccurrence(everyFiveMinutes, key, at(0)))) / 1000) % 300
      seconds[second] = (seconds[second] ?? 0) + 1
    }
    // 100 each are expected; chi-square with 299 degrees of freedom stays below 378 in 999 of 1000 cases.
    const chiSquare = seconds.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)
    assert.isBelow(chiSquare, 378)
    assert.isBelow(Math.max(...seconds), 150)
  })

  it("runs at the beginning of the period where spreading is not wanted", () => {
    assert.deepStrictEqual(times({ type: "interval", everySeconds: 300, spread: false }, "2026-01-01T00:00Z", "2026-01-01T00:10Z"), ["2026-01-01T00:05Z", "2026-01-01T00:10Z"])
  })
})
