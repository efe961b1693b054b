import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { toVisionError } from "../../../layers/google/visionErrors.ts"

const of = (cause: unknown) => toVisionError(cause, "GOOGLE_VISION_API_KEY")

describe("a failed call to Google Vision", () => {
  it.each([
    [{ seconds: 7 }, 7000],
    [{ seconds: "7", nanos: 500_000_000 }, 7500],
    [{ seconds: { toString: () => "12" } }, 12_000],
    [{}, 0],
    [{ seconds: "soon" }, 0]
  ])("waits as long as RetryInfo says, in whatever form the number comes", (retryDelay, millis) => {
    const { reason } = of({ code: 8, statusDetails: [{ other: 1 }, { retryDelay }] })
    assert.deepStrictEqual(reason, { _tag: "RateLimited", after: Duration.millis(millis) })
  })

  it.each([undefined, null, [], [{ retryDelay: "3s" }], "text"])("waits half a minute where there is none", (statusDetails) => {
    assert.deepInclude(of({ code: 8, statusDetails }).reason, { _tag: "RateLimited", after: Duration.seconds(30) })
  })

  it("is transient where Google did not even answer", () => {
    for (const cause of [new Error("socket hang up, INVOICE"), undefined, { code: "ECONNRESET" }, { code: 2 }, { code: 99 }]) {
      const error = of(cause)
      assert.strictEqual(error.retry._tag, "Transient")
      assert.notInclude(error.message, "INVOICE")
    }
    assert.include(of({ code: "ECONNRESET" }).message, "ECONNRESET")
  })
})
