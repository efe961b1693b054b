import { assert, layer } from "@effect/vitest"
import type { JobsOptions } from "bullmq"
import { Deferred, Duration, Effect, Layer, Logger } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import { RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import { until } from "../../support/until.ts"
import type { QueueServer } from "./QueueServer.ts"
import { answering, data, done, makeWorkbench, queueName, untilState } from "./workbench.ts"

/** What the JobProducer on BullMQ does, and what both do while the server that keeps the queues is away. */
export const producerConformance = (name: string, server: Layer.Layer<QueueServer>): void =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    it.effect("hands over the producer's trace", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { attempts, handle } = answering()
        yield* bench.subscribe(handle)
        const producer = yield* bench.producer
        const sent = yield* Effect.gen(function*() {
          yield* Effect.orDie(producer.add(queueName, data))
          return HttpTraceContext.toHeaders(yield* Effect.orDie(Effect.currentSpan))["traceparent"]
        }).pipe(Effect.withSpan("upload"))
        yield* until(Effect.sync(() => attempts.length), (count) => count === 1)
        // The producer's own span is the parent: the same trace, another span.
        assert.strictEqual(attempts[0]?.traceparent?.slice(0, 36), sent?.slice(0, 36))
        assert.match(attempts[0]?.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
        assert.deepInclude(attempts[0], { maxAttempts: 5, backoff: { type: "exponential", delay: Duration.seconds(2), jitter: 0.5 } })
      }))

    it.effect("gives a job the id, the delay and the trace that it is told to", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const producer = yield* bench.producer
        const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        const options = { jobId: "mine", delay: Duration.minutes(1), traceparent }
        assert.strictEqual(yield* Effect.orDie(producer.add(queueName, data, options)), "mine")
        const one = yield* Effect.promise(() => bench.queue.getJob("mine"))
        assert.strictEqual(yield* Effect.promise(() => bench.queue.getJobState("mine")), "delayed")
        assert.deepInclude(one?.opts, { ...RECOMMENDED_JOB_OPTIONS, delay: 60_000, telemetry: { metadata: JSON.stringify({ traceparent }) } })
        assert.strictEqual(one?.delay, 60_000)

        const ids = yield* Effect.orDie(producer.addMany(queueName, [{ data, ...options, jobId: "also-mine" }, { data }]))
        assert.strictEqual(ids[0], "also-mine")
        const many = yield* Effect.promise(() => bench.queue.getJob("also-mine"))
        assert.deepStrictEqual({ ...many?.opts, jobId: "mine" }, { ...one?.opts, jobId: "mine" })
        assert.deepStrictEqual([many?.name, many?.data, many?.delay], [one?.name, one?.data, one?.delay])
        assert.deepStrictEqual(yield* Effect.orDie(producer.addMany(queueName, [])), [])
      }))

    it.effect("adds an id once, alone and among many, also when its job has completed", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const producer = yield* bench.producer
        const { attempts, handle } = answering()
        const add = Effect.orDie(producer.add(queueName, data, { jobId: "once" }))
        const addMany = Effect.orDie(producer.addMany(queueName, ["once", "other", "once"].map((jobId) => ({ data, jobId }))))
        assert.strictEqual(yield* add, "once")
        assert.deepStrictEqual(yield* addMany, ["once", "other", "once"])
        yield* bench.subscribe(handle)
        yield* until(Effect.promise(() => bench.queue.getCompletedCount()), (count) => count === 2)
        yield* add
        yield* addMany
        yield* Effect.sleep("300 millis")
        assert.sameMembers(attempts.map(({ jobId }) => jobId), ["once", "other"])
      }))

    it.effect("says which jobs are still to be run or running", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const producer = yield* bench.producer
        const add = (jobId: string, options: JobsOptions = {}) => bench.add({ ...options, jobId })
        const release = yield* Deferred.make<void>()
        yield* add("job-completed")
        yield* add("job-failed", { attempts: 1 })
        yield* add("job-retried", { attempts: 5 })
        const verdicts: Record<string, Verdict> = {
          "job-failed": Verdict.Fail({ reason: "no" }),
          "job-retried": Verdict.Retry({ after: Duration.minutes(1), reason: "later" })
        }
        yield* bench.subscribe(({ jobId }) => jobId === "job-active" ? Effect.as(Deferred.await(release), done) : Effect.succeed(verdicts[jobId] ?? done), 1)
        yield* until(Effect.promise(() => bench.queue.getJobState("job-retried")), (state) => state === "delayed")
        yield* add("job-active")
        yield* until(Effect.promise(() => bench.queue.getActiveCount()), (count) => count === 1)
        yield* add("job-waiting")
        yield* add("job-prioritized", { priority: 3 })
        yield* add("job-delayed", { delay: 60_000 })
        const alive = yield* Effect.orDie(producer.alive(queueName, ["job-completed", "job-failed", "job-retried", "job-active", "job-waiting", "job-prioritized", "job-delayed", "never-added"]))
        assert.sameMembers([...alive], ["job-retried", "job-active", "job-waiting", "job-prioritized", "job-delayed"])
        assert.strictEqual((yield* Effect.orDie(producer.alive(queueName, []))).size, 0)
        yield* Deferred.succeed(release, undefined)
      }))

    it.effect("answers for a thousand jobs of a long line in well under a second", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const producer = yield* bench.producer
        const ids = Array.from({ length: 20_000 }, (_, index) => `job-${index}`)
        for (let from = 0; from < ids.length; from += 2000) {
          yield* Effect.orDie(producer.addMany(queueName, ids.slice(from, from + 2000).map((jobId) => ({ data, jobId }))))
        }
        const asked = ids.filter((_, index) => index % 20 === 0)
        const [took, alive] = yield* Effect.timed(Effect.orDie(producer.alive(queueName, asked)))
        assert.strictEqual(alive.size, 1000)
        assert.isBelow(Duration.toMillis(took), 1000, "milliseconds")
      }))

    it.effect("knows by its incarnation that the queue was emptied by force", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const [one, other] = [yield* bench.producer, yield* bench.producer]
        const incarnations = yield* Effect.orDie(Effect.all([one, other].map(({ incarnation }) => incarnation(queueName)), { concurrency: 2 }))
        assert.strictEqual(incarnations[0], incarnations[1])
        assert.strictEqual(yield* Effect.orDie(one.incarnation(queueName)), incarnations[0])
        // BullMQ itself goes on with the queue as before.
        const { handle } = answering()
        yield* bench.subscribe(handle)
        yield* untilState(bench, yield* bench.add(), "completed")
        yield* bench.flush
        assert.notStrictEqual(yield* Effect.orDie(one.incarnation(queueName)), incarnations[0])
      }))

    it.effect("tells a job that is refused for good from a server that is away", () =>
      Effect.gen(function*() {
        const producer = yield* (yield* makeWorkbench).producer
        for (const jobId of ["17", "a:b"]) {
          assert.strictEqual((yield* Effect.flip(producer.add(queueName, data, { jobId }))).reason, "refused")
          assert.strictEqual((yield* Effect.flip(producer.addMany(queueName, [{ data, jobId }]))).reason, "refused")
        }
      }))

    it.effect("outlives a server that goes away, and takes jobs again when it is back", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const { attempts, handle } = answering()
        yield* bench.subscribe(handle)
        yield* untilState(bench, yield* bench.add(), "completed")
        yield* bench.server.stop
        yield* Effect.sleep("2 seconds")
        yield* bench.server.start
        const began = performance.now()
        yield* bench.add()
        yield* until(Effect.sync(() => attempts.length), (count) => count === 2)
        assert.isBelow(performance.now() - began, 10_000, "milliseconds")
      }))

    it.effect("tells a producer at once that the server is away", () =>
      Effect.gen(function*() {
        const bench = yield* makeWorkbench
        const connected = yield* bench.producer
        yield* Effect.orDie(connected.add(queueName, data))
        yield* bench.server.stop
        yield* Effect.gen(function*() {
          const [took, error] = yield* Effect.timed(Effect.flip(connected.add(queueName, data)))
          assert.strictEqual(error.reason, "unavailable")
          assert.strictEqual((yield* Effect.flip(connected.alive(queueName, ["a"]))).reason, "unavailable")
          assert.strictEqual((yield* Effect.flip(connected.incarnation(queueName))).reason, "unavailable")
          assert.include(error.message, `queue ${queueName} cannot be used`)
          assert.isBelow(Duration.toMillis(took), 6000, "milliseconds")
        }).pipe(Effect.ensuring(bench.server.start))
        yield* Effect.orDie(connected.add(queueName, data)).pipe(Effect.retry({ times: 3 }))
      }), 30_000)
  })
