import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Logger } from "effect"
import * as Telemetry from "../../../layers/observability/Telemetry.ts"
import type { TelemetrySettings } from "../../../src/config/Settings.ts"
import { Retry } from "../../../src/domain/Retry.ts"
import { RunningWork } from "../../../src/services/RunningWork.ts"
import { runAttempt } from "../../../src/supervisor/attempt.ts"
import { Hiccup, hiccups } from "../../src/supervisor/jobAttempt.ts"
import { toyProgram } from "../../src/supervisor/toyProgram.ts"
import { startOtlpReceiver } from "../../support/otlpReceiver.ts"
import { until } from "../../support/until.ts"
import { QueueServer } from "./QueueServer.ts"
import { consumeFrom } from "./workbench.ts"

const producerTrace = "0af7651916cd43dd8448eb211c80319c"
const options = { attempts: 3, backoff: { type: "fixed", delay: 10 } }

const telemetryTo = (endpoint: URL): TelemetrySettings => ({ endpoint, headers: {}, protocol: "http/protobuf", serviceName: "tt-worker", traces: { ratio: 1, sql: false } })

/** What becomes of a job's trace on its way through a real queue. */
export const queueTracing = (name: string, server: Layer.Layer<QueueServer>) =>
  layer(Layer.merge(server, Logger.layer([])), { excludeTestServices: true })(name, (it) => {
    it.effect.each([
      ["their producer's", { telemetry: { metadata: JSON.stringify({ traceparent: `00-${producerTrace}-b7ad6b7169203331-01` }) } }, "b7ad6b7169203331"],
      ["that of the first", {}, ""]
    ] as const)("all attempts of a job are in one trace, %s, each linked to the one before", ([, telemetry, parent]) =>
      Effect.gen(function*() {
        const receiver = yield* startOtlpReceiver
        const { openQueue, backend } = yield* (yield* QueueServer).newPlace
        const queue = yield* openQueue("email-sync")
        const { program } = toyProgram({ work: () => Effect.fail(hiccups.transient) })
        yield* Effect.gen(function*() {
          yield* consumeFrom(backend, "email-sync", runAttempt(program), 1)
          const job = yield* Effect.promise(() => queue.add("sync", { tenantId: "t1" }, { ...options, ...telemetry }))
          yield* until(Effect.promise(() => queue.getJobState(job.id ?? "")), (state) => state === "failed", 10_000)
        }).pipe(Effect.scoped, Effect.provide(Telemetry.layer(telemetryTo(receiver.endpoint))), Effect.provide(RunningWork.layer))

        const attempts = receiver.spans.filter(({ name }) => name === "process email-sync")
        const [first, second, third] = attempts
        assert.lengthOf(attempts, 3)
        assert.deepStrictEqual([...new Set(attempts.map(({ traceId }) => traceId))], [parent === "" ? first?.traceId : producerTrace])
        assert.strictEqual(first?.parentSpanId, parent)
        assert.deepStrictEqual(attempts.map(({ links }) => links), [[], [first?.spanId ?? ""], [second?.spanId ?? ""]])
        assert.deepStrictEqual(attempts.map(({ attributes }) => attributes["tt.job.verdict"]), ["Retry", "Retry", "Fail"])
        assert.deepStrictEqual([third?.status, third?.attributes["error.type"]], [2, "hiccup"])
      }))

    it.effect("an attempt that was put off is linked to by the next one, and the completed job names their trace", () =>
      Effect.gen(function*() {
        const receiver = yield* startOtlpReceiver
        const { openQueue, backend } = yield* (yield* QueueServer).newPlace
        const queue = yield* openQueue("email-sync")
        let tries = 0
        const shortly = new Hiccup({ retry: Retry.RateLimited({ after: Duration.millis(20) }) })
        const { program } = toyProgram({ work: () => Effect.suspend(() => ++tries < 4 ? Effect.fail(shortly) : Effect.succeed({ imported: 1 })) })
        const work = yield* Effect.gen(function*() {
          yield* consumeFrom(backend, "email-sync", runAttempt(program), 1)
          const added = yield* Effect.promise(() => queue.add("sync", { tenantId: "t1" }, options))
          yield* until(Effect.promise(() => queue.getJobState(added.id ?? "")), (state) => state === "completed", 10_000)
          const job = yield* Effect.promise(() => queue.getJob(added.id ?? ""))
          return { returnvalue: job?.returnvalue, stacktrace: job?.stacktrace, attemptsMade: job?.attemptsMade, troubles: yield* RunningWork.use(({ troubles }) => troubles) }
        }).pipe(Effect.scoped, Effect.provide(Telemetry.layer(telemetryTo(receiver.endpoint))), Effect.provide(RunningWork.layer))

        const attempts = receiver.spans.filter(({ name }) => name === "process email-sync")
        const traceId = attempts[0]?.traceId ?? ""
        assert.deepStrictEqual(attempts.map((span) => span.traceId), [traceId, traceId, traceId, traceId])
        assert.deepStrictEqual(attempts.map(({ links }) => links), [[], ...attempts.slice(0, 3).map(({ spanId }) => [spanId])])
        assert.deepStrictEqual([work.returnvalue, work.attemptsMade], [{ imported: 1, traceId }, 1])
        // However often it was put off, the job carries one line about it.
        assert.deepStrictEqual(work.stacktrace?.map((entry) => entry.split("\n")[0]), ["put off: hiccup: the other side hiccuped"])
        assert.deepStrictEqual(work.troubles.map(({ outcome, times }) => [outcome, times]), [["postpone", 3]])
      }))
  })
