import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import * as fc from "fast-check"
import { RestartHistory, type RestartIntensity } from "../../../src/supervisor/RestartIntensity.ts"

const burst = { restarts: 2, within: Duration.seconds(10) }
const sustained = { restarts: 4, within: Duration.seconds(100) }

const exceededBy = (times: ReadonlyArray<number>, intensity: RestartIntensity = { burst, sustained }) => {
  const history = new RestartHistory(intensity)
  return times.map((seconds) => history.record(seconds * 1000))
}

describe("restart intensity", () => {
  it("allows as many as it says within the time, and no more", () => {
    assert.deepStrictEqual(exceededBy([0, 5, 10]), [null, null, burst])
    assert.deepStrictEqual(exceededBy([0, 5, 10.001]), [null, null, null])
  })

  it("ends a slow loop as well as a fast one", () => {
    assert.deepStrictEqual(exceededBy([0, 20, 40, 60, 80]), [null, null, null, null, sustained])
    assert.deepStrictEqual(exceededBy([0, 30, 60, 90, 120, 150]), [null, null, null, null, null, null])
  })

  it("may allow none", () => {
    assert.deepStrictEqual(exceededBy([7], { burst: { restarts: 0, within: Duration.seconds(1) }, sustained }), [{ restarts: 0, within: Duration.seconds(1) }])
  })

  it("is exceeded exactly when a window holds too many", () => {
    const limit = fc.record({ restarts: fc.integer({ min: 0, max: 4 }), within: fc.integer({ min: 1, max: 60 }).map(Duration.seconds) })
    fc.assert(fc.property(limit, limit, fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 40 }), (burst, sustained, gaps) => {
      const times = gaps.map((_, index) => gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0))
      const answers = exceededBy(times, { burst, sustained })
      times.forEach((now, index) => {
        const tooMany = [burst, sustained].some(({ restarts, within }) =>
          times.slice(0, index + 1).filter((time) => time >= now - Duration.toSeconds(within)).length > restarts)
        assert.strictEqual(answers[index] !== null, tooMany)
      })
    }))
  })
})
