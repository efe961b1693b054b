import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger } from "effect"
import { TestClock } from "effect/testing"
import { whenTablesFit } from "../../../programs/shared-tables/whenTablesFit.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { type ColumnMisfit, SharedTables, SharedTablesError } from "../../../src/services/SharedTables.ts"

const queue = QUEUE_NAMES.INVOICE_PROCESSING
const misfit: ColumnMisfit = { programs: [queue], table: "invoices", column: "amountHT", found: "integer", expected: "numeric" }

/** The gate on tables that answer in this order, the last answer again and again; what it says. */
const gate = (...answers: ReadonlyArray<Effect.Effect<ReadonlyArray<ColumnMisfit>, SharedTablesError>>) =>
  Effect.gen(function*() {
    const said: Array<string> = []
    let looks = 0
    const fiber = yield* Effect.forkChild(whenTablesFit(queue).pipe(
      Effect.provideService(SharedTables, { misfits: () => Effect.suspend(() => answers[Math.min(looks++, answers.length - 1)] ?? Effect.succeed([])) }),
      Effect.provide(Logger.layer([Logger.make(({ message }) => void said.push(String(message)))]))
    ))
    yield* TestClock.adjust("1 second")
    return { fiber, said, looks: () => looks }
  })

describe("a program on tables that do not fit", () => {
  it.effect("starts at once where they do", () =>
    Effect.gen(function*() {
      const { fiber, said } = yield* gate(Effect.succeed([]))
      yield* Fiber.join(fiber)
      assert.isEmpty(said)
    }))

  it.effect("is stopped, says which column was found how, and starts by itself when it is put right", () =>
    Effect.gen(function*() {
      const { fiber, looks, said } = yield* gate(Effect.succeed([misfit]), Effect.succeed([misfit]), Effect.succeed([]))
      assert.isUndefined(fiber.pollUnsafe())
      assert.lengthOf(said, 1)
      assert.include(said[0], `invoices."amountHT": found integer, expected numeric`)
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(looks(), 3)
      assert.include(said.at(-1), "it starts")
    }))

  it.effect("waits for a database that does not answer", () =>
    Effect.gen(function*() {
      const { fiber, said } = yield* gate(Effect.fail(new SharedTablesError({ detail: "away" })), Effect.succeed([]))
      assert.include(said[0], "away")
      yield* TestClock.adjust("15 seconds")
      yield* Fiber.join(fiber)
    }))
})
