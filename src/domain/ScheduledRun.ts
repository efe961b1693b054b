import { Option, Schema } from "effect"

/**
 * One due run: a schedule and the time that it was due. There is one row for it in the database, so it happens once.
 * The job that a schedule enqueues carries it as `scheduled` beside its own data.
 */
export const ScheduledRun = Schema.Struct({
  schedule: Schema.String.check(Schema.isPattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)),
  at: Schema.DateTimeUtcFromString,
  /** Earlier runs that were missed and that this one stands for. */
  missed: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
})
export type ScheduledRun = typeof ScheduledRun.Type

const decode = Schema.decodeUnknownOption(Schema.Struct({ scheduled: ScheduledRun }))

/** The due run that a job's data carries; none in a job that no schedule made. */
export const scheduledRunOf = (jobData: unknown): Option.Option<ScheduledRun> => Option.map(decode(jobData), ({ scheduled }) => scheduled)
