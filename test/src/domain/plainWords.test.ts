import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { maxFileBytes } from "../../../src/domain/limits.ts"
import { durationInWords, sizeInWords } from "../../../src/domain/plainWords.ts"

describe("plain words", () => {
  it.each([
    [0, "0 bytes"],
    [1023, "1023 bytes"],
    [1024, "1 KiB"],
    [1025, "2 KiB"],
    [1024 * 1024, "1 MiB"],
    [1.5 * 1024 * 1024, "1.5 MiB"],
    [maxFileBytes, "20 MiB"],
    [maxFileBytes + 1, "20.1 MiB"],
    [25_000_000, "23.9 MiB"]
  ])("%d bytes are %s", (bytes, words) => {
    assert.strictEqual(sizeInWords(bytes), words)
  })

  it.each([
    [Duration.millis(1), "1 second"],
    [Duration.seconds(1), "1 second"],
    [Duration.seconds(40), "40 seconds"],
    [Duration.seconds(60), "1 minute"],
    [Duration.seconds(61), "2 minutes"],
    [Duration.minutes(3), "3 minutes"],
    [Duration.hours(2), "2 hours"],
    [Duration.hours(24), "24 hours"]
  ])("%s is %s", (duration, words) => {
    assert.strictEqual(durationInWords(duration), words)
  })
})
