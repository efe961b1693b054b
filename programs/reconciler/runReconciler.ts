import { Duration, Effect, Ref } from "effect"
import { defaultMost, type Reconciled } from "../../src/reconciliation/reconcile.ts"
import { type OneReconciliation, reconciliations, type ReconcilingNeeds } from "../../src/reconciliation/reconciliations.ts"

/** With the minimum age of 30 s, a row that has lost its job has one again within 60 s. */
const lookEvery = Duration.seconds(15)
/** While as many rows are found as are taken in one go: a rate that leaves room for everybody else. */
const nextGo = Duration.seconds(3)

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)

const tell = ({ lost, source, withoutJob }: Reconciled): Effect.Effect<void> => {
  const enqueued = total(withoutJob) + total(lost)
  return enqueued === 0
    ? Effect.void
    : Effect.logWarning(`${enqueued} ${source} had no job and were enqueued again (${new Set([...withoutJob.keys(), ...lost.keys()]).size} tenants)`)
}

/**
 * Looks every 15 s, in one process of all that run, for rows that have lost their job, and enqueues them again. It
 * outlives outages of the database and of the queue; one line tells the beginning and one the end.
 */
export const runReconciler: Effect.Effect<never, never, ReconcilingNeeds> = Effect.gen(function*() {
  const all = yield* reconciliations
  const troubles = yield* Ref.make<ReadonlyMap<string, string>>(new Map())

  const failed = Effect.fnUntraced(function*(source: string, message: string) {
    const before = yield* Ref.getAndUpdate(troubles, (known) => new Map(known).set(source, message))
    if (!before.has(source)) yield* Effect.logWarning(`${source} without a job cannot be looked for: ${message}; it is tried again`)
  })

  const wentWell = Effect.fnUntraced(function*(source: string) {
    const before = yield* Ref.getAndUpdate(troubles, (known) => new Map([...known].filter(([name]) => name !== source)))
    if (before.has(source)) yield* Effect.logInfo(`${source} without a job are looked for again`)
  })

  /** Whether there may be more of them. One source's trouble is not the others'. */
  const look = ({ go, name }: OneReconciliation): Effect.Effect<boolean, never, ReconcilingNeeds> =>
    go({ since: null, dryRun: false, most: defaultMost }).pipe(
      Effect.tap((went) => Effect.andThen(wentWell(name), went === null ? Effect.void : tell(went))),
      Effect.map((went) => went?.full === true),
      Effect.catch((error) => Effect.as(failed(name, error.message), false))
    )

  return yield* Effect.forEach(all, look).pipe(
    Effect.flatMap((more) => Effect.sleep(more.some((full) => full) ? nextGo : lookEvery)),
    Effect.forever
  )
})
