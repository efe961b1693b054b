import { describe, expect, it } from "vitest"
import { readAutomations } from "../../../../src/domain/automation/Automation.ts"
import type { EntryFact, Facts } from "../../../../src/domain/automation/Facts.ts"
import { zoneNamed } from "../../../../src/domain/automation/localTime.ts"
import { mostRows } from "../../../../src/domain/automation/Plan.ts"
import { planRun, windowOf } from "../../../../src/domain/automation/planRun.ts"
import { CalendarDate } from "../../../../src/domain/CalendarDate.ts"
import { defaultFeatures } from "../../../../src/domain/Features.ts"

/** An automation with this action and these conditions. */
const automation = (action: unknown, when: unknown = {}) => {
  const [read] = readAutomations([{ id: "a", name: "A", schedule: { cron: "0 18 * * *", timeZone: "Europe/Paris" }, when, do: action }])
  if (read?._tag !== "Good") throw new Error(JSON.stringify(read))
  return read.automation
}

let made = 0
const entry = (start: string, end: string | null, change: Partial<EntryFact> = {}): EntryFact => ({
  id: `e${made++}`,
  start: Date.parse(start),
  end: end === null ? null : Date.parse(end),
  status: "pending",
  projectId: null,
  taskId: null,
  breakMinutes: null,
  note: null,
  exported: false,
  ...change
})

/** A Tuesday, 18:00 in Paris. */
const facts = (change: Partial<Facts> = {}, date = "2026-06-09"): Facts => ({
  tenantId: "t",
  userId: "u",
  userName: "Ada",
  features: defaultFeatures,
  zone: zoneNamed("Europe/Paris"),
  occurrence: Date.parse(`${date}T16:00:00Z`),
  date: CalendarDate.make(date),
  missed: 0,
  now: Date.parse(`${date}T16:00:01Z`),
  entries: [],
  exportedUntil: null,
  absences: [],
  holidays: new Set(),
  projects: new Map(),
  invoices: [],
  ...change
})

const block = (start: string, end: string, more: object = {}) => automation({ type: "create-entry", start, end, ...more })
const timesOf = ({ create }: ReturnType<typeof planRun>) => create.map(({ end, start }) => [new Date(start).toISOString().slice(0, 16), new Date(end).toISOString().slice(0, 16)])

describe("a block that is logged", () => {
  it("on the night when clocks go forward begins where the gap ends, and is not logged where it lies in the gap", () => {
    const sunday = facts({}, "2026-03-29")
    const evenOn = { evenOn: ["weekend"] }
    expect(timesOf(planRun(block("02:30", "06:00", evenOn), sunday))).toEqual([["2026-03-29T01:00", "2026-03-29T04:00"]])
    expect(planRun(block("02:10", "02:50", evenOn), sunday)).toMatchObject({ create: [], note: "the clocks are changed and leave no time" })
    expect(planRun(block("01:30", "03:30", { ...evenOn, breakMinutes: 60 }), sunday)).toMatchObject({ create: [], note: "the clocks are changed and leave no time" })
  })

  it("on the night when clocks go back takes the first of two times", () => {
    expect(timesOf(planRun(block("02:30", "06:00", { evenOn: ["weekend"] }), facts({}, "2026-10-25")))).toEqual([["2026-10-25T00:30", "2026-10-25T05:00"]])
  })

  it("over midnight ends on the next date, and may touch but not overlap another", () => {
    const night = block("22:00", "06:00")
    expect(timesOf(planRun(night, facts({ entries: [entry("2026-06-10T04:00Z", "2026-06-10T10:00Z")] })))).toEqual([["2026-06-09T20:00", "2026-06-10T04:00"]])
    expect(planRun(night, facts({ entries: [entry("2026-06-10T03:59Z", "2026-06-10T10:00Z")] })).note).toBe("there is an entry already")
  })

  it("is not in the way of an entry that was left open long ago, but of one from today", () => {
    expect(planRun(block("08:00", "17:00"), facts({ entries: [entry("2026-06-01T06:00Z", null)] })).create).toHaveLength(1)
    expect(planRun(block("08:00", "17:00"), facts({ entries: [entry("2026-06-08T16:00Z", null)] })).create).toHaveLength(0)
  })

  it.each([
    ["an approved entry on its date", { entries: [entry("2026-06-09T18:00Z", "2026-06-09T19:00Z", { status: "approved" })] }],
    ["hours exported up to its date", { exportedUntil: Date.parse("2026-06-09T05:00Z") }],
    ["hours exported beyond its date", { exportedUntil: Date.parse("2026-06-30T05:00Z") }]
  ])("is not logged with %s", (_, change) => {
    expect(planRun(block("08:00", "17:00"), facts(change))).toMatchObject({ create: [], note: "on a date that is approved or exported" })
  })

  it("is final where the firm does not approve, and an approved neighbour is then no closed date", () => {
    const features = { ...defaultFeatures, approvalWorkflow: false }
    const [made] = planRun(block("08:00", "12:00"), facts({ features, entries: [entry("2026-06-09T12:00Z", "2026-06-09T15:00Z", { status: "approved" })] })).create
    expect(made?.status).toBe("approved")
  })
})

