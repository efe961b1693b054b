import type { Effect } from "effect"
import type { QueueCounts, TakeRules } from "../../src/services/JobQueue.ts"

/** What was put first in line. */
export interface Arrangement {
  /** So many of the jobs that BullMQ hands out next may run now. */
  readonly chosen: number
  readonly more: boolean
  readonly heldBack: boolean
  readonly nextDueMillis: number | null
  readonly pausedByOthers: boolean
}

/**
 * The order in which BullMQ hands out a queue's waiting jobs. BullMQ knows one line for all; this puts the jobs whose
 * turn it is to the front of that line, where BullMQ takes them from: tenants in turns, the one served longest ago first,
 * each tenant's own jobs by priority and age. Jobs stay in BullMQ's states all the while, for everybody to see.
 */
export interface TenantLine {
  readonly arrange: (count: number, rules: TakeRules) => Effect.Effect<Arrangement, unknown>
  /** First of their tenant, and their tenant first: for jobs that had begun already. Those that do not wait are left alone. */
  readonly bringToFront: (jobIds: ReadonlyArray<string>) => Effect.Effect<void, unknown>
  /** Tells whoever waits for work that there may be some. */
  readonly wake: Effect.Effect<void, unknown>
  readonly counts: Effect.Effect<QueueCounts, unknown>
}
