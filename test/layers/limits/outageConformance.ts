import { assert, layer } from "@effect/vitest"
import { Duration, Effect, type Layer, Logger } from "effect"
import { type LimitPolicy, pauseAskedFor } from "../../../src/services/Limits.ts"
import { until } from "../../support/until.ts"
import { down, holding, hurried, minute, newKey, openProcess, type ProviderError, quiet, reached } from "./bench.ts"
import { type LimitServer, Outage } from "./LimitServer.ts"

/** What happens while the store's server is gone. */
export const outageConformance = (name: string, server: Layer.Layer<LimitServer | Outage>): void => {
  layer(server, { excludeTestServices: true, timeout: "60 seconds" })(`while ${name} is away`, (it) => {
    it.effect("work goes on, bounded by each process alone, with one warning; afterwards it is shared again", () =>
      Effect.gen(function*() {
        const outage = yield* Outage
        const [one, other] = [yield* openProcess, yield* openProcess]
        const [key, rated] = [newKey(), newKey()]
        const policy: LimitPolicy<ProviderError> = { concurrency: 1, adaptive: pauseAskedFor, maxWait: Duration.zero }
        const told: Array<string> = []
        const listening = Logger.layer([Logger.make(({ logLevel, message }) => {
          if (logLevel === "Warn") told.push(String(message))
        })])
        yield* Effect.gen(function*() {
          const begun = yield* holding((work) => one.withLimits(key, policy, work))
          yield* outage.begin
          // What was begun before counts in its own process, and nowhere else.
          assert.strictEqual((yield* reached(one.withLimits(key, policy, Effect.void))).reason, "concurrency")
          const second = yield* holding((work) => other.withLimits(key, policy, work))
          assert.strictEqual((yield* reached(other.withLimits(key, policy, Effect.void))).reason, "concurrency")
          yield* begun.end
          yield* second.end

          const rate = { rate: { limit: 2, window: minute } }
          for (const process of [one, other]) {
            yield* process.withLimits(rated, rate, Effect.void)
            yield* process.withLimits(rated, rate, Effect.void)
            assert.strictEqual((yield* reached(process.withLimits(rated, rate, Effect.void))).reason, "rate")
          }
          for (let round = 0; round < 4; round++) yield* Effect.flip(one.breaker.withBreaker(key, hurried, Effect.fail(down)))
          assert.strictEqual(yield* one.breaker.withBreaker(key, hurried, Effect.succeed("ran")), "ran")
          assert.strictEqual((yield* one.breaker.state(key))._tag, "Unknown")
        }).pipe(Effect.provide(listening))
        // One of each process about limits, one about breakers.
        assert.strictEqual(told.filter((line) => line.startsWith("The shared limits cannot be asked")).length, 2, told.join("\n"))
        assert.strictEqual(told.filter((line) => line.startsWith("The shared circuit breakers cannot be asked")).length, 1, told.join("\n"))

        yield* outage.end
        yield* until(one.breaker.state(key), (state) => state._tag === "Closed").pipe(quiet)
        yield* until(
          Effect.gen(function*() {
            const fresh = newKey()
            const held = yield* holding((work) => one.withLimits(fresh, policy, work))
            const shut = yield* Effect.exit(other.withLimits(fresh, policy, Effect.void))
            yield* held.end
            return shut._tag
          }).pipe(quiet),
          (end) => end === "Failure"
        )
      }), 60_000)

    it.effect("a server that hangs holds up the beginning and the end of work for seconds only", () =>
      Effect.gen(function*() {
        const outage = yield* Outage
        const { breaker, withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy<ProviderError> = { concurrency: 2, rate: { limit: 100, window: minute }, adaptive: pauseAskedFor }
        const timed = <A, E>(effect: Effect.Effect<A, E>) =>
          Effect.gen(function*() {
            const began = performance.now()
            yield* effect.pipe(quiet)
            return performance.now() - began
          })
        const held = yield* holding((work) => withLimits(key, policy, work).pipe(quiet))
        yield* outage.hang
        // One question waits for two seconds; after that the server is left alone.
        assert.isBelow(yield* timed(held.end), 4_000)
        assert.isBelow(yield* timed(withLimits(key, policy, Effect.void)), 4_000)
        assert.isBelow(yield* timed(breaker.withBreaker(key, hurried, Effect.void)), 5_000)
        assert.isBelow(yield* timed(withLimits(key, policy, Effect.void)), 4_000)
        yield* outage.goOn
        yield* until(breaker.state(key), (state) => state._tag === "Closed").pipe(quiet)
        yield* withLimits(key, policy, Effect.void)
      }), 60_000)
  })
}
