import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readAutomations } from "../../../../src/domain/automation/Automation.ts"

const good = { id: "a", name: "A", schedule: { cron: "0 9 * * *", timeZone: "Europe/Paris" }, do: { type: "emit-event", event: "site.open" } }
const only = (value: unknown) => readAutomations([value])[0]
const reasonOf = (value: unknown) => {
  const read = only(value)
  return read === undefined || read._tag === "Good" ? read?._tag : read.reason
}

describe("a user's automations", () => {
  it("may be none", () => {
    for (const none of [null, undefined, []]) expect(readAutomations(none)).toEqual([])
  })

  it("keep what is not known out of the way", () => {
    expect(only({ ...good, colour: "red", schedule: { ...good.schedule, note: 1 } })).toMatchObject({ _tag: "Good", id: "a", automation: good })
  })

  it.each([
    [{ schedule: { ...good.schedule, cron: "* * * * * *" } }, /schedule\.cron: expected five fields/],
    [{ schedule: { ...good.schedule, cron: "0 9 30 2 *" } }, /no year has/],
    [{ schedule: { ...good.schedule, catchUp: "sometimes" } }, /schedule\.catchUp/],
    [{ schedule: { cron: "0 9 * * *" } }, /schedule\.timeZone/],
    [{ name: "" }, /name/],
    [{ id: "with space" }, /id: expected an id/],
    [{ enabled: "yes" }, /enabled/],
    [{ when: { days: ["monday"] } }, /when\.days\.0/],
    [{ when: { features: { magic: true } } }, /expected names of features/],
    [{ when: { entries: { are: "missing", in: { lastDays: 100 } } } }, /when\.entries\.in/],
    [{ do: { type: "run-code" } }, /do\.type: expected one of create-entry/],
    [{ do: { type: "remind", event: "entry.lost" } }, /do\.event: expected one of entry\.missing/],
    [{ do: { type: "create-entry", start: "8:00", end: "17:00" } }, /do\.start: expected a time as HH:MM/],
    [{ do: { type: "create-entry", start: "08:00", end: "08:00" } }, /do\.end: expected an end/],
    [{ do: { type: "create-entry", start: "08:00", end: "09:00", breakMinutes: 60 } }, /do\.breakMinutes: expected a break shorter/],
    [{ do: { type: "emit-event", event: "entry.approved" } }, /do\.event: expected a name that is not one of the product's own/],
    [{ do: { type: "emit-event", event: "site.open", payload: { x: "{{constructor}}" } } }, /do\.payload: expected placeholders that exist/]
  ])("are bad with %j, and say where", (change, reason) => {
    expect(only({ ...good, ...change })?._tag).toBe("Bad")
    expect(reasonOf({ ...good, ...change })).toMatch(reason)
  })

  it("are not taken over where they are not ours", () => {
    for (const value of [1, "x", null, {}, { id: "a" }, { id: 7, schedule: {}, do: {} }]) expect(only(value)).toMatchObject({ _tag: "NotTakenOver", id: "#1" })
    for (const value of ["x", 7, {}, { automations: [] }]) expect(readAutomations(value)).toMatchObject([{ _tag: "NotTakenOver", id: "#0" }])
    expect(only({ ...good, version: 2, do: { type: "new" } })).toMatchObject({ _tag: "NotTakenOver", id: "a" })
  })

  it("stop at fifty, and the others run", () => {
    const many = readAutomations(Array.from({ length: 60 }, (_, index) => ({ ...good, id: `a${index}` })))
    expect(many.filter(({ _tag }) => _tag === "Good")).toHaveLength(50)
    expect(many.at(-1)).toMatchObject({ _tag: "Bad", id: "#more" })
  })

  it("are read whatever they are, and have ids of their own", () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.anything(), fc.constant(good), fc.record({ id: fc.string(), schedule: fc.anything(), do: fc.anything() }))), (list) => {
      const ids = readAutomations(list).map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
    }))
  })
})
