import { Cron, DateTime, Effect, Option, Result, Schema } from "effect"
import { compileCron, nextOfCron } from "./ZonedCron.ts"

/** An IANA time zone that this platform knows, such as Europe/Paris. */
export const TimeZoneName = Schema.String.check(
  Schema.makeFilter((text: string) => Option.isSome(DateTime.zoneMakeNamed(text)) ? undefined : "expected an IANA time zone, such as Europe/Paris")
)

const faults = new Map<string, string | undefined>()
const faultsKept = 20_000

/** Looked at once for each text: thousands of schedules have the same. */
const cronFault = (text: string): string | undefined => {
  if (faults.has(text)) return faults.get(text)
  if (faults.size >= faultsKept) faults.clear()
  const fault = faultOf(text)
  faults.set(text, fault)
  return fault
}

const faultOf = (text: string): string | undefined => {
  const parsed = Cron.parse(text)
  if (Result.isFailure(parsed)) return `expected a cron of 5 fields, or 6 with seconds first: ${parsed.failure.message}`
  // 1 January 2000: from there the longest wait for a 29 February lies ahead (2096 to 2104).
  const first = Option.flatMap(compileCron(text, "UTC"), (cron) => nextOfCron(cron, Date.UTC(2000, 0, 1)))
  return Option.isSome(first) ? undefined : "this cron names a day that no year has"
}

/** Minute, hour, day, month, weekday; six fields begin with the second. Both days given: either is enough, as in crontab. */
export const CronText = Schema.String.check(Schema.makeFilter(cronFault))

const longestPeriod = 366 * 86_400

/** On the clocks of a zone; `ZonedCron` says what happens when they are changed. */
export const CronSpec = Schema.Struct({
  type: Schema.Literal("cron"),
  cron: CronText,
  timeZone: TimeZoneName
})

/**
 * Every so many seconds, counted from the epoch: a restart, a late tick or registering again moves nothing. With
 * `spread` (the default) each key has its own place in the period; without, all run at its beginning.
 */
export const IntervalSpec = Schema.Struct({
  type: Schema.Literal("interval"),
  everySeconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: longestPeriod })),
  spread: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true)))
})

/** When a schedule runs. */
export const ScheduleSpec = Schema.Union([CronSpec, IntervalSpec])
export type ScheduleSpec = typeof ScheduleSpec.Type

/**
 * What happens to runs that were missed while nobody ticked.
 *
 * - `run-once`: one run, for the newest missed time, that carries how many others it stands for.
 * - `skip`: none that is older than a minute; what was left out is recorded.
 * - `each`: all of them, oldest first, at most the newest 1,000 and at most 20 each second.
 */
export const CatchUp = Schema.Literals(["run-once", "skip", "each"])
export type CatchUp = typeof CatchUp.Type
