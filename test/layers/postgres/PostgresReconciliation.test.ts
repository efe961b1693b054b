import { assert, layer } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Logger } from "effect"
import * as PostgresReconciliation from "../../../layers/postgres/PostgresReconciliation.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { reconcileSource } from "../../../src/reconciliation/reconcile.ts"
import { JobProducer } from "../../../src/services/JobProducer.ts"
import { type Candidate, type Enqueued, Reconciliation, type ReconciliationSource } from "../../../src/services/Reconciliation.ts"
import { onPostgres } from "../bullmq/QueueServer.ts"
import { makeQueues } from "../../support/lostJobs.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

const queue = QUEUE_NAMES.AUTOMATION

/** Rows of a kind of its own; the middle one's data is what a queue in PostgreSQL refuses. */
const makeSource = () => {
  const recorded: Array<Enqueued> = []
  const row = (id: string, tenantUserId = "u"): Candidate<"automation"> => ({ tenantId: "t", id, tries: 0, jobIds: [], data: { tenantId: "t", tenantUserId } })
  const source: ReconciliationSource<"automation"> = {
    name: "runs",
    queue,
    candidates: () => Effect.succeed([row("one"), row("two", "a\u0000b"), row("three:3")]),
    record: (_incarnation, rows) => Effect.sync(() => void recorded.push(...rows)),
    recordAlive: () => Effect.void
  }
  return { recorded, source }
}

layer(Layer.mergeAll(OwnPostgres.layer, onPostgres, Logger.layer([])), { excludeTestServices: true })("reconciliation", (it) => {
  it.effect("takes further kinds of rows; one whose job is refused stops no other and counts as tried", () =>
    Effect.gen(function*() {
      const { place, producer } = yield* makeQueues
      const { recorded, source } = makeSource()
      const reconciliation = Context.get(yield* Layer.build(Layer.fresh(PostgresReconciliation.layer(() => [source]))), Reconciliation)
      assert.deepStrictEqual(reconciliation.sources.map(({ name }) => name), ["invoices", "deliveries", "runs"])
      const plain = yield* place.openQueue(queue)
      yield* reconcileSource(source, { since: null, dryRun: false, most: 10 }).pipe(
        Effect.provideService(JobProducer, producer),
        Effect.provideService(Reconciliation, reconciliation)
      )
      const jobs = yield* Effect.promise(() => plain.getJobs(["wait"], 0, -1, true))
      assert.lengthOf(jobs, 2)
      assert.deepStrictEqual(recorded.map(({ id }) => id), ["one", "two", "three:3"])
      assert.deepStrictEqual(jobs.map(({ id }) => id), [recorded[0]?.jobId, recorded[2]?.jobId])
    }).pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped))

  it.effect("is done by one replica at a time, each kind of rows by itself, and by another when that one ends", () =>
    Effect.gen(function*() {
      const { alone } = yield* Reconciliation
      const began = yield* Deferred.make<void>()
      const holding = yield* Effect.forkChild(alone("invoices", Effect.andThen(Deferred.succeed(began, undefined), Effect.never)))
      yield* Deferred.await(began)
      assert.isNull(yield* alone("invoices", Effect.succeed("done")))
      assert.strictEqual(yield* alone("deliveries", Effect.succeed("done")), "done")
      yield* Fiber.interrupt(holding)
      assert.strictEqual(yield* alone("invoices", Effect.succeed("done")), "done")
      assert.strictEqual(yield* Effect.flip(alone("invoices", Effect.fail("broke"))), "broke")
      assert.strictEqual(yield* alone("invoices", Effect.succeed("done")), "done")
    }).pipe(Effect.provide(Layer.fresh(newOutboxTables)), Effect.scoped))
})
