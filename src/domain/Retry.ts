import { Data, Duration } from "effect"

/**
 * Whether trying again can help: decided once, by the layer that sees the status code or SQLSTATE.
 *
 * - `Transient`: try again after a back-off; uses up an attempt.
 * - `RateLimited`: the other side asked for a pause, or our own database is away: put off for that long without
 *   using up an attempt, since it says nothing about the job.
 * - `Permanent`: the same input will fail again.
 */
export type Retry = Data.TaggedEnum<{
  Transient: {}
  RateLimited: { readonly after: Duration.Duration }
  Permanent: {}
}>
export const Retry = Data.taggedEnum<Retry>()

/** How long work is put off while PostgreSQL is away: short, since a restart or fail-over takes seconds. */
export const databasePause = Duration.seconds(5)
