import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { ProcessStatus } from "../../../src/domain/ProcessStatus.ts"
import { ProcessRegistry } from "../../../src/services/ProcessRegistry.ts"
import { ProcessStatuses } from "../../../src/services/ProcessStatuses.ts"
import { PostgresProcessRegistry } from "../../../layers/postgres/PostgresProcessRegistry.ts"
import { PostgresProcessStatuses } from "../../../layers/postgres/PostgresProcessStatuses.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { ownTables } from "../../support/invoiceTables.ts"

const status: ProcessStatus = {
  at: 1_795_000_000_000,
  ready: true,
  tree: {
    name: "tt-worker",
    path: "tt-worker",
    strategy: "one-for-one",
    state: "running",
    since: 1_795_000_000_000,
    restarts: 0,
    lastFailure: null,
    nextStart: null,
    children: []
  },
  pools: [{ queue: "email-sync", state: "taking", trouble: null, running: 1, concurrency: 4, finished: 7 }],
  jobs: [{ queue: "email-sync", jobId: "1", tenantId: "t", invoiceId: null, attempt: 1, step: "Mail.fetch", since: 1_795_000_000_000, traceId: "0af7" }],
  moreJobs: 0,
  troubles: [{ at: 1_795_000_000_000, queue: "email-sync", jobId: "0", outcome: "retry", reason: "no answer", traceId: null, times: 1 }],
  outside: [{ name: "storage", running: 1, answeredAt: 1_795_000_000_000, failedAt: null, failure: null, limitedUntil: null, limit: null }]
}

/** A process of this name, on these tables. */
const process = (name: string) =>
  Effect.map(Effect.context<ProcessRegistry | ProcessStatuses>(), (context) => context).pipe(
    Effect.provide(PostgresProcessStatuses.pipe(Layer.provideMerge(PostgresProcessRegistry(name)), Layer.fresh))
  )

layer(OwnPostgres.layer)("what processes tell each other", (it) => {
  it.effect("is seen by all: who is alive, and how each is", () =>
    Effect.gen(function*() {
      const [anna, ben] = [yield* process("anna"), yield* process("ben")]
      for (const one of [ben, anna]) yield* Effect.provide(ProcessRegistry.use(({ beat }) => beat), one)
      yield* Effect.provide(ProcessStatuses.use(({ publish }) => publish(status)), ben)
      const seen = yield* Effect.provide(ProcessStatuses.use(({ all }) => all), anna)
      assert.deepStrictEqual(seen.map(({ name }) => name), ["anna", "ben"])
      assert.deepStrictEqual(seen.map(({ status }) => status), [null, status])
    }).pipe(Effect.provide(ownTables)))

  it.effect("leaves out those that have ended or are silent, and what this version does not understand", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [anna, ben, carl] = [yield* process("anna"), yield* process("ben"), yield* process("carl")]
      for (const one of [anna, ben, carl]) yield* Effect.provide(ProcessRegistry.use(({ beat }) => beat), one)
      yield* Effect.provide(ProcessRegistry.use(({ leave }) => leave), ben)
      yield* sql`UPDATE tt_worker.processes SET "heartbeatAt" = now() - interval '20 seconds' WHERE name = 'carl'`
      yield* sql`UPDATE tt_worker.processes SET status = '{"of": "a later version"}' WHERE name = 'anna'`
      const seen = yield* Effect.provide(ProcessStatuses.use(({ all }) => all), anna)
      assert.deepStrictEqual(seen.map(({ name, status }) => [name, status]), [["anna", null]])
    }).pipe(Effect.provide(ownTables)))
})
