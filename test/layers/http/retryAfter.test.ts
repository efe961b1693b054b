import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Option } from "effect"
import { parseRetryAfter } from "../../../layers/http/retryAfter.ts"

const now = DateTime.makeUnsafe("2026-11-23T21:00:00Z")
const millis = (value: string | null | undefined) => Option.getOrNull(Option.map(parseRetryAfter(value, now), Duration.toMillis))

describe("the pause that a server asks for", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    [" 120 ", 120_000],
    ["1.5", 1500],
    ["Mon, 23 Nov 2026 21:00:30 GMT", 30_000],
    ["Monday, 23-Nov-26 21:01:00 GMT", 60_000],
    ["Mon, 23 Nov 2026 20:00:00 GMT", 0]
  ])("%s is %d ms", (header, expected) => {
    assert.strictEqual(millis(header), expected)
  })

  it.each([undefined, null, "", "soon", "-5", "1e9", "Mon, 99 Foo", "99999999999", "2026-11-23"])("%s says nothing", (header) => {
    assert.isNull(millis(header))
  })
})
