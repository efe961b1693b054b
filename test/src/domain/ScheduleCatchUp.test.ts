import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import * as fc from "fast-check"
import { decideDue, type DueDecision, eachCap, runsAtOnce } from "../../../src/domain/ScheduleCatchUp.ts"
import { countOccurrences } from "../../../src/domain/ScheduleOccurrences.ts"
import type { CatchUp, ScheduleSpec } from "../../../src/domain/ScheduleSpec.ts"

const at = (text: string): DateTime.Utc => DateTime.makeUnsafe(text)
const hourly: ScheduleSpec = { type: "cron", cron: "0 * * * *", timeZone: "UTC" }
const decide = (catchUp: CatchUp, nextRunAt: string, now: string, spec: ScheduleSpec = hourly) =>
  decideDue({ spec, key: "key", catchUp, nextRunAt: at(nextRunAt) }, at(now))
const plain = ({ more, nextRunAt, runs, skipped }: DueDecision) => ({
  runs: runs.map(({ at, missed }) => [DateTime.formatIso(at).slice(11, 16), missed] as const),
  skipped: skipped === null ? null : [DateTime.formatIso(skipped.newest).slice(11, 16), skipped.count],
  next: Option.getOrUndefined(Option.map(nextRunAt, (time) => DateTime.formatIso(time).slice(11, 16))),
  more
})

describe("what becomes of missed runs", () => {
  it("is nothing special when the run is on time, whatever the policy", () => {
    for (const catchUp of ["run-once", "skip", "each"] as const) {
      assert.deepStrictEqual(plain(decide(catchUp, "2026-06-01T09:00Z", "2026-06-01T09:00:02Z")), { runs: [["09:00", 0]], skipped: null, next: "10:00", more: false })
    }
  })

  it("run-once: one run for the newest, which says how many others it stands for", () => {
    assert.deepStrictEqual(plain(decide("run-once", "2026-06-01T09:00Z", "2026-06-01T14:30Z")), { runs: [["14:00", 5]], skipped: null, next: "15:00", more: false })
  })

  it("skip: none that is older than a minute, and a record of what was left out", () => {
    assert.deepStrictEqual(plain(decide("skip", "2026-06-01T09:00Z", "2026-06-01T14:30Z")), { runs: [], skipped: ["14:00", 6], next: "15:00", more: false })
    assert.deepStrictEqual(plain(decide("skip", "2026-06-01T09:00Z", "2026-06-01T14:01Z")), { runs: [["14:00", 0]], skipped: ["13:00", 5], next: "15:00", more: false })
    assert.deepStrictEqual(plain(decide("skip", "2026-06-01T09:00Z", "2026-06-01T14:01:00.001Z")), { runs: [], skipped: ["14:00", 6], next: "15:00", more: false })
  })

  it("each: all of them, oldest first, a few at a time", () => {
    assert.deepStrictEqual(plain(decide("each", "2026-06-01T09:00Z", "2026-06-01T11:30Z")), { runs: [["09:00", 0], ["10:00", 0], ["11:00", 0]], skipped: null, next: "12:00", more: false })
    const many = decide("each", "2026-06-01T09:00Z", "2026-06-03T09:30Z")
    assert.lengthOf(many.runs, runsAtOnce)
    assert.deepInclude(plain(many), { next: "05:00", more: true, skipped: null })
  })

  it("each: after a long outage only the newest thousand", () => {
    const decision = decide("each", "2026-01-01T00:00Z", "2026-06-01T09:30Z")
    const total = 151 * 24 + 10
    assert.strictEqual(decision.skipped?.count, total - eachCap)
    const first = decision.runs[0]
    assert.isDefined(first)
    if (first !== undefined) assert.strictEqual(countOccurrences(hourly, "key", DateTime.subtract(first.at, { milliseconds: 1 }), at("2026-06-01T09:30Z")), eachCap)
  })

  it("never runs a time twice and loses none without saying so, however late and however often somebody looks", () => {
    fc.assert(fc.property(
      fc.constantFrom<CatchUp>("run-once", "skip", "each"),
      fc.constantFrom<ScheduleSpec>(hourly, { type: "interval", everySeconds: 7, spread: true }, { type: "cron", cron: "*/5 * * * *", timeZone: "Europe/Paris" }, { type: "cron", cron: "30 2 * * *", timeZone: "Europe/Paris" }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 40_000_000 })), { maxLength: 30 }),
      (catchUp, spec, waits) => {
        let now = at("2026-10-24T12:00:00Z")
        let next = at("2026-10-24T10:00:00Z")
        const begin = DateTime.subtract(next, { milliseconds: 1 })
        const seen = new Set<number>()
        let accounted = 0
        for (const wait of waits) {
          now = DateTime.add(now, { milliseconds: wait })
          if (DateTime.isGreaterThan(next, now)) continue
          const decision = decideDue({ spec, key: "key", catchUp, nextRunAt: next }, now)
          for (const run of decision.runs) {
            assert.isFalse(seen.has(DateTime.toEpochMillis(run.at)), "twice")
            assert.isTrue(DateTime.isLessThanOrEqualTo(run.at, now))
            seen.add(DateTime.toEpochMillis(run.at))
            accounted += 1 + run.missed
          }
          accounted += decision.skipped?.count ?? 0
          next = Option.getOrThrow(decision.nextRunAt)
          assert.strictEqual(decision.more, DateTime.isLessThanOrEqualTo(next, now))
        }
        assert.strictEqual(accounted, countOccurrences(spec, "key", begin, DateTime.subtract(next, { milliseconds: 1 })))
      }
    ))
  })
})
