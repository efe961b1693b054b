import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Logger, Metric } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { TestClock } from "effect/testing"
import { memoryStores } from "../../../layers/limits/memoryStores.ts"
import * as SharedLimits from "../../../layers/limits/SharedLimits.ts"
import { Breaker, type BreakerPolicy } from "../../../src/services/Breaker.ts"
import { Limits } from "../../../src/services/Limits.ts"
import { down, type ProviderError } from "./bench.ts"

const policy: BreakerPolicy<ProviderError> = { opens: { afterFailures: 2 }, openFor: Duration.seconds(30), openForAtMost: Duration.minutes(5) }

/** The lines of this metric, from a registry of the test's own. */
const lines = (name: string) => Effect.map(PrometheusMetrics.format(), (text) => text.split("\n").filter((line) => line.startsWith(name)))

/** Two processes on the same stores. */
const processes = Effect.gen(function*() {
  const stores = yield* Layer.build(memoryStores)
  const open = Layer.build(Layer.fresh(SharedLimits.layer)).pipe(Effect.provideContext(stores))
  return [yield* open, yield* open] as const
})

layer(Logger.layer([]))("the metrics of limits and breakers", (it) => {
  const measured = <A, E, R>(work: Effect.Effect<A, E, R>) => work.pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

  it.effect("say that a provider's circuit is open, and closed again also where another process has seen to it", () =>
    measured(Effect.gen(function*() {
      const [one, other] = yield* processes
      const call = (process: typeof one, work: Effect.Effect<void, ProviderError>) =>
        Effect.exit(Breaker.use(({ withBreaker }) => withBreaker("provider:openai", policy, work)).pipe(Effect.provideContext(process)))
      yield* call(one, Effect.void)
      assert.deepStrictEqual(yield* lines("tt_breaker_open{"), [`tt_breaker_open{provider="openai"} 0`])
      yield* call(one, Effect.fail(down))
      yield* call(one, Effect.fail(down))
      assert.deepStrictEqual(yield* lines("tt_breaker_open{"), [`tt_breaker_open{provider="openai"} 1`])
      yield* TestClock.adjust("31 seconds")
      yield* call(other, Effect.void)
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(yield* lines("tt_breaker_open{"), [`tt_breaker_open{provider="openai"} 0`])
    })))

  it.effect("have no series for keys that name a tenant", () =>
    measured(Effect.gen(function*() {
      const [one] = yield* processes
      const limited = Effect.gen(function*() {
        const { withLimits } = yield* Limits
        const { withBreaker } = yield* Breaker
        const limit = { rate: { limit: 1, window: Duration.minutes(1) } }
        const key = "webhook:tenant-1:hook-1"
        yield* withLimits(key, limit, withBreaker(key, policy, Effect.void))
        yield* Effect.exit(withLimits(key, limit, Effect.void))
        yield* Effect.exit(withLimits(key, limit, Effect.void))
      })
      yield* Effect.provideContext(limited, one)
      assert.deepStrictEqual(yield* lines("tt_breaker_open{"), [])
      assert.deepStrictEqual(yield* lines("tt_limit_reached_total{"), [`tt_limit_reached_total{kind="webhook",reason="rate"} 2`])
      assert.notInclude(yield* PrometheusMetrics.format(), "tenant-1")
    })))
})
