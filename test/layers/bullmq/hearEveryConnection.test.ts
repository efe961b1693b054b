import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, layer } from "@effect/vitest"
import { createPostgresBackend, Queue } from "bullmq"
import { Context, Duration, Effect, Layer, Logger, Redacted } from "effect"
import { BullmqJobQueues } from "../../../layers/bullmq/BullmqJobQueue.ts"
import { postgresBackend } from "../../../layers/bullmq/backends.ts"
import { migrateQueueTables } from "../../../layers/bullmq/queueTables.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { defaultRetention } from "../../../src/domain/limits.ts"
import { JobQueues } from "../../../src/services/JobQueue.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { until } from "../../support/until.ts"
import { endsAtLogin } from "./endedAtLogin.ts"

layer(Layer.merge(OwnPostgres.layer, Logger.layer([])), { excludeTestServices: true, timeout: "60 seconds" })("connections that the server ends as soon as they are made", (it) => {
  it.effect("do not end the process: jobs are taken again when connections last", () =>
    Effect.gen(function*() {
      const direct = yield* (yield* OwnPostgres).makeDatabase
      yield* Effect.provide(migrateQueueTables(direct), PgClient.layer({ url: direct, maxConnections: 1 }))
      const between = yield* endsAtLogin(new URL(Redacted.value(direct)))
      const address = new URL(Redacted.value(direct))
      address.port = String(between.port)
      const backend = postgresBackend({ url: Redacted.make(address.href), retention: defaultRetention }).pipe(
        Layer.provide(PgClient.layer({ url: direct, maxConnections: 2 }))
      )
      const queues = yield* Layer.build(Layer.fresh(Layer.provide(BullmqJobQueues, backend)))
      const name = QUEUE_NAMES.INVOICE_PROCESSING
      const jobs = yield* Context.get(queues, JobQueues).open(name)
      const waiting = yield* Effect.forkScoped(Effect.forever(Effect.ignore(jobs.awaitWork(Duration.seconds(1)))))

      between.state.ending = true
      yield* between.dropAll
      yield* until(Effect.sync(() => between.state.ended), (ended) => ended > 3, 20_000)
      between.state.ending = false

      const queue = yield* Effect.acquireRelease(
        Effect.sync(() => new Queue(name, { connection: { connectionString: Redacted.value(direct), max: 1 } }, createPostgresBackend)),
        (opened) => Effect.promise(() => opened.close())
      )
      yield* Effect.promise(() => queue.add("process", { tenantId: "t", invoiceId: "i" }))
      const taken = yield* until(Effect.orElseSucceed(Effect.map(jobs.take(1, { holder: "test", tenantLimit: null, pausedTenants: new Set() }), ({ jobs }) => jobs.length), () => 0), (count) => count > 0, 20_000)
      assert.strictEqual(taken, 1)
      assert.isTrue(waiting.pollUnsafe() === undefined)
    }))
})
