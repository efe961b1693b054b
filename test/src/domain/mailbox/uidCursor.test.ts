import { describe, expect, it } from "vitest"
import * as fc from "fast-check"
import { cursorAfter } from "../../../../src/domain/mailbox/uidCursor.ts"

const uids = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 80 }).map((list) => list.sort((a, b) => a - b))

describe("the cursor of a folder", () => {
  it("is the lowest mail that is not settled, whatever was settled before it in whatever order", () => {
    fc.assert(fc.property(uids, fc.array(fc.integer({ min: 1, max: 300 })), (listed, done) => {
      const settled = new Set(done)
      const cursor = cursorAfter(1, listed, settled)
      const isOpen = (uid: number) => !settled.has(uid)
      return !listed.some((uid) => uid < cursor && isOpen(uid)) && (!listed.some(isOpen) || listed.includes(cursor))
    }))
    expect(cursorAfter(1, [2, 4, 6], new Set([2, 6]))).toBe(4)
  })

  it("stands behind the last mail when all are settled, and goes back for none", () => {
    expect(cursorAfter(1, [3, 7], new Set([3, 7]))).toBe(8)
    expect(cursorAfter(9, [], new Set())).toBe(9)
    expect(cursorAfter(1, [3, 7], new Set([7]))).toBe(3)
  })
})
