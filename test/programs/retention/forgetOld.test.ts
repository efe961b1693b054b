import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { forgetOld } from "../../../programs/retention/forgetOld.ts"
import { type RetentionPeriods, retentionPeriods, type StoreName } from "../../../src/domain/retentionPeriods.ts"
import { RetentionError, type RetentionStore, RetentionStores } from "../../../src/services/RetentionStores.ts"
import { withLines } from "../../src/supervisor/toyProgram.ts"

/** Stores with so many old records, null for one that cannot be reached; and what they were asked for. */
const storesWith = (old: Partial<Record<StoreName, number | null>>) => {
  const asked: Array<string> = []
  const left = new Map(Object.entries(old))
  const stores = Layer.succeed(RetentionStores, {
    all: Object.keys(retentionPeriods).filter((name): name is StoreName => name in old).map((name): RetentionStore => ({
      name,
      forget: ({ limit, olderThan }) =>
        Effect.suspend(() => {
          const count = left.get(name)
          if (typeof count !== "number") return Effect.fail(new RetentionError({ store: name, detail: "no such table" }))
          asked.push(`${name} ${Duration.format(olderThan)} ${limit}`)
          const now = Math.min(count, limit)
          left.set(name, count - now)
          return Effect.succeed(now)
        })
    }))
  })
  return { asked, left, stores }
}

const run = (stores: Layer.Layer<RetentionStores>, periods: RetentionPeriods = retentionPeriods) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(withLines(Effect.exit(Effect.provide(forgetOld(periods), stores))))
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

describe("tidying up", () => {
  it.effect("asks each store for what is older than its period, in batches of its size, until nothing is left, and tells how much went", () =>
    Effect.gen(function*() {
      const { asked, left, stores } = storesWith({ processes: 2_500, runs: 0 })
      const [exit, lines] = yield* run(stores)
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(asked, ["runs 14d 5000", "processes 1d 1000", "processes 1d 1000", "processes 1d 1000"])
      assert.strictEqual(left.get("processes"), 0)
      assert.include(lines, "old records were deleted")
      assert.notInclude(lines, "runs")
    }))

  it.effect("goes by what the operator has said of a store", () =>
    Effect.gen(function*() {
      const { asked, stores } = storesWith({ processes: 150, runs: 0 })
      yield* run(stores, { ...retentionPeriods, processes: { keep: Duration.days(3), batch: 100 } })
      assert.deepStrictEqual(asked, ["runs 14d 5000", "processes 3d 100", "processes 3d 100"])
    }))

  it.effect("says nothing where there was nothing to delete", () =>
    Effect.gen(function*() {
      const [, lines] = yield* run(storesWith({ processes: 0 }).stores)
      assert.strictEqual(lines, "")
    }))

  it.effect("goes on with the other stores when one fails, and says which", () =>
    Effect.gen(function*() {
      const { left, stores } = storesWith({ runs: null, processes: 10 })
      const [exit] = yield* run(stores)
      assert.include(String(exit), "old runs could not be deleted: no such table")
      assert.strictEqual(left.get("processes"), 0)
    }))

  it.effect("leaves the rest for the next hour where there is very much", () =>
    Effect.gen(function*() {
      const { asked, left, stores } = storesWith({ processes: 1_000_000 })
      yield* run(stores)
      assert.lengthOf(asked, 100)
      assert.strictEqual(left.get("processes"), 900_000)
    }))
})
