import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { limits } from "../../../layers/limits/SharedLimits.ts"
import * as Postgres from "../../../layers/postgres/Postgres.ts"
import * as PostgresLimitStores from "../../../layers/postgres/limits/PostgresLimitStores.ts"
import { Limits } from "../../../src/services/Limits.ts"
import { databaseAt } from "../../support/invoiceTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { until } from "../../support/until.ts"

const holder = fileURLToPath(new URL("permitHolder.ts", import.meta.url))

layer(OwnPostgres.layer, { excludeTestServices: true, timeout: "60 seconds" })("a process that is killed", (it) => {
  it.effect("gives its permits back within 15 seconds", () =>
    Effect.gen(function*() {
      const url = yield* (yield* OwnPostgres).makeDatabase
      const stores = PostgresLimitStores.layer.pipe(Layer.provide(Postgres.layer({ database: databaseAt(url), migrate: true, waits: false })))
      const { withLimits } = Context.get(yield* Layer.build(limits.pipe(Layer.provide(stores))), Limits)
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => spawn(process.execPath, [holder, Redacted.value(url), "the-one"], { stdio: ["ignore", "pipe", "inherit"] })),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      yield* Effect.promise(() => once(child.stdout, "data"))
      // Long enough for it to have renewed its permit.
      yield* Effect.sleep("5 seconds")
      const tryOnce = Effect.exit(withLimits("the-one", { concurrency: 1 }, Effect.void))
      assert.strictEqual((yield* tryOnce)._tag, "Failure")
      child.kill("SIGKILL")
      const killedAt = performance.now()
      yield* until(tryOnce, (exit) => exit._tag === "Success", 20_000)
      assert.isBelow(performance.now() - killedAt, 15_000)
      assert.isAbove(performance.now() - killedAt, 5_000)
    }), 60_000)
})
