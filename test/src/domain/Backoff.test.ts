import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { type Backoff, defaultBackoff, delayAfter, maxBackoff } from "../../../src/domain/Backoff.ts"

const millis = (backoff: Backoff, attempt: number, random: number) => Duration.toMillis(delayAfter(backoff, attempt, random))
const between = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))
const intBetween = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const AnyBackoff = Schema.Struct({ type: Schema.Literals(["fixed", "exponential"]), delay: intBetween(0, 3_600_000), jitter: between(0, 1) })
const make = (any: typeof AnyBackoff.Type): Backoff => ({ ...any, delay: Duration.millis(any.delay) })

describe("the wait between attempts", () => {
  it("doubles, from one to two seconds at first", () => {
    assert.deepStrictEqual([1, 2, 3, 4].map((attempt) => millis(defaultBackoff, attempt, 1)), [2_000, 4_000, 8_000, 16_000])
    assert.deepStrictEqual([1, 2, 3, 4].map((attempt) => millis(defaultBackoff, attempt, 0)), [1_000, 2_000, 4_000, 8_000])
  })

  it("stays the same when it is fixed", () => {
    const fixed: Backoff = { type: "fixed", delay: Duration.seconds(3), jitter: 0 }
    assert.deepStrictEqual([1, 2, 50].map((attempt) => millis(fixed, attempt, 0.4)), [3_000, 3_000, 3_000])
  })

  it("ends its growth at ten minutes, unless the producer asked for more from the beginning", () => {
    assert.strictEqual(millis({ ...defaultBackoff, jitter: 0 }, 1_000_000, 0.5), 600_000)
    assert.strictEqual(millis({ type: "exponential", delay: Duration.hours(1), jitter: 0 }, 7, 0.5), 3_600_000)
  })

  it.prop("is between what chance may take away and the cap", [AnyBackoff, intBetween(-1, 100), between(0, 1)], ([any, attempt, random]) => {
    const wait = millis(make(any), attempt, random)
    assert.isAtLeast(wait, Math.floor(any.delay * (1 - any.jitter)))
    assert.isAtMost(wait, Math.max(any.delay, Duration.toMillis(maxBackoff)))
    assert.isTrue(Number.isInteger(wait))
  })

  it.prop("never shrinks from one attempt to the next", [AnyBackoff, intBetween(1, 100), between(0, 1)], ([any, attempt, random]) => {
    assert.isAtLeast(millis(make(any), attempt + 1, random), millis(make(any), attempt, random))
  })
})
