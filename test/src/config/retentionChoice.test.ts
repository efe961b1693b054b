import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { retentionPeriods } from "../../../src/domain/retentionPeriods.ts"
import { faultsOf, loadedFrom } from "./loadedFrom.ts"

describe("RETENTION", () => {
  it.effect("changes the period, the rows of one statement, or both, of the stores that it names; the others stay", () =>
    Effect.gen(function*() {
      const { kept } = yield* loadedFrom({ RETENTION: "webhook-deliveries=30 days, mails = 200 days/1000 ,runs=/200" })
      assert.deepStrictEqual(kept, {
        ...retentionPeriods,
        "webhook-deliveries": { keep: Duration.days(30), batch: 2_000 },
        mails: { keep: Duration.days(200), batch: 1_000 },
        runs: { keep: Duration.days(14), batch: 200 }
      })
      assert.deepStrictEqual((yield* loadedFrom({})).kept, retentionPeriods)
    }))

  it.effect("says what is wrong with it", () =>
    Effect.gen(function*() {
      for (const [text, problem] of [
        ["invoices=1 day", /"invoices=1 day" names no store; the stores are runs, /],
        ["mails", /"mails" names no store/],
        ["mails=long", /mails: "long" is no duration/],
        ["mails=1 hour", /mails: at least a day/],
        ["mails=9 days/0", /mails: 1 to 50000 rows/],
        ["mails=9 days/100000", /mails: 1 to 50000 rows/]
      ] as const) assert.match((yield* faultsOf({ RETENTION: text })).join(), problem)
    }))
})
