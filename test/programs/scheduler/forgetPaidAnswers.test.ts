import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { callsKept, forgetPaidAnswers } from "../../../programs/scheduler/forgetPaidAnswers.ts"
import { Usage, type UsageSweep } from "../../../src/services/Usage.ts"

describe("forgetting paid answers", () => {
  it.effect("goes on in small steps until there is nothing more to forget", () =>
    Effect.gen(function*() {
      const left = [1_000, 1_000, 17]
      const sweeps: Array<UsageSweep> = []
      const usage = Usage.of({
        month: () => Effect.die("not asked for"),
        invoice: () => Effect.die("not asked for"),
        sweep: (options) => Effect.sync(() => {
          sweeps.push(options)
          return left.shift() ?? 0
        })
      })
      yield* forgetPaidAnswers(Duration.days(30)).pipe(Effect.provideService(Usage, usage))
      assert.deepStrictEqual(sweeps, Array.from({ length: 3 }, () => ({ answersKept: Duration.days(30), callsKept, limit: 1_000 })))
    }))
})
