import { assert, describe, it } from "@effect/vitest"
import { costOf, listPriceOf, modelPrice, visionPrice } from "../../../src/domain/prices.ts"
import { nothingUsed } from "../../../src/domain/ProviderEngine.ts"

describe("what a call costs, in millionths of a dollar", () => {
  it("is by pages or by tokens, and never rounded down to nothing", () => {
    assert.strictEqual(costOf({ ...nothingUsed, pages: 10 }, visionPrice(1.5)), 15_000)
    assert.strictEqual(costOf({ ...nothingUsed, inputTokens: 1_000_000, outputTokens: 1_000_000 }, modelPrice(0.4, 1.6)), 2_000_000)
    assert.strictEqual(costOf({ ...nothingUsed, inputTokens: 1 }, modelPrice(0.05, 0.4)), 1)
    assert.strictEqual(costOf(nothingUsed, modelPrice(0.4, 1.6)), 0)
  })

  it("is known for OpenAI's models, dated versions too, and for no other", () => {
    for (const model of ["gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"]) assert.deepStrictEqual(listPriceOf(model), modelPrice(0.4, 1.6))
    assert.deepStrictEqual(listPriceOf("gpt-4.1"), modelPrice(2, 8))
    for (const model of ["gpt-4.1-mini-own", "my-gpt-4.1-mini", "llama3.2", "gpt-4x1-mini"]) assert.isNull(listPriceOf(model), model)
  })
})
