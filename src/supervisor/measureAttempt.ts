import { Clock, Context, Effect, Exit, type Metric } from "effect"
import type { QueueName } from "../contract/index.ts"
import type { Verdict } from "../domain/Verdict.ts"
import { labelled, metrics } from "../observability/metrics.ts"
import type { JobAttempt } from "../services/JobQueue.ts"

const outcomes = {
  Complete: "complete",
  Retry: "retry",
  Postpone: "postpone",
  Fail: "fail",
  GiveBack: "interrupted",
  Abandon: "interrupted"
} as const satisfies Readonly<Record<Verdict["_tag"], string>>

const started = labelled(metrics.jobsStarted)
const finished = labelled(metrics.jobsFinished)
const duration = labelled(metrics.jobDuration)
const wait = labelled(metrics.jobWait)
const attempts = labelled(metrics.jobAttempts)

interface Series {
  readonly started: Metric.Metric<number, unknown>
  readonly finished: Readonly<Record<Verdict["_tag"], Metric.Metric<number, unknown>>>
  readonly duration: Metric.Metric<number, unknown>
  readonly wait: Metric.Metric<number, unknown>
  readonly attempts: Metric.Metric<number, unknown>
}

/** Looked up once for each queue, and updated together: hundreds of attempts end in a second. */
const seriesOf = (() => {
  const known = new Map<QueueName, Series>()
  const finishedAs = (queue: QueueName, tag: Verdict["_tag"]) => finished({ queue, outcome: outcomes[tag] })
  return (queue: QueueName): Series => {
    const series = known.get(queue) ?? {
      started: started({ queue }),
      finished: {
        Complete: finishedAs(queue, "Complete"),
        Retry: finishedAs(queue, "Retry"),
        Postpone: finishedAs(queue, "Postpone"),
        Fail: finishedAs(queue, "Fail"),
        GiveBack: finishedAs(queue, "GiveBack"),
        Abandon: finishedAs(queue, "Abandon")
      },
      duration: duration({ queue }),
      wait: wait({ queue }),
      attempts: attempts({ queue })
    }
    known.set(queue, series)
    return series
  }
})()

const seconds = (millis: number): number => Math.max(0, millis) / 1000

/** Counts and times an attempt, however it ends. */
export const measureAttempt = (attempt: JobAttempt) => <E, R>(run: Effect.Effect<Verdict, E, R>): Effect.Effect<Verdict, E, R> =>
  Effect.contextWith((context) => {
    const series = seriesOf(attempt.queue)
    const clock = Context.get(context, Clock.Clock)
    const beganAt = clock.currentTimeMillisUnsafe()
    series.started.updateUnsafe(1, context)
    // Put off or handed back, it is still its first attempt; how long that took is not what waiting in line means.
    if (attempt.number === 1) series.wait.updateUnsafe(seconds(beganAt - attempt.addedAt), context)
    return Effect.onExit(run, (exit) =>
      Effect.sync(() => {
        const outcome = Exit.isSuccess(exit) ? exit.value._tag : "Abandon"
        series.finished[outcome].updateUnsafe(1, context)
        series.duration.updateUnsafe(seconds(clock.currentTimeMillisUnsafe() - beganAt), context)
        if (outcome === "Complete" || outcome === "Fail") series.attempts.updateUnsafe(attempt.number, context)
      }))
  })
