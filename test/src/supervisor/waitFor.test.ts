import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { waitFor } from "../../../src/supervisor/waitFor.ts"
import { withLines } from "./toyProgram.ts"

const options = { comesBack: (error: string) => error === "away", tell: (error: string) => `the server is ${error}` }

describe("waiting for a server", () => {
  it.effect("goes on until it is there, telling it at once and every half a minute", () =>
    Effect.gen(function*() {
      let tries = 0
      const server = Effect.suspend(() => ++tries > 20 ? Effect.succeed("there") : Effect.fail("away"))
      const fiber = yield* Effect.forkChild(withLines(waitFor(server, options)))
      yield* TestClock.adjust("40 seconds")
      const [answer, lines] = yield* Fiber.join(fiber)
      assert.strictEqual(answer, "there")
      assert.strictEqual(lines.match(/the server is away/g)?.length, 2)
    }))

  it.effect("does not wait for what will not pass", () =>
    Effect.gen(function*() {
      const [error, lines] = yield* withLines(Effect.flip(waitFor(Effect.fail("locked"), options)))
      assert.strictEqual(error, "locked")
      assert.notInclude(lines, "the server is")
    }))
})
