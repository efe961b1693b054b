import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { tempDir } from "./support/tempDir.ts"
import { runWorker, startWorker } from "./support/worker.ts"

const queue = "invoice-processing"
const ran = "invoice-not-found"

describe("an operator's command", () => {
  it.live("reaches a running process within two seconds, outlives its restart, and is taken back by resume", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const command = (...args: ReadonlyArray<string>) => Effect.map(runWorker(folder, args), ({ status, stderr }) => expect([status, stderr]).toEqual([0, ""]))
      const first = yield* startWorker(folder, [])
      yield* first.says("Ready after")
      yield* command("drain", queue, "--by", "ann")
      yield* Effect.sleep("2 seconds")
      yield* command("enqueue", queue, `{"tenantId":"t","invoiceId":"gone"}`)
      yield* Effect.sleep("2 seconds")
      expect(first.stderr() + first.stdout()).not.toContain(ran)
      first.child.kill("SIGTERM")
      expect((yield* first.ended).status).toBe(0)

      const second = yield* startWorker(folder, [])
      // Ready: it does what it was told.
      yield* second.says("Ready after")
      yield* Effect.sleep("2 seconds")
      expect(second.stderr() + second.stdout()).not.toContain(ran)
      yield* command("resume", queue)
      const began = performance.now()
      yield* second.says(ran)
      expect(performance.now() - began).toBeLessThan(2_500)
    }), 120_000)
})
