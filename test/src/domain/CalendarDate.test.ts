import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { CalendarDate, fromParts } from "../../../src/domain/CalendarDate.ts"

const isDate = Schema.is(CalendarDate)
const days = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 }))

describe("a calendar date", () => {
  it.each(["2026-03-09", "2024-02-29", "2000-02-29", "1900-01-01", "9999-12-31"])("%s exists", (text) => {
    assert.isTrue(isDate(text))
  })

  it.each([
    ..."2026-02-29 1900-02-29 2026-04-31 2026-13-01 2026-00-10 2026-01-00 0026-01-01 1899-12-31".split(" "),
    ..."2026-3-9 26-03-09 20260309 2026/03/09 09.03.2026 2026-03-09T00:00:00Z 02026-03-09".split(" "),
    " 2026-03-09",
    "2026-03-09\n",
    "",
    "٢٠٢٦-٠٣-٠٩"
  ])("%j is none", (text) => {
    assert.isFalse(isDate(text))
  })

  it.prop("is the same day that its parts name, whatever the zone", [days], ([day]) => {
    const date = new Date(Date.UTC(1900, 0, 1 + day))
    assert.strictEqual(
      Option.getOrNull(fromParts(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())),
      date.toISOString().slice(0, 10)
    )
  })

  it("is not made of parts that name no day", () => {
    for (const [year, month, day] of [[2026, 2, 30], [2026, 0, 1], [2026, 1, 1.5], [12_026, 1, 1], [-2026, 1, 1], [Number.NaN, 1, 1]] as const) {
      assert.isTrue(Option.isNone(fromParts(year, month, day)), `${year} ${month} ${day}`)
    }
  })
})
