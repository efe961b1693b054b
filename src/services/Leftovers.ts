import { Context, type Effect } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { StorageKey } from "../domain/ids.ts"
import type { ReconciliationError } from "./Reconciliation.ts"

/** The row that a job is about: an invoice, a delivery, a user, or the tenant itself. */
export interface JobSubject {
  readonly tenantId: string
  readonly id: string
}

/** Which rows are gone that something elsewhere still names: what restoring one store without the others leaves. Looks only. */
export class Leftovers extends Context.Service<Leftovers, {
  /** Of these subjects of a queue's jobs, those that have no row. */
  readonly withoutRow: (queue: QueueName, subjects: ReadonlyArray<JobSubject>) => Effect.Effect<ReadonlyArray<JobSubject>, ReconciliationError>
  /** How many of these files no invoice names. A sweep over all tenants: a key does not say whose it is. */
  readonly unnamedFiles: (keys: ReadonlyArray<StorageKey>) => Effect.Effect<number, ReconciliationError>
}>()("tt-worker/services/Leftovers") {}
