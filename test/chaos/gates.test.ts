import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeGates } from "../../chaos/servers/gates.ts"

const outcome = (passing: Promise<void>): Promise<"passed" | "held"> =>
  Promise.race([passing.then(() => "passed" as const), new Promise<"held">((resolve) => setTimeout(() => resolve("held"), 30))])

describe("a gate", () => {
  it.live("holds only the invoice and the step that it was shut for, says who came, and lets go", () =>
    Effect.gen(function*() {
      const gates = makeGates()
      yield* gates.shut("download", "i1")
      const held = gates.pass("download", "i1", 4711)
      assert.strictEqual(yield* gates.arrival("download", "i1"), 4711)
      assert.strictEqual(yield* Effect.promise(() => outcome(held)), "held")
      assert.strictEqual(yield* Effect.promise(() => outcome(gates.pass("download", "i2", 1))), "passed")
      assert.strictEqual(yield* Effect.promise(() => outcome(gates.pass("recognition", "i1", 1))), "passed")
      yield* gates.open("download", "i1")
      assert.strictEqual(yield* Effect.promise(() => outcome(held)), "passed")
      assert.strictEqual(gates.calls("download"), 2)
      assert.strictEqual(gates.callsOf("download", "i1"), 1)
    }))

  it.live("lets later requests by while the first is still held", () =>
    Effect.gen(function*() {
      const gates = makeGates()
      yield* gates.shut("extraction", "i1")
      const held = gates.pass("extraction", "i1", 1)
      yield* gates.letOthersPass("extraction", "i1")
      assert.strictEqual(yield* Effect.promise(() => outcome(gates.pass("extraction", "i1", 2))), "passed")
      assert.strictEqual(gates.lastPeer("extraction", "i1"), 2)
      assert.strictEqual(yield* Effect.promise(() => outcome(held)), "held")
      yield* gates.openAll
      assert.strictEqual(yield* Effect.promise(() => outcome(held)), "passed")
    }))
})
