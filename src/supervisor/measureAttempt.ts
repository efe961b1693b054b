import { Clock, Effect, Exit, Metric } from "effect"
import type { Verdict } from "../domain/Verdict.ts"
import { labelled, metrics } from "../observability/metrics.ts"
import type { JobAttempt } from "../services/JobQueue.ts"

const started = labelled(metrics.jobsStarted)
const finished = labelled(metrics.jobsFinished)
const duration = labelled(metrics.jobDuration)
const wait = labelled(metrics.jobWait)
const attempts = labelled(metrics.jobAttempts)

const outcomes: Readonly<Record<Verdict["_tag"], string>> = {
  Complete: "complete",
  Retry: "retry",
  Postpone: "postpone",
  Fail: "fail",
  GiveBack: "interrupted",
  Abandon: "interrupted"
}

const seconds = (millis: number): number => Math.max(0, millis) / 1000

/** Counts and times an attempt, however it ends. */
export const measureAttempt = (attempt: JobAttempt) => <E, R>(run: Effect.Effect<Verdict, E, R>): Effect.Effect<Verdict, E, R> =>
  Effect.gen(function*() {
    const { queue } = attempt
    const beganAt = yield* Clock.currentTimeMillis
    yield* Metric.update(started({ queue }), 1)
    // Put off or handed back, it is still its first attempt; how long that took is not what waiting in line means.
    if (attempt.number === 1) yield* Metric.update(wait({ queue }), seconds(beganAt - attempt.addedAt))
    return yield* run.pipe(Effect.onExit(Effect.fnUntraced(function*(exit) {
      const outcome = Exit.isSuccess(exit) ? exit.value._tag : "Abandon"
      yield* Metric.update(finished({ queue, outcome: outcomes[outcome] }), 1)
      yield* Metric.update(duration({ queue }), seconds((yield* Clock.currentTimeMillis) - beganAt))
      if (outcome === "Complete" || outcome === "Fail") yield* Metric.update(attempts({ queue }), attempt.number)
    })))
  })
