import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeLocalKeys } from "../../../layers/limits/localKeys.ts"
import { emptyLine, joinLine, longestWait } from "../../../layers/limits/waitingLine.ts"

const step = fc.record({ passed: fc.nat(2_000), earliest: fc.nat(60_000), spacing: fc.integer({ min: 1, max: 5_000 }), random: fc.double({ min: 0, max: 1, noNaN: true }) })

describe("those sent away", () => {
  it("come back no sooner than there can be a place, and no later than half a minute after it", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = 0
      let line = emptyLine
      for (const { passed, ...options } of steps) {
        now += passed
        const [pause, next] = joinLine(line, { now, ...options })
        assert.isAtLeast(pause, options.earliest)
        assert.isAtMost(pause, options.earliest + longestWait)
        line = next
      }
    }))
  })

  it("come back as far apart as places come free, while the line is short", () => {
    let line = emptyLine
    const pauses = Array.from({ length: 5 }, () => {
      const [pause, next] = joinLine(line, { now: 100, earliest: 700, spacing: 250, random: 0.5 })
      line = next
      return pause
    })
    assert.deepStrictEqual(pauses, [700, 950, 1_200, 1_450, 1_700])
  })

  it("find no line where everybody has come back", () => {
    const [, line] = joinLine(emptyLine, { now: 0, earliest: 1_000, spacing: 100, random: 0 })
    assert.strictEqual(joinLine(line, { now: 60_000, earliest: 10, spacing: 100, random: 0 })[0], 10)
  })
})

describe("what a process knows of its keys", () => {
  it("is forgotten for those that have nothing going on, once there are many", () => {
    const keys = makeLocalKeys()
    assert.isTrue(keys.enter("busy", 1, 0))
    for (let index = 0; index < 5_000; index++) keys.sendAway(`endpoint-${index}`, { now: index * 1_000, earliest: 100, spacing: 1, random: 0 })
    assert.isBelow(keys.size(), 1_100)
    assert.isFalse(keys.enter("busy", 1, 0))
  })

  it("follows how long work takes", () => {
    const keys = makeLocalKeys()
    for (let round = 0; round < 40; round++) {
      keys.enter("k", 4, 0)
      keys.leave("k", 0, 8_000)
    }
    assert.closeTo(keys.turnover("k", 4, 0), 2_000, 10)
  })
})
