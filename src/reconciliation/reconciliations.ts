import { Effect } from "effect"
import type { DueRuns } from "../services/DueRuns.ts"
import type { JobProducer, JobProducerError } from "../services/JobProducer.ts"
import { Reconciliation, type ReconciliationError } from "../services/Reconciliation.ts"
import type { SchedulesError } from "../services/Schedules.ts"
import { type Reconciled, type ReconcileOptions, reconcileSource } from "./reconcile.ts"
import { dueRunsName, reconcileRuns } from "./reconcileRuns.ts"

export type ReconcilingNeeds = Reconciliation | JobProducer | DueRuns

/** One kind of thing that must have a job until it is done. */
export interface OneReconciliation {
  readonly name: string
  /** Null: another replica is at it. */
  readonly go: (options: ReconcileOptions) => Effect.Effect<Reconciled | null, ReconciliationError | JobProducerError | SchedulesError, ReconcilingNeeds>
}

/** Every kind: the sources that `Reconciliation` has, and due runs. */
export const reconciliations: Effect.Effect<ReadonlyArray<OneReconciliation>, never, Reconciliation> = Effect.map(Reconciliation, ({ sources }) => [
  ...sources.map((source): OneReconciliation => ({ name: source.name, go: (options) => reconcileSource(source, options) })),
  { name: dueRunsName, go: reconcileRuns }
])
