import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result } from "effect"
import { parseRedisUrl } from "../../../src/domain/redisUrl.ts"

const said = (text: string): string => Result.merge(parseRedisUrl(Redacted.make(text)))

describe("a REDIS_URL", () => {
  it.each([
    ["redis://cache", "cache:6379"],
    ["redis://cache:6380/2", "cache:6380"],
    ["redis://cache/", "cache:6379"],
    ["rediss://user:geheim@cache.example:6390", "cache.example:6390"],
    ["redis://:p%40geheim@127.0.0.1/0", "127.0.0.1:6379"],
    ["redis://[::1]:6379", "[::1]:6379"]
  ])("%s is shown as %s", (text, label) => {
    assert.isTrue(Result.isSuccess(parseRedisUrl(Redacted.make(text))))
    assert.strictEqual(said(text), label)
  })

  it.each([
    ["cache:6379", /begins with redis:\/\//],
    ["geheim", /expected a URL/],
    ["http://cache:6379", /begins with redis:\/\//],
    ["geheim:x@cache", /begins with redis:\/\//],
    ["redis://", /no host/],
    ["redis:///3", /no host/],
    ["redis://cache/queue", /database's number/],
    ["redis://:x@geheim#y@cache", /percent-encoded/],
    ["redis://u:1/geheim@cache", /percent-encoded/],
    ["redis://:ge%heim@cache", /percent-encoded/]
  ])("%s is refused without repeating it", (text, problem) => {
    assert.isTrue(Result.isFailure(parseRedisUrl(Redacted.make(text))))
    assert.match(said(text), problem)
    assert.notInclude(said(text), "geheim")
  })
})
