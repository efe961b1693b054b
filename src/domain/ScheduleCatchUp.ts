import { DateTime, Duration, Option } from "effect"
import { countOccurrences, missedOccurrences, newestOccurrence, nextOccurrence } from "./ScheduleOccurrences.ts"
import type { CatchUp, ScheduleSpec } from "./ScheduleSpec.ts"

/** A run that `skip` still takes: a slow tick, a deployment, a restart are no outage. */
export const skipGrace = Duration.minutes(1)
/** Most missed runs that `each` makes up for: the newest. */
export const eachCap = 1_000
/** Most runs of one schedule at a time, and the pause until its next ones: a week of missed runs is no flood. */
export const runsAtOnce = 20
export const catchUpPause = Duration.seconds(1)

/** One run that is due. */
export interface DueRun {
  readonly at: DateTime.Utc
  /** Earlier runs that were missed and that this one stands for. */
  readonly missed: number
}

/** What becomes of a schedule whose next run has come. */
export interface DueDecision {
  /** Oldest first; may be empty. */
  readonly runs: ReadonlyArray<DueRun>
  /** Runs that nobody makes up for, by the newest of them. */
  readonly skipped: { readonly newest: DateTime.Utc; readonly count: number } | null
  /** The run after those; in the past when `more` is set. */
  readonly nextRunAt: Option.Option<DateTime.Utc>
  /** More missed runs wait for their turn: look again after `catchUpPause`. */
  readonly more: boolean
}

/** `nextRunAt` is the run that was to come next, not later than `now`. */
export const decideDue = (
  schedule: { readonly spec: ScheduleSpec; readonly key: string; readonly catchUp: CatchUp; readonly nextRunAt: DateTime.Utc },
  now: DateTime.Utc
): DueDecision => {
  const { catchUp, key, nextRunAt, spec } = schedule
  // As if nextRunAt were itself an occurrence, whatever the spec has become meanwhile.
  const before = DateTime.subtract(nextRunAt, { milliseconds: 1 })

  // On time, which is the rule: one run, and the next one lies ahead.
  const due = nextOccurrence(spec, key, before)
  const following = Option.flatMap(due, (at) => nextOccurrence(spec, key, at))
  const isLate = (at: DateTime.Utc) => DateTime.isGreaterThanOrEqualTo(now, DateTime.addDuration(at, skipGrace))
  if (Option.isSome(due) && !isLate(due.value) && !Option.exists(following, (at) => DateTime.isLessThanOrEqualTo(at, now))) {
    return DateTime.isGreaterThan(due.value, now)
      ? { runs: [], skipped: null, nextRunAt: due, more: false }
      : { runs: [{ at: due.value, missed: 0 }], skipped: null, nextRunAt: following, more: false }
  }

  const total = countOccurrences(spec, key, before, now)
  const after = (at: DateTime.Utc) => nextOccurrence(spec, key, at)
  const newestUntil = (until: DateTime.Utc) => newestOccurrence(spec, key, before, until)

  const inTurn = (from: DateTime.Utc, left: number): DueDecision => {
    const runs = missedOccurrences(spec, key, from, now, runsAtOnce).map((at) => ({ at, missed: 0 }))
    const next = after(runs.at(-1)?.at ?? now)
    const skipped = left === 0 ? Option.none<DateTime.Utc>() : newestUntil(from)
    return {
      runs,
      skipped: Option.isSome(skipped) ? { newest: skipped.value, count: left } : null,
      nextRunAt: next,
      more: Option.isSome(next) && DateTime.isLessThanOrEqualTo(next.value, now)
    }
  }

  switch (catchUp) {
    case "run-once": {
      const newest = newestUntil(now)
      return {
        runs: Option.isSome(newest) ? [{ at: newest.value, missed: total - 1 }] : [],
        skipped: null,
        nextRunAt: after(now),
        more: false
      }
    }
    case "skip": {
      const edge = DateTime.subtractDuration(now, Duration.sum(skipGrace, Duration.millis(1)))
      if (DateTime.isLessThanOrEqualTo(edge, before)) return inTurn(before, 0)
      return inTurn(edge, countOccurrences(spec, key, before, edge))
    }
    case "each": {
      if (total <= eachCap) return inTurn(before, 0)
      const first = Option.getOrElse(newestOccurrence(spec, key, before, now, eachCap), () => nextRunAt)
      return inTurn(DateTime.subtract(first, { milliseconds: 1 }), total - eachCap)
    }
  }
}
