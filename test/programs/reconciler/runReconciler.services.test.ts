import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { runReconciler } from "../../../programs/reconciler/runReconciler.ts"
import { JobProducer } from "../../../src/services/JobProducer.ts"
import { onRedis } from "../../layers/bullmq/QueueServer.ts"
import { makeQueues, newTenant, pass, upload } from "../../support/lostJobs.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { until } from "../../support/until.ts"

const lines: Array<string> = []
const logger = Logger.layer([Logger.make(({ message }) => void lines.push(Array.isArray(message) ? message.join(" ") : String(message)))])

layer(Layer.mergeAll(OwnPostgres.layer, onRedis, logger), { excludeTestServices: true })("the reconciler beside its replicas", (it) => {
  it.effect("finds what was lost within 60 s, outlives Redis and the database being away, and says so once", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { place, producer, server, waiting } = yield* makeQueues
      yield* newTenant("t")
      yield* upload("t", 50)
      yield* server.stop
      yield* Effect.gen(function*() {
        for (let replica = 0; replica < 3; replica++) yield* runReconciler.pipe(Effect.provideService(JobProducer, producer), Effect.forkScoped)
        yield* until(Effect.sync(() => lines.filter((line) => line.startsWith("invoices without a job cannot be looked for"))), ({ length }) => length >= 1, 20_000)
      }).pipe(Effect.ensuring(server.start))
      yield* pass("1 minute")
      yield* until(waiting, ({ length }) => length === 50, 30_000)
      // Each replica tells its own trouble once.
      assert.isAtMost(lines.filter((line) => line.startsWith("invoices without a job cannot be looked for")).length, 3)
      yield* until(Effect.sync(() => lines.includes("invoices without a job are looked for again")), (told) => told)

      // Every connection to the database is cut, and the queue is emptied.
      yield* Effect.ignore(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()`)
      yield* place.flush
      yield* until(waiting, ({ length }) => length === 50, 60_000)
      yield* Effect.sleep("16 seconds")
      assert.lengthOf(yield* waiting, 50)
    }).pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped), 150_000)
})
