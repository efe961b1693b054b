import { Array as Arr, Duration, Effect } from "effect"
import { QUEUE_NAMES, type QueueName } from "../contract/index.ts"
import { DueRuns, type OpenRun } from "../services/DueRuns.ts"
import { JobProducer } from "../services/JobProducer.ts"
import { Reconciliation } from "../services/Reconciliation.ts"
import type { Reconciled, ReconcileOptions } from "./reconcile.ts"

export const dueRunsName = "due runs"

/** A younger one may have its job on the way; one whose job was found alive is asked about again after the same time. */
const minimumAge = Duration.seconds(30)
/** Runs whose jobs the queues are asked about in one go: one call for each queue. */
const mostChecked = 5_000
/** Enqueued in one statement. */
const batchSize = 500

const isQueue = (name: string): name is QueueName => Object.values<string>(QUEUE_NAMES).includes(name)

/** The worker's own runs, in a report that is by tenant. */
const ownWork = "(the worker's own)"

const countByTenant = (runs: ReadonlyArray<OpenRun>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { tenantId } of runs) counts.set(tenantId ?? ownWork, (counts.get(tenantId ?? ownWork) ?? 0) + 1)
  return counts
}

const jobsAlive = Effect.fnUntraced(function*(runs: ReadonlyArray<OpenRun>) {
  const producer = yield* JobProducer
  const byQueue = Object.entries(Arr.groupBy(runs, ({ queue }) => queue))
  const alive = yield* Effect.forEach(byQueue, ([queue, those]) =>
    // Of a queue that this version does not know nothing can be said: left alone.
    isQueue(queue) ? producer.alive(queue, those.map(({ jobId }) => jobId)) : Effect.succeed(new Set(those.map(({ jobId }) => jobId))))
  return new Set(alive.flatMap((ids) => [...ids]))
})

/**
 * Gives every due run that has lost its job another one. `Schedules.begin` lets only one of two jobs for a run do the
 * work, should the first one not have been lost after all. Null: another replica is at it.
 */
export const reconcileRuns = Effect.fn("Reconciliation.reconcileRuns")(function*({ dryRun }: ReconcileOptions) {
  const dueRuns = yield* DueRuns
  const reconciliation = yield* Reconciliation

  const work = Effect.gen(function*() {
    const open = yield* dueRuns.open({ olderThan: minimumAge, limit: mostChecked })
    const living = yield* jobsAlive(open)
    const alive = open.filter(({ jobId }) => living.has(jobId))
    const lost = open.filter(({ jobId }) => !living.has(jobId))
    if (!dryRun) {
      yield* Effect.forEach(Arr.chunksOf(lost, batchSize), dueRuns.enqueueAgain, { discard: true })
      yield* dueRuns.recordAlive(alive)
    }
    return {
      source: dueRunsName,
      withoutJob: new Map<string, number>(),
      lost: countByTenant(lost),
      alive: countByTenant(alive),
      full: open.length >= mostChecked
    } satisfies Reconciled
  })
  return dryRun ? yield* work : yield* reconciliation.alone(dueRunsName, work)
})
