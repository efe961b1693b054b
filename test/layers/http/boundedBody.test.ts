import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Stream } from "effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import { TestClock } from "effect/testing"
import { readBounded } from "../../../layers/http/boundedBody.ts"

const answer = (body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>, headers: Record<string, string> = {}) =>
  HttpClientResponse.fromWeb(HttpClientRequest.get("http://storage.test"), new Response(body, { headers }))

const limits = { maxBytes: 10, idleTimeout: Duration.seconds(15) }
const bytes = (size: number) => new Uint8Array(size).fill(7)

describe("reading a body with limits", () => {
  it.effect("gives all of it, in a plain array", () =>
    Effect.gen(function*() {
      const parts = Stream.toReadableStream(Stream.make(bytes(3), bytes(0), bytes(4)))
      const read = yield* readBounded(answer(parts), limits)
      assert.deepStrictEqual(read, bytes(7))
      assert.strictEqual(read.buffer.byteLength, 7)
      assert.strictEqual((yield* readBounded(answer(bytes(0)), limits)).length, 0)
    }))

  it.effect("takes exactly the limit, and no byte more", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* readBounded(answer(bytes(10)), limits)).length, 10)
      assert.deepStrictEqual(yield* Effect.flip(readBounded(answer(bytes(11)), limits)), { _tag: "TooLarge", limit: 10, size: null })
    }))

  it.effect("refuses a declared size without reading", () =>
    Effect.gen(function*() {
      const never = answer(new ReadableStream(), { "content-length": "11" })
      assert.deepStrictEqual(yield* Effect.flip(readBounded(never, limits)), { _tag: "TooLarge", limit: 10, size: 11 })
    }))

  it.effect("fails where fewer bytes come than declared", () =>
    Effect.gen(function*() {
      const short = answer(bytes(4), { "content-length": "5" })
      assert.deepStrictEqual(yield* Effect.flip(readBounded(short, limits)), { _tag: "Cut", received: 4, expected: 5 })
    }))

  it.effect("compares no length of packed bytes with what comes out", () =>
    Effect.gen(function*() {
      const unpacked = answer(bytes(9), { "content-length": "5", "content-encoding": "gzip" })
      assert.strictEqual((yield* readBounded(unpacked, limits)).length, 9)
    }))

  it.effect("waits for the next part no longer than told, however long the whole takes", () =>
    Effect.gen(function*() {
      const slow = Stream.toReadableStream(Stream.make(bytes(1), bytes(1), bytes(1)).pipe(Stream.concat(Stream.never)))
      const reading = yield* Effect.forkChild(Effect.flip(readBounded(answer(slow), limits)))
      // The stream's own promises take real time.
      yield* TestClock.withLive(Effect.sleep("200 millis"))
      yield* TestClock.adjust("14 seconds")
      assert.isUndefined(reading.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(reading), { _tag: "Stalled", after: Duration.seconds(15) })
    }))
})
