import type { Job } from "bullmq"
import type { Effect } from "effect"
import type { QueueCounts, TakeRules } from "../../src/services/JobQueue.ts"
import type { Verdict } from "../../src/domain/Verdict.ts"

/** BullMQ's handle of a job, the token that it is locked with, and what stood beside it of who held it before (see `lostOf`). */
export interface HandedOut {
  readonly job: Job<unknown, unknown, string>
  readonly token: string
  readonly formerly: string
}

export interface HandOut {
  readonly handedOut: ReadonlyArray<HandedOut>
  readonly heldBack: boolean
  readonly nextDueMillis: number | null
  readonly pausedByOthers: boolean
}

/**
 * Whose job of a queue is next, and what becomes of it. BullMQ knows one line for all tenants; this hands out its waiting
 * jobs by tenants in turns, the one served longest ago first. Within a tenant: what was handed back or recovered, then
 * what had begun before (retried, put off), each in the order in which it came back; then by BullMQ's priority and age.
 * Jobs are in BullMQ's states all the while, for everybody to see.
 *
 * A call may hang for as long as its server does not answer: whoever calls sets the limit.
 */
export interface TenantLine {
  /** At most as many jobs as there are tokens, each locked by one of them. */
  readonly handOut: (tokens: ReadonlyArray<string>, rules: TakeRules) => Promise<HandOut>
  /** Tells BullMQ how an attempt ended; rejects as `acknowledge` does. */
  readonly acknowledge: (handedOut: HandedOut, verdict: Verdict) => Promise<void>
  /** Renews the locks of these; the ids of those that are not ours any more. */
  readonly renew: (jobIds: ReadonlyArray<string>, tokens: ReadonlyArray<string>) => Promise<ReadonlyArray<string>>
  /** Jobs whose lock has run out wait again; their ids. */
  readonly recoverStalled: () => Promise<ReadonlyArray<string>>
  /** First of their tenant, and their tenant first. Those that do not wait are left alone. */
  readonly bringToFront: (jobIds: ReadonlyArray<string>) => Promise<void>
  /** Tells whoever waits for work that there may be some. */
  readonly wake: () => Promise<void>
  readonly counts: Effect.Effect<QueueCounts, unknown>
}
