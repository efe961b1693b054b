import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import { scheduleKey } from "../../../src/domain/automation/Automation.ts"
import { decideDue } from "../../../src/domain/ScheduleCatchUp.ts"
import { nextOccurrence } from "../../../src/domain/ScheduleOccurrences.ts"
import type { ScheduleSpec } from "../../../src/domain/ScheduleSpec.ts"
import { Holidays } from "../../../src/services/Holidays.ts"
import { makeVirtualTime } from "../../support/virtualTime.ts"
import { entriesOf, makeRun, newUser, ownAutomations, runJob } from "../../support/automationTables.ts"

const year = 2027
const begin = Date.UTC(year, 0, 1) - 86_400_000
const end = Date.UTC(year + 1, 0, 1) + 86_400_000
/** How often the scheduler looks, on the virtual clock. */
const tick = 20 * 60_000

/** What the clocks on the wall show, as the platform says it: not by the code that is tried. */
const wall = (zone: string) => {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  return (instant: string) => format.format(new Date(instant)).replace(", ", " ")
}
const daysOf = (first: string, count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, index) => new Date(Date.parse(`${first}T00:00Z`) + index * 86_400_000).toISOString().slice(0, 10))
const hours = ({ end, start }: { readonly start: string; readonly end: string | null }): number => (Date.parse(end ?? "") - Date.parse(start)) / 3_600_000

/** Where the clocks are changed in 2027, the nights that are shorter and longer. */
const zones = [
  { timeZone: "Europe/Paris", nights: { "2027-03-27": 7, "2027-10-30": 9 } },
  { timeZone: "America/New_York", nights: { "2027-03-13": 7, "2027-11-06": 9 } },
  { timeZone: "Asia/Kolkata", nights: {} },
  { timeZone: "Australia/Lord_Howe", nights: { "2027-04-03": 8.5, "2027-10-02": 7.5 } }
] as const

/** Lives the year, then looks at what was logged. */
const liveYear = Effect.fn("test.liveYear")(function*({ nights, timeZone }: (typeof zones)[number]) {
  const plans = [
    { id: "day", cron: "0 18 * * *", do: { type: "create-entry", start: "08:00", end: "17:00" } },
    // At half past two: a time that one day does not have, and another has twice.
    { id: "night", cron: "30 2 * * *", do: { type: "create-entry", start: "22:00", end: "06:00", day: "previous", evenOn: ["weekend", "holiday"] } }
  ] as const
  const user = yield* newUser({ automations: plans.map(({ cron, id, do: action }) => ({ id, name: id, schedule: { cron, timeZone }, do: action })) })
  const schedules = plans.map(({ cron, id }) => {
    const spec: ScheduleSpec = { type: "cron", cron, timeZone }
    const key = scheduleKey(user.tenantId, user.tenantUserId, id)
    return { id, key, spec, catchUp: "run-once" as const, nextRunAt: nextOccurrence(spec, key, DateTime.makeUnsafe(begin)) }
  })

  const time = yield* makeVirtualTime
  for (;;) {
    // The first look at which something is due.
    const due = Math.min(...schedules.map(({ nextRunAt }) => DateTime.toEpochMillis(Option.getOrThrow(nextRunAt))))
    if (due > end) break
    yield* time.setTime(Math.ceil(due / tick) * tick)
    const now = yield* time.provide(DateTime.now)
    for (const schedule of schedules) {
      if (Option.isNone(schedule.nextRunAt) || DateTime.isGreaterThan(schedule.nextRunAt.value, now)) continue
      const decision = decideDue({ ...schedule, nextRunAt: schedule.nextRunAt.value }, now)
      schedule.nextRunAt = decision.nextRunAt
      for (const { at, missed } of decision.runs) {
        const verdict = yield* time.provide(runJob(yield* makeRun(user, schedule.id, DateTime.formatIso(at), missed)))
        assert.strictEqual(verdict._tag, "Complete")
      }
    }
  }

  const show = wall(timeZone)
  const rows = (yield* entriesOf(user)).map((row) => ({ ...row, from: show(row.start), to: show(row.end ?? "") })).filter(({ from }) => from.startsWith(String(year)))
  const holidays = yield* Holidays.use(({ dates }) => dates({ country: null, timeZone }, [year]))
  const dates = daysOf(`${year}-01-01`, 365)
  const workdays = dates.filter((date) => ![0, 6].includes(new Date(`${date}T00:00Z`).getUTCDay()) && !holidays.has(date))
  assert.isBelow(workdays.length, 261, "there are public holidays")

  const days = rows.filter(({ automationId }) => automationId === "day")
  assert.deepStrictEqual(days.map(({ from, to }) => `${from} ${to}`), workdays.map((date) => `${date} 08:00 ${date} 17:00`))
  days.forEach((row) => assert.strictEqual(hours(row), 9))

  const shifts = rows.filter(({ automationId }) => automationId === "night")
  assert.deepStrictEqual(shifts.map(({ from, to }) => `${from} ${to}`), dates.map((date) => `${date} 22:00 ${daysOf(date, 2)[1]} 06:00`))
  const odd = shifts.filter((row) => hours(row) !== 8).map((row) => [row.from.slice(0, 10), hours(row)])
  assert.deepStrictEqual(Object.fromEntries(odd), nights)
})

layer(ownAutomations, { excludeTestServices: true })(`the whole year ${year} on a virtual clock`, (it) => {
  it.effect(`in ${zones.map(({ timeZone }) => timeZone).join(", ")}: a standard day on every workday, a night shift every night, each once, by the clock on the wall`, () =>
    Effect.forEach(zones, liveYear, { concurrency: "unbounded", discard: true }), 180_000)
})
