import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import * as fc from "fast-check"
import { restartDelay } from "../../../src/supervisor/restartDelay.ts"

const backoff = { base: Duration.millis(200), cap: Duration.seconds(30), jitter: 0 }
const millis = (crashes: number, jitter = 0, random = 0) => Duration.toMillis(restartDelay({ ...backoff, jitter }, crashes, random))

describe("the wait before a restart", () => {
  it("doubles with each crash, up to the cap, however many there are", () => {
    assert.deepStrictEqual([1, 2, 3, 8, 9, 50, 5000].map((crashes) => millis(crashes)), [200, 400, 800, 25_600, 30_000, 30_000, 30_000])
  })

  it("leaves a part to chance", () => {
    assert.deepStrictEqual([0, 0.5, 1].map((random) => millis(1, 0.5, random)), [100, 150, 200])
  })

  it("stays within its bounds and never shrinks with another crash", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (crashes, jitter, random) => {
      const full = millis(crashes)
      const wait = millis(crashes, jitter, random)
      assert.isAtMost(wait, full)
      assert.isAtLeast(wait, Math.floor(full * (1 - jitter)))
      assert.isAtLeast(millis(crashes + 1, jitter, random), wait)
    }))
  })
})
