import { assert, layer } from "@effect/vitest"
import { Deferred, Duration, Effect, Layer, Logger } from "effect"
import { workerSettings } from "../../../layers/bullmq/workerSettings.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import type { QueueServer } from "./QueueServer.ts"
import { claimsOf } from "../../support/jobClaims.ts"
import { until } from "../../support/until.ts"
import { done, makeWorkbench, untilState } from "./workbench.ts"

/** What shows only after a lock's time: slow, so that it runs with the services. */
export const queuePatience = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    it.effect("keeps the lock of a job that drains for longer than the lock lasts: it runs once", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        let runs = 0
        const began = yield* Deferred.make<void>()
        const draining = yield* bench.subscribe(() =>
          Effect.sync(() => void runs++).pipe(
            Effect.andThen(Deferred.succeed(began, undefined)),
            Effect.andThen(Effect.sleep(workerSettings.lockDuration + 6_000)),
            Effect.as(done)
          )
        )
        const job = yield* bench.add()
        yield* Deferred.await(began)
        yield* draining.stopTaking
        // This one looks for stalled jobs, and would take it.
        yield* bench.subscribe(() => Effect.sync(() => void runs++).pipe(Effect.as(done)))
        yield* draining.drained
        const completed = yield* untilState(bench, job, "completed")
        assert.strictEqual(runs, 1)
        assert.strictEqual(completed.stalledCounter, 0)
      }))

    it.effect("gives an abandoned job to whoever looks for stalled ones, no attempt used", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const numbers: Array<number> = []
        yield* bench.subscribe((attempt) =>
          Effect.sync(() => numbers.push(attempt.number) === 1 ? Verdict.Abandon() : done)
        )
        const job = yield* bench.add({ attempts: 1 })
        yield* untilState(bench, job, "completed", workerSettings.lockDuration + 2 * workerSettings.stalledInterval + 3_000)
        assert.deepStrictEqual(numbers, [1, 1])
      }))

    it.effect("says who lost a job, to whoever takes it next and to nobody else", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const begun: Array<{ readonly jobId: string; readonly lostBy: string | null }> = []
        const verdicts = [Verdict.Abandon(), Verdict.Retry({ after: Duration.millis(50), reason: "busy" }), Verdict.Abandon(), done]
        const runs: Array<string> = []
        yield* bench.subscribe(({ jobId, jobName }) => Effect.sync(() => {
          if (jobName !== "lost") return done
          runs.push(jobId)
          return verdicts[runs.length - 1] ?? done
        }), 4, { claims: claimsOf("a-process", begun) })
        const never = yield* bench.add()
        const job = yield* bench.add({ attempts: 3 }, "lost")
        yield* untilState(bench, never, "completed")
        yield* untilState(bench, job, "completed", 2 * (workerSettings.lockDuration + 2 * workerSettings.stalledInterval) + 5_000)
        assert.lengthOf(runs, 4)
        assert.deepStrictEqual(begun, ["a-process", null, "a-process"].map((lostBy) => ({ jobId: job.id ?? "", lostBy })))
      }))

    it.effect("interrupts a job whose lock is lost, and leaves the job alone", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        let [runs, interrupted] = [0, 0]
        yield* bench.subscribe(() =>
          Effect.suspend(() =>
            ++runs === 1
              ? Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
              : Effect.succeed(done)
          )
        )
        const job = yield* bench.add({ attempts: 1 })
        yield* until(Effect.sync(() => runs), (count) => count === 1)
        yield* bench.stealLock(job.id ?? "")
        yield* until(Effect.sync(() => interrupted), (count) => count === 1)
        assert.strictEqual((yield* untilState(bench, job, "completed", 20_000)).attemptsMade, 1)
        assert.deepStrictEqual([runs, interrupted], [2, 1])
      }))
  })
