import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as Telemetry from "../../../layers/observability/Telemetry.ts"
import { RunningWork } from "../../../src/services/RunningWork.ts"
import { runAttempt } from "../../../src/supervisor/attempt.ts"
import { hiccups } from "../../src/supervisor/jobAttempt.ts"
import { toyProgram } from "../../src/supervisor/toyProgram.ts"
import { startOtlpReceiver } from "../../support/otlpReceiver.ts"
import { until } from "../../support/until.ts"
import { QueueServer } from "./QueueServer.ts"
import { consumeFrom } from "./workbench.ts"

const producerTrace = "0af7651916cd43dd8448eb211c80319c"
const options = { attempts: 3, backoff: { type: "fixed", delay: 10 } }

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
        }).pipe(Effect.scoped, Effect.provide(Telemetry.layer({
          endpoint: receiver.endpoint,
          headers: {},
          protocol: "http/protobuf",
          serviceName: "tt-worker",
          traces: { ratio: 1, sql: false }
        })), Effect.provide(RunningWork.layer))

        const attempts = receiver.spans.filter(({ name }) => name === "process email-sync")
        const [first, second, third] = attempts
        assert.lengthOf(attempts, 3)
        assert.deepStrictEqual([...new Set(attempts.map(({ traceId }) => traceId))], [parent === "" ? first?.traceId : producerTrace])
        assert.strictEqual(first?.parentSpanId, parent)
        assert.deepStrictEqual(attempts.map(({ links }) => links), [[], [first?.spanId ?? ""], [second?.spanId ?? ""]])
        assert.deepStrictEqual(attempts.map(({ attributes }) => attributes["tt.job.verdict"]), ["Retry", "Retry", "Fail"])
        assert.deepStrictEqual([third?.status, third?.attributes["error.type"]], [2, "hiccup"])
      }))
  })
