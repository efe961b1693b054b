import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Client } from "pg"
import * as LoopbackReceiver from "../layers/http/LoopbackReceiver.ts"
import { emitEvent } from "../src/producer/index.ts"
import { DemoReceiver } from "../src/services/DemoReceiver.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { OwnRedis } from "./support/ownRedis.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { startWorker } from "./support/worker.ts"

layer(Layer.mergeAll(OwnPostgres.layer, OwnRedis.layer), { excludeTestServices: true, timeout: "120 seconds" })("an event of the API", (it) => {
  for (const backend of ["postgres", "redis"] as const) {
    it.effect(`reaches its receiver: once, signed, byte for byte, and only after the commit (queues in ${backend})`, () =>
      Effect.gen(function*() {
        const url = Redacted.value(yield* OwnPostgres.use(({ makeDatabase }) => makeDatabase))
        const queue: Record<string, string> = backend === "redis" ? { REDIS_URL: Redacted.value((yield* OwnRedis).url) } : { QUEUE: "postgres" }
        const worker = yield* startWorker(yield* tempDir, [], { DATABASE_URL: url, ...queue, ALLOWED_PRIVATE_HOSTS: "127.0.0.1" })
        yield* worker.says("Ready after")
        const receiver = yield* DemoReceiver
        const client = yield* Effect.acquireRelease(
          Effect.promise(async () => {
            const client = new Client({ connectionString: url })
            await client.connect()
            return client
          }),
          (client) => Effect.promise(() => client.end())
        )
        yield* Effect.promise(() =>
          client.query(`INSERT INTO webhooks (id, "tenantId", url, secret, events) VALUES ('w', 't', $1, $2, '{entry.*}')`, [receiver.url, receiver.secret])
        )
        const body = String.raw`{ "b":1.50, "a":"caf\u00e9 \u0000", "b":"é" }`
        const event = { tenantId: "t", event: "entry.approved", payload: body, idempotencyKey: "e1/1" }
        yield* Effect.promise(async () => {
          await client.query("BEGIN")
          await emitEvent(client, event)
        })
        yield* Effect.sleep("500 millis")
        assert.isEmpty(yield* receiver.received)
        yield* Effect.promise(() => client.query("COMMIT"))
        const [first] = yield* until(receiver.received, ({ length }) => length > 0)
        assert.deepInclude(first, { body, event: "entry.approved", signed: true, standard: true })

        // Again, by the API's own retry for instance; another one comes after it.
        yield* Effect.promise(() => emitEvent(client, event))
        yield* Effect.promise(() => emitEvent(client, { ...event, idempotencyKey: "e2/1" }))
        const both = yield* until(receiver.received, ({ length }) => length > 1)
        assert.lengthOf(both, 2)
        const { rows } = yield* Effect.promise(() => client.query<{ status: string; responseStatus: number }>(`SELECT status, "responseStatus" FROM webhook_deliveries`))
        assert.lengthOf(rows, 2)
      }).pipe(Effect.provide(Layer.fresh(LoopbackReceiver.layer)), Effect.scoped))
  }
})
