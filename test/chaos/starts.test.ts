import { assert, describe, it } from "@effect/vitest"
import type { LedgerEntry } from "../../chaos/ledger/LedgerEntry.ts"
import { firstStart, isMet, recovery, slowest, startsIn } from "../../chaos/ledger/starts.ts"

const write = (at: number, to: string, epoch: number | null, invoiceId = "i1"): LedgerEntry => ({
  invoiceId,
  at,
  from: "processing",
  to,
  fieldsChanged: false,
  epoch,
  generation: 1,
  clientPort: null
})

describe("when work starts again", () => {
  it("counts each claim as a start, and the note of a failed try as none", () => {
    const starts = startsIn([write(1, "processing", 1), write(2, "processing", 1), write(3, "processing", 2), write(4, "processed", 2), write(5, "processing", 1, "i2")], () => "A")
    assert.deepStrictEqual(starts.map(({ at, invoiceId }) => [at, invoiceId]), [[1, "i1"], [3, "i1"], [5, "i2"]])
    assert.strictEqual(firstStart(starts, ({ at }) => at > 1), 3)
    assert.isNull(firstStart(starts, ({ at }) => at > 5))
  })

  it("gives seconds from the fault, and never less than none", () => {
    assert.deepStrictEqual(recovery("it starts", 10_000, 12_500, 15), { what: "it starts", seconds: 2.5, limit: 15 })
    assert.strictEqual(recovery("it starts", 10_000, 9_000, 15).seconds, 0)
  })

  it("is as slow as its slowest, and not met when one never came", () => {
    assert.strictEqual(slowest("all start", 1_000, [2_000, 5_000, 3_000], 15).seconds, 4)
    const never = slowest("all start", 1_000, [2_000, null], 15)
    assert.isNull(never.seconds)
    assert.isFalse(isMet(never))
    assert.isTrue(isMet(recovery("it starts", 0, 15_000, 15)))
    assert.isFalse(isMet(recovery("it starts", 0, 15_001, 15)))
  })
})
