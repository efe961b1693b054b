import { assert, layer } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Layer, Logger, Schema, Scope } from "effect"
import { workerSettings } from "../../../layers/bullmq/workerSettings.ts"
import { RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { InternalError } from "../../../src/supervisor/failures.ts"
import { AttemptEnd, decideVerdict } from "../../../src/supervisor/verdict.ts"
import { until } from "../../support/until.ts"
import type { QueueServer } from "./QueueServer.ts"
import { answering, data, done, makeWorkbench, queueName, untilState } from "./workbench.ts"

/** What the JobConsumer on BullMQ does with jobs, whichever server keeps the queues. */
export const queueConformance = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    it.effect("handles a job and keeps its summary as the return value", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { attempts, handle } = answering()
        yield* bench.subscribe(handle)
        const job = yield* untilState(bench, yield* bench.add(), "completed")
        assert.deepStrictEqual(job.returnvalue, { status: "processed" })
        assert.lengthOf(attempts, 1)
        assert.deepInclude(attempts[0], { queue: queueName, jobId: job.id ?? "", jobName: "process", data, number: 1, addedAt: job.timestamp, traceparent: null })
      }))

    it.effect("runs jobs that were waiting before the worker began", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const jobs = [yield* bench.add(), yield* bench.add({ priority: 3 }), yield* bench.add({ delay: 100 })]
        yield* bench.subscribe(answering().handle)
        for (const job of jobs) yield* untilState(bench, job, "completed")
      }))

    it.effect("tries again after as long as the verdict says", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const retry = Verdict.Retry({ after: Duration.millis(400), reason: "ocr-unavailable: not reached" })
        const { attempts, handle } = answering(retry, retry, done)
        yield* bench.subscribe(handle)
        // The API's own numbers are passed on; what the verdict says is what happens.
        const job = yield* bench.add({ attempts: 2, backoff: { type: "fixed", delay: 60_000, jitter: 0.25 } })
        const delayed = yield* untilState(bench, job, "delayed")
        assert.strictEqual(delayed.failedReason, "ocr-unavailable: not reached")
        const completed = yield* untilState(bench, job, "completed")
        assert.strictEqual(completed.attemptsMade, 3)
        assert.deepInclude(completed.opts, { attempts: 2 })
        assert.deepStrictEqual(attempts.map(({ number }) => number), [1, 2, 3])
        for (const { backoff, maxAttempts } of attempts) {
          assert.deepStrictEqual({ backoff, maxAttempts }, { maxAttempts: 2, backoff: { type: "fixed", delay: Duration.seconds(60), jitter: 0.25 } })
        }
        const waits = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0))
        for (const wait of waits) assert.isTrue(wait >= 390 && wait < 10_000, `${wait} ms`)
      }))

    for (const [options, runs] of [[{}, RECOMMENDED_JOB_OPTIONS.attempts], [{ attempts: 1 }, 1], [{ attempts: 3 }, 3]] as const) {
      it.effect(`tries a job ${runs} times that was added with ${JSON.stringify(options)}`, () =>
        Effect.gen(function*() {
          const bench = yield* makeWorkbench
          const seen: Array<number> = []
          yield* bench.subscribe((attempt) =>
            Effect.sync(() => {
              seen.push(attempt.number)
              const failure = new InternalError({ defect: "test" })
              return decideVerdict(AttemptEnd.Failed({ failure }), { attempt, age: Duration.zero, maxAge: Duration.hours(1), random: 0.5 })
            })
          )
          const job = yield* bench.add({ ...options, backoff: 10 })
          const failed = yield* untilState(bench, job, "failed")
          assert.deepStrictEqual(seen, Array.from({ length: runs }, (_, index) => index + 1))
          assert.include(failed.failedReason, `attempt ${runs} of ${runs}`)
        }))
    }

    it.effect("puts a job off without using up an attempt", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const postpone = Verdict.Postpone({ after: Duration.millis(300), reason: "busy" })
        const { attempts, handle } = answering(postpone, postpone, done)
        yield* bench.subscribe(handle)
        const job = yield* bench.add({ attempts: 1 })
        assert.strictEqual((yield* untilState(bench, job, "delayed")).attemptsMade, 0)
        assert.strictEqual((yield* untilState(bench, job, "completed")).attemptsMade, 1)
        assert.deepStrictEqual(attempts.map(({ number }) => number), [1, 1, 1])
        assert.deepStrictEqual(new Set(attempts.map(({ addedAt }) => addedAt)), new Set([job.timestamp]))
        assert.isAtLeast((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0), 290)
      }))

    it.effect("leaves a failed job in the failed list with its reason, attempts unused", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { attempts, handle } = answering(Verdict.Fail({ reason: "file-encrypted: password needed" }))
        yield* bench.subscribe(handle)
        const failed = yield* untilState(bench, yield* bench.add({ attempts: 5, backoff: 1 }), "failed")
        yield* Effect.sleep("200 millis")
        assert.strictEqual(failed.failedReason, "file-encrypted: password needed")
        assert.lengthOf(attempts, 1)
        assert.lengthOf(yield* Effect.promise(() => bench.queue.getFailed()), 1)
      }))

    it.effect("moves nothing when an attempt is abandoned", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { attempts, handle } = answering(Verdict.Abandon(), done)
        yield* bench.subscribe(handle)
        const job = yield* bench.add()
        yield* until(Effect.sync(() => attempts.length), (count) => count === 1)
        yield* untilState(bench, yield* bench.add(), "completed")
        yield* Effect.sleep("200 millis")
        const { job: stored, state } = yield* bench.look(job)
        assert.deepInclude({ state, attemptsMade: stored?.attemptsMade, failedReason: stored?.failedReason ?? null }, {
          state: "active",
          attemptsMade: 0,
          failedReason: null
        })
      }))

    it.effect("hands running jobs back at once: another worker completes them, no attempt used", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const scope = yield* Scope.make()
        let released = 0
        const began = yield* Deferred.make<void>()
        const first = yield* bench.subscribe(() =>
          Deferred.succeed(began, undefined).pipe(Effect.andThen(Effect.never), Effect.onInterrupt(() => Effect.sync(() => void released++)))
        ).pipe(Scope.provide(scope))
        const job = yield* bench.add({ attempts: 1 })
        yield* Deferred.await(began)
        yield* first.stopTaking
        const later = yield* bench.add()
        assert.strictEqual(yield* first.handBack, 1)
        assert.strictEqual(released, 1)
        assert.strictEqual(yield* first.finished, 0)
        yield* first.drained
        // A fetch that landed after `stopTaking` gives its job back too, a moment later.
        for (const each of [job, later]) assert.strictEqual((yield* untilState(bench, each, "waiting", workerSettings.lockDuration / 2)).attemptsMade, 0)
        const { attempts, handle } = answering()
        yield* bench.subscribe(handle)
        for (const each of [job, later]) yield* untilState(bench, each, "completed")
        assert.deepStrictEqual(attempts.map(({ number }) => number), [1, 1])
        yield* Scope.close(scope, Exit.void)
      }))

    it.effect("stops taking jobs, and says when the running ones are done", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const [began, finish] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        const subscription = yield* bench.subscribe(() =>
          Deferred.succeed(began, undefined).pipe(Effect.andThen(Deferred.await(finish)), Effect.as(done)), 1)
        const job = yield* bench.add()
        yield* Deferred.await(began)
        yield* subscription.stopTaking
        const later = yield* bench.add()
        const early = yield* subscription.drained.pipe(Effect.timeoutOption("300 millis"))
        assert.strictEqual(early._tag, "None", "a job is running")
        yield* Deferred.succeed(finish, undefined)
        yield* subscription.drained
        assert.strictEqual(yield* subscription.finished, 1)
        assert.strictEqual(yield* subscription.handBack, 0)
        yield* untilState(bench, job, "completed")
        yield* Effect.sleep("300 millis")
        assert.strictEqual((yield* bench.look(later)).state, "waiting")
      }))

    it.effect("runs as many jobs at once as it was told, no more", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        let [running, most] = [0, 0]
        const full = yield* Deferred.make<void>()
        yield* bench.subscribe(() =>
          Effect.sync(() => void (most = Math.max(most, ++running))).pipe(
            Effect.andThen(Effect.suspend(() => running === 3 ? Deferred.succeed(full, undefined) : Effect.void)),
            Effect.andThen(Deferred.await(full)),
            Effect.andThen(Effect.sleep("60 millis")),
            Effect.andThen(Effect.sync(() => {
              running--
              return done
            }))
          ), 3)
        const jobs = yield* Effect.forEach(Array.from({ length: 12 }), () => bench.add())
        for (const job of jobs) yield* untilState(bench, job, "completed")
        assert.strictEqual(most, 3)
      }))

    it.effect("runs jobs of any name, with options that it does not know", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { attempts, handle } = answering()
        yield* bench.subscribe(handle)
        const options = Schema.decodeUnknownSync(Schema.Record(Schema.String, Schema.Unknown))({ colour: "red", lifo: true, backoff: { type: "house" }, sizeLimit: 10_000 })
        for (const name of ["", "__default__", "Traiter la facture n° 12:3", "x".repeat(300)]) {
          yield* untilState(bench, yield* bench.add(options, name), "completed")
        }
        assert.deepStrictEqual(attempts.map(({ jobName }) => jobName.slice(0, 12)), ["", "__default__", "Traiter la f", "x".repeat(12)])
      }))

    it.effect("outlives a handler that breaks, and gives its job up after its attempts", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        let call = 0
        const subscription = yield* bench.subscribe(() => {
          call++
          if (call === 1) throw new Error("a fault before the effect")
          return call === 2 ? Effect.die(new Error("a fault in the effect")) : Effect.succeed(done)
        }, 1)
        const failed = yield* Effect.forEach([1, 2], () => Effect.flatMap(bench.add({ attempts: 1 }), (job) => untilState(bench, job, "failed")))
        for (const job of failed) assert.notInclude(job.failedReason, "fault")
        yield* untilState(bench, yield* bench.add(), "completed")
        yield* subscription.stopTaking
        // It would wait 4 seconds for a job that it thinks is running.
        assert.isBelow(Duration.toMillis((yield* Effect.timed(subscription.handBack))[0]), 3000, "milliseconds")
      }))

    it.effect("keeps no more finished jobs than is recommended, also of jobs that do not say so", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const kept = RECOMMENDED_JOB_OPTIONS.removeOnComplete.count
        const { attempts, handle } = answering()
        yield* bench.subscribe(handle, 50)
        yield* Effect.promise(() => bench.queue.addBulk(Array.from({ length: kept + 50 }, () => ({ name: "process", data }))))
        yield* until(Effect.sync(() => attempts.length), (count) => count === kept + 50, 30_000)
        yield* until(Effect.promise(() => bench.queue.getActiveCount()), (count) => count === 0)
        // Jobs that finish at one moment do not see each other; the next one alone clears up after them.
        yield* untilState(bench, yield* bench.add(), "completed")
        const count = yield* Effect.promise(() => bench.queue.getCompletedCount())
        // PostgreSQL looks before it adds the newest.
        assert.include([kept, kept + 1], count)
      }))

    it.effect("keeps finished jobs as each one says itself", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* bench.subscribe(answering().handle, 1)
        const unwanted = yield* bench.add({ removeOnComplete: true })
        yield* until(Effect.map(bench.look(unwanted), ({ job }) => job === undefined), (gone) => gone)
        for (let count = 0; count < 6; count++) yield* untilState(bench, yield* bench.add({ removeOnComplete: 2 }), "completed")
        assert.include([2, 3], yield* Effect.promise(() => bench.queue.getCompletedCount()))
      }))

    it.effect("completes jobs that end together, and only those whose lock is still ours", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const began: Array<string> = []
        const finish = yield* Deferred.make<void>()
        yield* bench.subscribe(({ jobId }) => Effect.sync(() => began.push(jobId)).pipe(Effect.andThen(Deferred.await(finish)), Effect.as(done)), 6)
        const jobs = yield* Effect.forEach(Array.from({ length: 6 }), () => bench.add({ attempts: 1 }))
        yield* until(Effect.sync(() => began.length), (count) => count === 6)
        const [stolen, ...others] = jobs
        if (stolen === undefined) return assert.fail("no job was added")
        yield* bench.stealLock(stolen.id ?? "")
        yield* Deferred.succeed(finish, undefined)
        for (const job of others) yield* untilState(bench, job, "completed")
        yield* Effect.sleep("200 millis")
        const { job, state } = yield* bench.look(stolen)
        assert.deepStrictEqual([state, job?.attemptsMade], ["active", 0])
      }))

    it.effect("lets a job that may be there only once be added again when it has completed", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        yield* bench.subscribe(answering().handle)
        const ids = new Set<string | undefined>()
        for (let round = 0; round < 3; round++) {
          const job = yield* bench.add({ deduplication: { id: "only one" } })
          ids.add(job.id)
          yield* untilState(bench, job, "completed")
        }
        assert.strictEqual(ids.size, 3)
      }))
  })
