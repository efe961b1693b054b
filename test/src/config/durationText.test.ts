import { assert, describe, it } from "@effect/vitest"
import { Duration, Option, Schema } from "effect"
import { DurationText } from "../../../src/config/durationText.ts"

const millisOf = (text: string): number | null =>
  Option.getOrNull(Option.map(Schema.decodeUnknownOption(DurationText)(text), Duration.toMillis))

describe("a duration in the environment", () => {
  it.each([
    ["20", 20_000],
    ["0", 0],
    ["20 seconds", 20_000],
    ["1 second", 1_000],
    ["20s", 20_000],
    ["1.5 s", 1_500],
    ["500ms", 500],
    ["500 millis", 500],
    ["2m", 120_000],
    ["2 minutes", 120_000],
    ["1 h", 3_600_000],
    ["14 days", 1_209_600_000],
    ["1d", 86_400_000],
    [" 5 Seconds ", 5_000]
  ])("reads %s", (text, millis) => assert.strictEqual(millisOf(text), millis))

  it.each(["", "soon", "-5 seconds", "20 parsecs", "1 2 s", "s", "1e3"])("refuses %s", (text) => assert.isNull(millisOf(text)))
})
