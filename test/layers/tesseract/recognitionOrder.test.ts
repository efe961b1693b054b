import { assert, it } from "vitest"
import { recognitionOrder } from "../../../layers/tesseract/recognitionOrder.ts"

it.each([
  [1, [1]],
  [2, [1, 2]],
  [4, [1, 4, 2, 3]],
  [30, [1, 30, 2, 3, 4]]
])("of %i pages at most five are recognised: the first, the last, then the rest from the front", (pageCount, order) => {
  assert.deepStrictEqual(recognitionOrder(pageCount, 5), order)
})
