import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { signPath, verifyPath } from "../../../layers/storage/signedPath.ts"
import { key } from "./conformance.ts"

const secret = new Uint8Array(32).fill(7)
const now = 1_795_000_000_000
const verified = (target: string, at = now) => Option.getOrNull(verifyPath(secret, target, at))

const keys = Schema.NonEmptyString.check(Schema.makeFilter((text: string) => text.isWellFormed()))
const places = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))

describe("a signed path", () => {
  it.prop("reads its own key, whatever characters it has, until it expires", [keys], ([text]) => {
    const target = signPath(secret, key(text), now + 1000)
    assert.strictEqual(verified(target), text)
    assert.strictEqual(verified(target, now + 999), text)
    assert.isNull(verified(target, now + 1000))
    assert.isNull(Option.getOrNull(verifyPath(new Uint8Array(32), target, now)))
  })

  it.prop("reads nothing else and no longer with any character changed", [keys, places], ([text, place]) => {
    const target = signPath(secret, key(text), now + 1000)
    const index = place % target.length
    for (const character of ["0", "a", "/", "%"]) {
      if (target[index] === character) continue
      const read = verified(target.slice(0, index) + character + target.slice(index + 1))
      // "%0a" is another spelling of "%0A": the same key, and so the same signature.
      if (index < target.indexOf("?")) assert.include([null, text], read)
      else assert.isNull(read)
    }
  })

  it.each(["", "/", "/doc", "/doc?expires=1&signature=", "/%E0%A4%A?expires=9999999999999&signature=" + "0".repeat(64), "/doc?signature=" + "0".repeat(64) + "&expires=9999999999999"])(
    "is not %s",
    (target) => {
      assert.isNull(verified(target))
    }
  )
})