describe("closing", () => {
  const close = automation({ type: "close-open-entry", at: "17:30" })
  it("waits until the time is there, and leaves what people have decided alone", () => {
    expect(planRun(close, facts({ now: Date.parse("2026-06-09T15:00Z"), entries: [entry("2026-06-09T06:00Z", null)] })).close).toEqual([])
    expect(planRun(close, facts({ entries: [entry("2026-06-09T06:00Z", null, { status: "approved" }), entry("2026-06-09T06:00Z", null, { exported: true })] })).close).toEqual([])
    expect(planRun(close, facts({ entries: [entry("2026-06-08T20:00Z", null)] })).close).toMatchObject([{ end: Date.parse("2026-06-09T15:30Z") }])
  })
})

describe("last week", () => {
  const copy = automation({ type: "copy-last-week", evenOn: ["weekend"] })
  it("is copied by the clock on the wall, over a change of clocks too", () => {
    const source = [entry("2026-03-24T07:00Z", "2026-03-24T16:00Z"), entry("2026-03-27T21:00Z", "2026-03-28T05:00Z")]
    expect(timesOf(planRun(copy, facts({ entries: source }, "2026-03-30")))).toEqual([["2026-03-31T06:00", "2026-03-31T15:00"], ["2026-04-03T20:00", "2026-04-04T04:00"]])
  })

  it("is cut at the most that one run may write, and says so", () => {
    const many = Array.from({ length: 150 }, (_, index) => {
      const start = Date.parse("2026-06-01T06:00Z") + index * 1_800_000
      return entry(new Date(start).toISOString(), new Date(start + 900_000).toISOString())
    })
    const plan = planRun(copy, facts({ entries: many }))
    expect(plan.create).toHaveLength(mostRows)
    expect(plan.note).toContain("only the first 100 of 150")
  })
})

describe("conditions", () => {
  const tell = (when: unknown) => automation({ type: "emit-event", event: "site.open" }, when)
  const holds = (when: unknown, change: Partial<Facts> = {}, date?: string) => planRun(tell(when), facts(change, date)).events.length === 1
  it("all hold, or nothing happens", () => {
    expect(holds({})).toBe(true)
    expect(holds({ features: { punchClock: true } })).toBe(false)
    expect(holds({ features: { punchClock: false, projects: true } })).toBe(true)
    expect(holds({ days: ["workday"] })).toBe(true)
    expect(holds({ days: ["workday", "holiday"] }, { holidays: new Set(["2026-06-09"]) })).toBe(true)
    expect(holds({ days: ["workday"] }, { holidays: new Set(["2026-06-09"]) })).toBe(false)
    expect(holds({ days: ["weekend"] }, {}, "2026-06-13")).toBe(true)
    expect(holds({ days: ["workday"] }, { absences: [{ from: CalendarDate.make("2026-06-01"), to: CalendarDate.make("2026-06-09") }] })).toBe(false)
    expect(holds({ projectId: "p" })).toBe(false)
    expect(holds({ projectId: "p" }, { projects: new Map([["p", { archived: true }]]) })).toBe(false)
    expect(holds({ projectId: "p" }, { projects: new Map([["p", { archived: false }]]) })).toBe(true)
    expect(holds({ projectId: "p", days: ["weekend"] }, { projects: new Map([["p", { archived: false }]]) })).toBe(false)
  })

  it("look at entries and invoices", () => {
    const worked = [entry("2026-06-09T06:00Z", "2026-06-09T15:00Z", { projectId: "p" })]
    expect(holds({ entries: { are: "missing", in: "today" } })).toBe(true)
    expect(holds({ entries: { are: "missing", in: "today" } }, { entries: worked })).toBe(false)
    expect(holds({ entries: { are: "missing", in: "today", projectId: "q" } }, { entries: worked })).toBe(true)
    expect(holds({ entries: { are: "present", in: "today", projectId: "p" } }, { entries: worked })).toBe(true)
    expect(holds({ entries: { are: "open", in: "today" } }, { entries: worked })).toBe(false)
    expect(holds({ entries: { are: "open", in: "today" } }, { entries: [entry("2026-06-09T06:00Z", null)] })).toBe(true)
    const invoices = [{ query: { of: "firm" as const, waitingLongerThanDays: 3 }, waiting: 2, oldest: 0 }]
    const features = { ...defaultFeatures, invoices: true }
    expect(holds({ invoices: { waitingLongerThanDays: 3 } }, { features, invoices })).toBe(true)
    expect(holds({ invoices: { waitingLongerThanDays: 3 } }, { invoices })).toBe(false)
    expect(holds({ invoices: { waitingLongerThanDays: 3, of: "user" } }, { features, invoices })).toBe(false)
  })

  it("and the action say how far back the run has to look", () => {
    const date = CalendarDate.make("2026-06-09")
    expect(windowOf(block("08:00", "17:00"), date)).toEqual({ from: "2026-06-07", to: "2026-06-11" })
    expect(windowOf(automation({ type: "copy-last-week" }), date)).toEqual({ from: "2026-05-31", to: "2026-06-16" })
    expect(windowOf(tell({ entries: { are: "missing", in: { lastDays: 30 } } }), date).from).toBe("2026-05-09")
  })
})
