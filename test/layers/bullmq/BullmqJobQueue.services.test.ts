import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { clocksApart } from "./clocks.ts"
import { queueConformance } from "./conformance.ts"
import { jobInspection } from "./inspection.ts"
import { queueTracing } from "./tracing.ts"
import { queueFairness } from "./fairness.ts"
import { lineKeeping } from "./lineKeeping.ts"
import { producerConformance } from "./producerConformance.ts"
import { queuePatience } from "./patience.ts"
import { onPostgres, onRedis } from "./QueueServer.ts"
import { answering, makeWorkbench, untilState } from "./workbench.ts"

queueConformance("queues on Redis", onRedis)
producerConformance("adding jobs on Redis", onRedis)
jobInspection("looking into lists on Redis", onRedis)
queueTracing("traces through Redis", onRedis)
queueFairness("turns on Redis", onRedis)
lineKeeping("the line on Redis", onRedis)
queuePatience("locks on Redis", onRedis)
queuePatience("locks on PostgreSQL", onPostgres)

layer(Layer.merge(onRedis, Logger.layer([])), { excludeTestServices: true })("a Redis that is not there yet", (it) => {
  it.effect("is waited for, and not taken for an idle queue", () =>
    Effect.gen(function*() {
      const bench = yield* makeWorkbench
      yield* bench.server.stop
      const subscribing = bench.subscribe(answering().handle)
      const early = yield* subscribing.pipe(Effect.timeoutOption("500 millis"), Effect.scoped)
      assert.strictEqual(early._tag, "None")
      yield* Effect.all([subscribing, Effect.delay(bench.server.start, "1 second")], { concurrency: 2 })
      yield* untilState(bench, yield* bench.add(), "completed")
    }))
})
clocksApart("clocks apart on Redis", onRedis)
