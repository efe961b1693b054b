import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Logger } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import { until } from "../../support/until.ts"
import type { QueueServer } from "./QueueServer.ts"
import { answering, data, makeWorkbench, queueName, untilState } from "./workbench.ts"

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
          assert.include(error.message, `could not add a job to queue ${queueName}`)
          assert.isBelow(Duration.toMillis(took), 6000, "milliseconds")
        }).pipe(Effect.ensuring(bench.server.start))
        yield* Effect.orDie(connected.add(queueName, data)).pipe(Effect.retry({ times: 3 }))
      }), 30_000)
  })
