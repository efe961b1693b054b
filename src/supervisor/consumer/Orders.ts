import type { QueueName } from "../../contract/index.ts"
import { type Controls, pausedTenantsOf } from "../../services/QueueControls.ts"

/** What a consumer was told: by operators' rows, and by messages. It takes jobs only where neither says otherwise. */
export interface Orders {
  /** null until the rows were read for the first time: nobody knows yet whether jobs may be taken. */
  readonly rows: Controls | null
  readonly paused: boolean
  readonly draining: boolean
}

export const noOrders: Orders = { rows: null, paused: false, draining: false }

export const mayTake = ({ draining, paused, rows }: Orders, queue: QueueName): boolean =>
  rows !== null && !paused && !draining && !rows.pausedQueues.has(queue) && !rows.drainingQueues.has(queue)

/** Somebody wants it to end what it has; a pause says nothing about that. */
export const isDraining = ({ draining, rows }: Orders, queue: QueueName): boolean => draining || rows?.drainingQueues.has(queue) === true

/** Jobs at once as the rows say; null where they say nothing. */
export const slotsInRows = ({ rows }: Orders, queue: QueueName): number | null => rows?.concurrency.get(queue) ?? null

export const tenantsPaused = ({ rows }: Orders, queue: QueueName): ReadonlySet<string> => rows === null ? new Set() : pausedTenantsOf(rows, queue)
