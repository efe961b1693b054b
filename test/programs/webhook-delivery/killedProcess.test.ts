import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Webhook } from "standardwebhooks"
import { Events } from "../../../src/services/Events.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { DatabaseAddress, ownOutboxTables } from "../../support/outboxTables.ts"
import { receiver } from "../../support/receiver.ts"
import { tempDir } from "../../support/tempDir.ts"
import { until } from "../../support/until.ts"
import { attemptsOf, deliveryRow, newWebhook } from "../../support/webhookTables.ts"
import { startWorker } from "../../support/worker.ts"

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

layer(Layer.fresh(ownOutboxTables), { excludeTestServices: true })("the worker as a process", (it) => {
  it.effect("delivers an event that was emitted; killed in the middle of a request, the delivery is unknown, then made again", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* JobOutbox.use(({ announceBackend }) => announceBackend("postgres"))
      const { received, url } = yield* receiver((_request, response) => {
        if (received.length !== 2) response.end("ok")
      })
      const hook = yield* newWebhook({ url: `${url}/T0/secret-path`, secret, retrySchedule: [1, 1] })
      yield* sql`UPDATE webhooks SET events = '{invoice.*}' WHERE id = ${hook.webhookId}`
      const env = { DATABASE_URL: Redacted.value(yield* DatabaseAddress), QUEUE: "postgres", ALLOWED_PRIVATE_HOSTS: "127.0.0.1" }
      const emit = (key: string) => Events.use((events) => events.emit(hook.tenantId, "invoice.processed", { z: "h\u00e9\0", a: key }, key))
      const status = (id: string) => Effect.map(deliveryRow(id), (row) => row["status"])

      const first = yield* startWorker(yield* tempDir, [], env)
      yield* first.says("Ready after")
      const [quiet = ""] = (yield* emit("one")).deliveryIds
      yield* until(status(quiet), (now) => now === "delivered", 20_000)
      const { body, headers } = received[0] ?? assert.fail("nothing received")
      new Webhook(secret).verify(body, { ...headers } as Record<string, string>)
      assert.strictEqual(body, JSON.stringify({ z: "h\u00e9\0", a: "one" }))

      const [id = ""] = (yield* emit("two")).deliveryIds
      yield* until(Effect.sync(() => received.length), (count) => count === 2, 20_000)
      first.child.kill("SIGKILL")
      const said = first.stdout() + first.stderr()
      yield* startWorker(yield* tempDir, [], env)
      yield* until(status(id), (now) => now === "delivered", 60_000)
      assert.deepStrictEqual((yield* attemptsOf(id)).map(({ outcome }) => outcome), ["unknown", "delivered"])
      assert.strictEqual(received[1]?.body, received[2]?.body)
      assert.strictEqual(received[1]?.headers["webhook-id"], received[2]?.headers["webhook-id"])
      for (const credential of ["secret-path", secret.slice(6)]) assert.notInclude(said, credential)
      const [kept] = yield* sql<{ readonly jobs: string }>`SELECT string_agg(j::text, '') AS jobs FROM bullmq.job j`
      for (const credential of ["secret-path", secret.slice(6)]) assert.notInclude(kept?.jobs ?? "", credential)
    }), 120_000)
})
