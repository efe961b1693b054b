import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { randomFor } from "../../chaos/random.ts"

const choices = (seed: number, purpose: string) => {
  const random = randomFor(seed, purpose)
  return [random.between(0, 10), random.integer(1, 7), random.pick(["a", "b", "c"]), random.chance(0.5), random.shuffle([1, 2, 3, 4, 5])]
}

describe("a run's choices", () => {
  it("are the same again for the same seed and scenario, whatever ran before", () => {
    fc.assert(fc.property(fc.integer(), fc.string(), (seed, purpose) => {
      choices(seed + 1, "another")
      assert.deepStrictEqual(choices(seed, purpose), choices(seed, purpose))
    }))
  })

  it("differ from seed to seed and from scenario to scenario", () => {
    assert.notDeepEqual(choices(1, "kill -9"), choices(2, "kill -9"))
    assert.notDeepEqual(choices(1, "kill -9"), choices(1, "FLUSHALL"))
  })

  it("stay in their bounds, and a shuffle loses nothing", () => {
    fc.assert(fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
      const random = randomFor(seed, "bounds")
      assert.isTrue(random.between(2, 3) >= 2 && random.between(2, 3) < 3)
      assert.include([1, 2, 3], random.integer(1, 4))
      assert.sameMembers([...random.shuffle(items)], items)
    }))
  })
})
