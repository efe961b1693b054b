import { expect, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { fileURLToPath } from "node:url"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { OwnRedis } from "./support/ownRedis.ts"
import { tempDir } from "./support/tempDir.ts"
import { runWorker, startWorker } from "./support/worker.ts"

const sample = (name: string): string => fileURLToPath(new URL(`../samples/${name}`, import.meta.url))

layer(Layer.mergeAll(OwnPostgres.layer, OwnRedis.layer), { excludeTestServices: true, timeout: "60 seconds" })("the worker on a PostgreSQL and a Redis of somebody else's", (it) => {
  it.effect("says so, processes invoices, outlives Redis being killed, and leaves both running when it stops", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const postgres = yield* OwnPostgres
      const redis = yield* OwnRedis
      const env = { DATABASE_URL: Redacted.value(yield* postgres.makeDatabase), REDIS_URL: Redacted.value(redis.url), SHUTDOWN_GRACE: "5 seconds" }

      const worker = yield* startWorker(folder, [], env)
      const said = yield* worker.says("Ready after")
      expect(said).toContain("BullMQ on Redis at 127.0.0.1:")
      expect(said).not.toContain("embedded PostgreSQL")
      expect(said).not.toContain(new URL(env.DATABASE_URL).password)

      const first = yield* runWorker(folder, ["demo", sample("facture-facturx.pdf")], env)
      expect(first.stdout).toContain("All ended as they should.")

      yield* redis.stop
      yield* worker.says("connection trouble")
      yield* redis.start
      expect((yield* runWorker(folder, ["enqueue", "invoice-processing", `{"tenantId":"t","invoiceId":"gone"}`], env)).status).toBe(0)
      yield* worker.says("invoice-not-found: tenant t has no invoice gone")

      worker.child.kill("SIGTERM")
      const { status, stderr } = yield* worker.ended
      expect(status).toBe(0)
      expect(stderr).toContain("drained: 0 finished, 0 handed back")
      expect((yield* runWorker(folder, ["migrate"], env)).status).toBe(0)
    }))

  it.effect("refuses a command that would leave its work where the supervisor does not look", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const worker = yield* startWorker(folder, [], { REDIS_URL: Redacted.value((yield* OwnRedis).url) })
      yield* worker.says("Ready after")
      const { status, stderr } = yield* runWorker(folder, ["demo", sample("facture-xrechnung.xml")])
      expect(status).toBe(1)
      expect(stderr).toContain("keeps its queue in Redis at 127.0.0.1:")
      expect(stderr).toContain("REDIS_URL")
    }))
})
