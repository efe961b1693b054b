import { RECOMMENDED_JOB_OPTIONS } from "../../src/contract/index.ts"

/**
 * What BullMQ's defaults get wrong for this worker. Milliseconds.
 * With its defaults a killed worker's jobs wait for 60 s; with these, for at most 12 s.
 */
export const workerSettings = {
  autorun: false,
  lockDuration: 8_000,
  lockRenewTime: 3_000,
  stalledInterval: 4_000,
  // The default of 1 would fail a job whose worker was redeployed twice.
  maxStalledCount: 5,
  // After a lost connection a finished job is acknowledged well before its lock runs out; the default is 15 s.
  runRetryDelay: 1_000,
  // Jobs that the API added without saying so would be kept for ever.
  removeOnComplete: RECOMMENDED_JOB_OPTIONS.removeOnComplete,
  removeOnFail: RECOMMENDED_JOB_OPTIONS.removeOnFail
} as const
