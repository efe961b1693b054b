import type { IQueueBackend, KeepJobs } from "bullmq"
import { Duration } from "effect"
import type { Verdict } from "../../src/domain/Verdict.ts"
import { acknowledge, QueueRefused } from "./acknowledge.ts"
import { gathered } from "./gathered.ts"
import type { HandedOut } from "./TenantLine.ts"
import { summaryWithTrace } from "./traceMetadata.ts"

/** What becomes of a completed job: removed at once, or kept as one of so many, or for so many seconds. */
export interface Kept {
  readonly removes: boolean
  readonly age: number | null
  readonly count: number | null
}

export type Completion = HandedOut & { readonly summary: unknown; readonly kept: Kept }

/** Completed by one call; each holds the server until all are done. */
const completedAtOnce = 32
/** A call whose connection is silent keeps the others waiting for no longer. */
const completionPatience = Duration.seconds(1)
/** The answer for a job that must be completed by a call of its own, BullMQ's. */
export const alone = 1

const keepsAll: Kept = { removes: false, age: null, count: null }

/** As BullMQ reads it; null where its own call must see to odd ones. */
const keptOf = (keep: boolean | number | KeepJobs): Kept | null => {
  if (typeof keep === "boolean") return { ...keepsAll, removes: keep }
  const { age = null, count = null } = typeof keep === "number" ? { count: keep } : { age: null, ...keep }
  return [age, count].every((number) => number === null || Number.isInteger(number) && Math.abs(number) < 2 ** 31) ? { removes: false, age, count } : null
}

/**
 * `acknowledge`, but jobs that complete together are completed by one call. `complete` answers for each, in order: 0,
 * `alone`, or BullMQ's code why it refuses.
 */
export const acknowledgeTogether = (options: {
  readonly backend: Pick<IQueueBackend, "moveToDelayed">
  readonly complete: (all: ReadonlyArray<Completion>) => Promise<ReadonlyArray<number>>
  /** For jobs that do not say it themselves. */
  readonly keepCompleted: KeepJobs
}): (handedOut: HandedOut, verdict: Verdict) => Promise<void> => {
  const completeTogether = gathered<Completion, number>({ most: completedAtOnce, patience: completionPatience, run: options.complete })
  const tell = acknowledge(options.backend)
  return async (handedOut, verdict) => {
    const { job } = handedOut
    const kept = keptOf(job.opts.removeOnComplete ?? options.keepCompleted)
    if (verdict._tag === "Complete" && job.parent === undefined && job.deduplicationId === undefined && kept !== null) {
      const code = await completeTogether({ ...handedOut, summary: summaryWithTrace(verdict.summary, verdict.trace), kept })
      if (code === 0) return
      if (code !== alone) throw new QueueRefused(code)
    }
    await tell(handedOut, verdict)
  }
}
