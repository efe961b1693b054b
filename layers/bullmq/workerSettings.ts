import type { KeepJobs } from "bullmq"
import { Duration } from "effect"
import type { Retention } from "../../src/domain/Retention.ts"

/**
 * What BullMQ's defaults get wrong for this worker. Milliseconds.
 * With its defaults a killed worker's jobs wait for 60 s; with these, for at most 10 s.
 */
export const workerSettings = {
  autorun: false,
  lockDuration: 8_000,
  /** A lock that has run out is seen by the second look after that. */
  stalledInterval: 2_000,
  // Deaths are counted in our own claims: BullMQ would count pauses and lost connections too.
  maxStalledCount: 1_000_000,
  runRetryDelay: 1_000
} as const

const toKeepJobs = ({ age, count }: Retention["completed"]): KeepJobs => ({ age: Math.round(Duration.toSeconds(age)), count })

/** Jobs that the API added without saying so would be kept for ever. */
export const toKeep = ({ completed, failed }: Retention) => ({ removeOnComplete: toKeepJobs(completed), removeOnFail: toKeepJobs(failed) })
