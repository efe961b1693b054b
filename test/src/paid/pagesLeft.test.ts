import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { pagesLeft as left } from "../../../src/paid/pagesLeft.ts"

const pagesPerRequest = 5
const pagesLeft = (count: number, limit: number) => left(count, limit, pagesPerRequest)

describe("the pages of a PDF that are recognised", () => {
  it("are all of a short one", () => {
    assert.deepStrictEqual(pagesLeft(0, 10), [])
    assert.deepStrictEqual(pagesLeft(5, 10), [])
    assert.deepStrictEqual(pagesLeft(6, 10), [[6]])
    assert.deepStrictEqual(pagesLeft(10, 10), [[6, 7, 8, 9, 10]])
  })

  it("are the first ones and the last of a long one", () => {
    assert.deepStrictEqual(pagesLeft(11, 10), [[6, 7, 8, 9, 11]])
    assert.deepStrictEqual(pagesLeft(500, 12), [[6, 7, 8, 9, 10], [11, 500]])
  })

  const counts = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 }))
  const limits = Schema.Int.check(Schema.isBetween({ minimum: 6, maximum: 40 }))
  it.prop("never repeat, never exceed the limit, and end with the last page", [counts, limits], ([count, limit]) => {
    const requests = pagesLeft(count, limit)
    const pages = [...Array.from({ length: Math.min(count, pagesPerRequest) }, (_, index) => index + 1), ...requests.flat()]
    assert.strictEqual(new Set(pages).size, Math.min(count, limit))
    assert.strictEqual(pages.length, Math.min(count, limit))
    assert.isTrue(count === 0 || pages.at(-1) === count)
    assert.isTrue(requests.every((request) => request.length > 0 && request.length <= pagesPerRequest))
  })
})
