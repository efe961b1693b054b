import { assert, layer } from "@effect/vitest"
import { Queue } from "bullmq"
import { Effect, Layer, Redacted } from "effect"
import { Redis } from "ioredis"
import { freePort } from "../layers/embedded/freePort.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { OwnRedis } from "./support/ownRedis.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { startWorker } from "./support/worker.ts"

layer(Layer.mergeAll(OwnPostgres.layer, OwnRedis.layer), { excludeTestServices: true, timeout: "120 seconds" })("a worker whose Redis is full", (it) => {
  it.effect("is not ready, says why in health, metrics and console, is not restarted for it, and goes on by itself", () =>
    Effect.gen(function*() {
      const url = Redacted.value((yield* OwnRedis).url)
      const redis = yield* Effect.acquireRelease(Effect.sync(() => new Redis(url)), (open) => Effect.sync(() => open.disconnect()))
      const port = yield* freePort
      const worker = yield* startWorker(yield* tempDir, [], {
        DATABASE_URL: Redacted.value(yield* OwnPostgres.use(({ makeDatabase }) => makeDatabase)),
        REDIS_URL: url,
        OPS_PORT: String(port)
      })
      yield* worker.says("Ready after")
      const ask = (path: string) =>
        Effect.promise(async () => {
          const response = await fetch(`http://127.0.0.1:${port}${path}`)
          return { status: response.status, body: await response.text() }
        })
      assert.strictEqual((yield* ask("/health/ready")).status, 200)

      yield* Effect.promise(() => redis.config("SET", "maxmemory", "100kb"))
      const full = yield* until(ask("/health/ready"), ({ body }) => JSON.parse(body).because?.length === 4, 30_000)
      assert.strictEqual(full.status, 503)
      assert.deepStrictEqual(JSON.parse(full.body).because, ["invoice-processing", "email-sync", "automation", "webhook-delivery"].map((queue) => `${queue}: its server is full, and hands out no job`))
      yield* until(ask("/metrics"), ({ body }) => body.includes(`tt_queue_unfetchable{queue="email-sync",cause="full"} 1`), 10_000)
      const { body } = yield* until(ask("/api/state"), ({ body }) => body.includes(`"state":"refused"`), 10_000)
      assert.include(body, "OOM command not allowed")
      yield* Effect.sleep("12 seconds")
      const { body: later } = yield* ask("/api/state")
      const restarts = [...later.matchAll(/"name":"(?:email-sync|automation)"[^}]*?"restarts":(\d+)/g)].map(([, count]) => count)
      assert.deepStrictEqual(restarts, ["0", "0"])

      yield* Effect.promise(() => redis.config("SET", "maxmemory", "0"))
      yield* until(ask("/health/ready"), ({ status }) => status === 200, 15_000)
      const queue = yield* Effect.acquireRelease(Effect.sync(() => new Queue("email-sync", { connection: { url } })), (open) => Effect.promise(() => open.close()))
      const job = yield* Effect.promise(() => queue.add("sync", { tenantId: "nobody" }))
      yield* until(Effect.promise(() => queue.getJobState(job.id ?? "")), (state) => state === "failed" || state === "completed", 15_000)
      assert.strictEqual((yield* ask("/health/live")).status, 200)
    }).pipe(Effect.scoped), { timeout: 120_000 })
})
