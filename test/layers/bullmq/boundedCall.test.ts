import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { boundedCall } from "../../../layers/bullmq/boundedCall.ts"

const options = (call: () => Promise<string>, landed: Array<string> = []) => ({
  call,
  limit: Duration.millis(50),
  failed: (cause: unknown) => `failed: ${cause instanceof Error ? cause.message : "unknown"}`,
  late: () => "late",
  landed: (answer: string) => void landed.push(answer)
})

/** A promise that the test settles. */
const unsettled = () => {
  const deferred = Deferred.makeUnsafe<string, Error>()
  return {
    promise: Effect.runPromise(Deferred.await(deferred)),
    resolve: (answer: string) => Deferred.doneUnsafe(deferred, Effect.succeed(answer)),
    reject: (error: Error) => Deferred.doneUnsafe(deferred, Effect.fail(error))
  }
}

describe("a call that may never settle", () => {
  it.live("gives its answer, or its failure, when it settles in time", () =>
    Effect.gen(function*() {
      const landed: Array<string> = []
      assert.strictEqual(yield* boundedCall(options(async () => "answer", landed)), "answer")
      assert.strictEqual(yield* Effect.flip(boundedCall(options(() => Promise.reject(new Error("refused")), landed))), "failed: refused")
      assert.deepStrictEqual(landed, [])
    }))

  it.live("fails when it takes too long; an answer that comes later lands once, a failure nowhere", () =>
    Effect.gen(function*() {
      const landed: Array<string> = []
      const { promise, resolve } = unsettled()
      const [time, answer] = yield* Effect.timed(Effect.flip(boundedCall(options(() => promise, landed))))
      assert.strictEqual(answer, "late")
      assert.isBelow(Duration.toMillis(time), 2_000)
      const other = unsettled()
      assert.strictEqual(yield* Effect.flip(boundedCall(options(() => other.promise, landed))), "late")
      assert.deepStrictEqual(landed, [])
      resolve("a job")
      other.reject(new Error("too late"))
      yield* Effect.sleep("20 millis")
      assert.deepStrictEqual(landed, ["a job"])
    }))

  it.live("is not interrupted meanwhile, so that its answer is not lost", () =>
    Effect.gen(function*() {
      const { promise, resolve } = unsettled()
      const seen: Array<string> = []
      const fiber = yield* Effect.forkChild(Effect.uninterruptible(Effect.map(boundedCall({ ...options(() => promise), limit: Duration.seconds(5) }), (answer) => seen.push(answer))))
      yield* Effect.sleep("10 millis")
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* Effect.sleep("10 millis")
      resolve("a job")
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(seen, ["a job"])
    }))
})
