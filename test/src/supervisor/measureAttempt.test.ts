import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Metric } from "effect"
import { TestClock } from "effect/testing"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { measureAttempt } from "../../../src/supervisor/measureAttempt.ts"
import { jobAttempt } from "./jobAttempt.ts"

/** What Prometheus reads after these, from a registry of its own. */
const measured = <E>(work: Effect.Effect<unknown, E>) =>
  Effect.andThen(work, PrometheusMetrics.format()).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

const ended = (verdict: Verdict, number = 1) => measureAttempt(jobAttempt({ number }))(Effect.succeed(verdict))

describe("the metrics of attempts", () => {
  it.effect("count beginnings and ends by queue and outcome", () =>
    Effect.gen(function*() {
      const text = yield* measured(Effect.all([
        ended(Verdict.Complete({ summary: {} })),
        ended(Verdict.Retry({ after: Duration.seconds(1), reason: "" })),
        ended(Verdict.Complete({ summary: {} }), 2)
      ]))
      assert.include(text, `tt_jobs_started_total{queue="email-sync"} 3`)
      assert.include(text, `tt_jobs_finished_total{queue="email-sync",outcome="complete"} 2`)
      assert.include(text, `tt_jobs_finished_total{queue="email-sync",outcome="retry"} 1`)
    }))

  it.effect("time the wait of a first attempt and the work of each", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("3 seconds")
      const slow = measureAttempt(jobAttempt())(Effect.delay(Effect.succeed(Verdict.Complete({ summary: {} })), "2 seconds"))
      const text = yield* measured(Effect.gen(function*() {
        const first = yield* Effect.forkChild(slow)
        yield* TestClock.adjust("2 seconds")
        yield* Fiber.join(first)
        yield* ended(Verdict.Complete({ summary: {} }), 2)
      }))
      assert.include(text, `tt_job_wait_seconds_sum{queue="email-sync"} 3`)
      assert.include(text, `tt_job_wait_seconds_count{queue="email-sync"} 1`)
      assert.include(text, `tt_job_duration_seconds_sum{queue="email-sync"} 2`)
      assert.include(text, `tt_job_duration_seconds_count{queue="email-sync"} 2`)
    }))

  it.effect("count an interrupted attempt as such, and not among the attempts that a job took", () =>
    Effect.gen(function*() {
      const text = yield* measured(Effect.flatMap(Effect.forkChild(measureAttempt(jobAttempt())(Effect.never)), (fiber) =>
        Effect.andThen(Effect.yieldNow, Fiber.interrupt(fiber))))
      assert.include(text, `tt_jobs_finished_total{queue="email-sync",outcome="interrupted"} 1`)
      assert.notInclude(text, "tt_job_attempts")
    }))

  it.effect("tell how many attempts jobs took to their end", () =>
    Effect.gen(function*() {
      const text = yield* measured(Effect.all([ended(Verdict.Complete({ summary: {} })), ended(Verdict.Fail({ reason: "" }), 5)]))
      assert.include(text, `tt_job_attempts_bucket{queue="email-sync",le="1"} 1`)
      assert.include(text, `tt_job_attempts_sum{queue="email-sync"} 6`)
    }))
})
