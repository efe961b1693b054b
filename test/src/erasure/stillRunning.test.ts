import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { TenantId } from "../../../src/domain/ids.ts"
import { eraseTenant } from "../../../src/erasure/eraseTenant.ts"
import { FileErasure, TenantJobs, TenantRows } from "../../../src/services/TenantErasure.ts"

/** A tenant with one job that still runs when it is looked at, so many times; what was removed. */
const erasing = (stillRuns: number) =>
  Effect.gen(function*() {
    const done: Array<string> = []
    let looks = 0
    const note = <A>(what: string, answer: A) => Effect.sync(() => (done.push(what), answer))
    const fiber = yield* Effect.forkChild(Effect.flip(eraseTenant(TenantId.make("t"), "ann")).pipe(
      Effect.provideService(TenantRows, {
        count: () => Effect.succeed([]),
        stop: () => note("stop", []),
        invoices: () => Effect.succeed([]),
        removeInvoices: () => note("invoices", 0),
        strayFiles: () => Effect.succeed([]),
        finish: () => note("finish", [])
      }),
      Effect.provideService(TenantJobs, {
        count: (queue) => Effect.sync(() => ({ jobs: 0, running: queue === "automation" && looks++ < stillRuns ? 1 : 0 })),
        erase: () => note("jobs", { jobs: 0, running: 0 })
      }),
      Effect.provideService(FileErasure, { erase: () => note("file", true), under: () => Effect.succeed([]), tidy: () => Effect.void }),
      Effect.map((error) => error.message),
      Effect.catch(() => Effect.succeed("erased"))
    ))
    yield* TestClock.adjust("2 minutes")
    return { said: yield* Fiber.join(fiber), done }
  })

describe("erasing a tenant whose job still runs", () => {
  it.effect("stops the tenant, waits for the job and goes on when it has ended", () =>
    Effect.gen(function*() {
      const { done, said } = yield* erasing(10)
      assert.strictEqual(said, "erased")
      assert.strictEqual(done[0], "stop")
      assert.strictEqual(done.at(-1), "finish")
    }))

  it.effect("says so after a minute, with nothing removed beneath the job", () =>
    Effect.gen(function*() {
      const { done, said } = yield* erasing(1_000)
      assert.include(said, "1 jobs of tenant t are still running")
      assert.deepStrictEqual(done, ["stop"])
    }))
})
