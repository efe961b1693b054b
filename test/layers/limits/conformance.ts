import { assert, layer } from "@effect/vitest"
import { Duration, Effect, type Layer, Ref } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as fc from "fast-check"
import type { BreakerPolicy } from "../../../src/services/Breaker.ts"
import { type LimitPolicy, pauseAskedFor } from "../../../src/services/Limits.ts"
import type { Permit } from "../../../src/services/PermitStore.ts"
import { until } from "../../support/until.ts"
import { down, holding, hurried, millis, minute, newKey, openProcess, overloaded, ProviderError, quiet, reached, refused, rejected } from "./bench.ts"
import type { LimitServer } from "./LimitServer.ts"

/** What every store of limits and breakers does, in real time: the servers' own clocks decide. */
export const limitConformance = (name: string, server: Layer.Layer<LimitServer>): void => {
  layer(server, { excludeTestServices: true, timeout: "60 seconds" })(`rates on ${name}`, (it) => {
    it.effect("count over all processes, and put off what is too much", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        const policy: LimitPolicy = { rate: { limit: 3, window: minute } }
        yield* one.withLimits(key, policy, Effect.void)
        yield* other.withLimits(key, policy, Effect.void)
        yield* one.withLimits(key, policy, Effect.void)
        const error = yield* reached(other.withLimits(key, policy, Effect.die("must not run")))
        assert.deepInclude(error, { key, reason: "rate", code: "limit-reached" })
        assert.isAbove(millis(error.after), 10_000)
        assert.isAtMost(millis(error.after), 20_000)
        assert.deepStrictEqual(error.retry, { _tag: "RateLimited", after: error.after })
        yield* other.withLimits(newKey(), policy, Effect.void)
      }))

    it.effect("free one place after the other", () =>
      Effect.gen(function*() {
        const { withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy = { rate: { limit: 2, window: Duration.seconds(2) } }
        yield* withLimits(key, policy, Effect.void)
        yield* withLimits(key, policy, Effect.void)
        yield* reached(withLimits(key, policy, Effect.void))
        const began = performance.now()
        yield* withLimits(key, { ...policy, maxWait: Duration.seconds(5) }, Effect.void)
        assert.isAbove(performance.now() - began, 500)
        assert.strictEqual((yield* reached(withLimits(key, policy, Effect.void))).reason, "rate")
      }))

    it.effect("send the waiting ones back one after the other", () =>
      Effect.gen(function*() {
        const { withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy = { rate: { limit: 1, window: Duration.seconds(5) } }
        yield* withLimits(key, policy, Effect.void)
        const pauses = yield* Effect.forEach([1, 2, 3], () => Effect.map(reached(withLimits(key, policy, Effect.void)), ({ after }) => millis(after)))
        assert.deepStrictEqual(pauses.map((pause) => Math.round(pause / 5_000)), [1, 2, 3])
      }))

    it.effect("give a place in the rate to nobody who gets no permit", () =>
      Effect.gen(function*() {
        const { withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy = { rate: { limit: 2, window: minute }, concurrency: 1 }
        const held = yield* holding((work) => withLimits(key, policy, work))
        for (const _ of [1, 2, 3]) assert.strictEqual((yield* reached(withLimits(key, policy, Effect.void))).reason, "concurrency")
        yield* held.end
        yield* withLimits(key, policy, Effect.void)
        assert.strictEqual((yield* reached(withLimits(key, policy, Effect.void))).reason, "rate")
        // Nor is a permit kept by one who gets no place in the rate.
        yield* withLimits(key, { concurrency: 1 }, Effect.void)
      }))

    it.effect("are also counted by windows, for those who ask the store itself", () =>
      Effect.gen(function*() {
        const { context } = yield* openProcess
        const rates = yield* Effect.provide(RateLimiter.make, context)
        const consume = { key: newKey(), limit: 2, window: minute, algorithm: "fixed-window" } as const
        assert.strictEqual((yield* rates.consume(consume)).remaining, 1)
        assert.strictEqual((yield* rates.consume(consume)).remaining, 0)
        const { reason } = yield* Effect.flip(rates.consume(consume))
        assert.strictEqual(reason._tag, "RateLimitExceeded")
        const waiting = yield* rates.consume({ ...consume, onExceeded: "delay" })
        assert.isAbove(millis(waiting.delay), 50_000)
      }))
  })

  layer(server, { excludeTestServices: true, timeout: "60 seconds" })(`permits on ${name}`, (it) => {
    it.effect("are shared by all processes and come back the moment the work ends", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        const policy: LimitPolicy = { concurrency: 2 }
        const first = yield* holding((work) => one.withLimits(key, policy, work))
        const second = yield* holding((work) => other.withLimits(key, policy, work))
        for (const process of [one, other]) assert.deepInclude(yield* reached(process.withLimits(key, policy, Effect.void)), { reason: "concurrency" })
        assert.strictEqual(yield* one.permits.held(key), 2)
        yield* first.end
        yield* other.withLimits(key, policy, Effect.void)
        yield* second.kill
        assert.strictEqual(yield* one.permits.held(key), 0)
      }))

    it.effect("come back when the work fails or dies", () =>
      Effect.gen(function*() {
        const { permits, withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy<string> = { concurrency: 1 }
        assert.strictEqual(yield* Effect.flip(withLimits(key, policy, Effect.fail("broken"))), "broken")
        yield* Effect.exit(withLimits(key, policy, Effect.die("bug")))
        assert.strictEqual(yield* permits.held(key), 0)
        yield* withLimits(key, policy, Effect.void)
      }))

    it.effect("of a dead process come back when their lease ends, and never a second time", () =>
      Effect.gen(function*() {
        const [dead, alive] = [yield* openProcess, yield* openProcess]
        const take = { key: newKey(), limit: 1 }
        const lost = yield* dead.permits.take({ ...take, lease: Duration.millis(600) })
        if (lost === null) return assert.fail("the first one gets it")
        assert.isNull(yield* alive.permits.take({ ...take, lease: minute }))
        const won = yield* until(alive.permits.take({ ...take, lease: minute }), (permit) => permit !== null)
        // The dead one wakes up: it holds nothing, and gives back nothing of the other's.
        assert.isFalse(yield* lost.renew)
        yield* lost.release
        assert.strictEqual(yield* alive.permits.held(take.key), 1)
        assert.isNull(yield* dead.permits.take({ ...take, lease: minute }))
        yield* won?.release ?? Effect.void
        assert.strictEqual(yield* alive.permits.held(take.key), 0)
      }))

    it.effect("last for as long as they are renewed", () =>
      Effect.gen(function*() {
        const { permits } = yield* openProcess
        const take = { key: newKey(), limit: 1, lease: Duration.millis(900) }
        const permit = yield* permits.take(take)
        for (let round = 0; round < 8; round++) {
          yield* Effect.sleep("200 millis")
          assert.isTrue(yield* permit?.renew ?? Effect.succeed(false))
          assert.isNull(yield* permits.take(take))
        }
      }))

    it.effect("outlive their lease in work that takes longer", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        const held = yield* holding((work) => one.withLimits(key, { concurrency: 1 }, work))
        yield* Effect.sleep("14 seconds")
        yield* reached(other.withLimits(key, { concurrency: 1 }, Effect.void))
        yield* held.end
      }), 30_000)

    it.effect("for any history are held by those who took them and have not given them back", () =>
      Effect.gen(function*() {
        const processes = [yield* openProcess, yield* openProcess]
        const step = fc.record({ process: fc.nat(1), key: fc.nat(1), what: fc.constantFrom("take", "take", "renew", "release"), which: fc.nat() })
        const run = (limit: number, steps: ReadonlyArray<{ readonly process: number; readonly key: number; readonly what: string; readonly which: number }>) =>
          Effect.gen(function*() {
            const names = [newKey(), newKey()]
            // The model: who holds what, and nothing else.
            const held: ReadonlyArray<Set<Permit>> = [new Set(), new Set()]
            const ever: ReadonlyArray<Array<Permit>> = [[], []]
            for (const { key, process, what, which } of steps) {
              const [permits, holders, all, name] = [processes[process]?.permits, held[key], ever[key], names[key]]
              if (permits === undefined || holders === undefined || all === undefined || name === undefined) return assert.fail("no such key")
              if (what === "take") {
                const permit = yield* permits.take({ key: name, limit, lease: minute })
                assert.strictEqual(permit !== null, holders.size < limit)
                if (permit === null) continue
                holders.add(permit)
                all.push(permit)
              } else {
                const permit = all[which % Math.max(1, all.length)]
                if (permit === undefined) continue
                if (what === "renew") assert.strictEqual(yield* permit.renew, holders.has(permit))
                else {
                  yield* permit.release
                  holders.delete(permit)
                }
              }
              assert.strictEqual(yield* permits.held(name), holders.size)
            }
          })
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 25 }), (limit, steps) => Effect.runPromise(Effect.orDie(run(limit, steps)))),
            { numRuns: 40 }
          )
        )
      }))

    it.effect("are never more than allowed, however many want one", () =>
      Effect.gen(function*() {
        const processes = [yield* openProcess, yield* openProcess, yield* openProcess]
        const key = newKey()
        const busy = yield* Ref.make(0)
        const work = Effect.acquireUseRelease(
          Ref.updateAndGet(busy, (count) => count + 1),
          (count) => Effect.as(Effect.sleep("5 millis"), count),
          () => Ref.update(busy, (count) => count - 1)
        )
        const seen = yield* Effect.forEach(
          Array.from({ length: 60 }, (_, index) => index % 3),
          (index) => processes[index]?.withLimits(key, { concurrency: 4, maxWait: Duration.seconds(20) }, work) ?? Effect.die("no process"),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(seen.length, 60)
        assert.isAtMost(Math.max(...seen), 4)
        assert.strictEqual(yield* until(processes[0]?.permits.held(key) ?? Effect.succeed(-1), (held) => held === 0), 0)
      }))
  })

  layer(server, { excludeTestServices: true, timeout: "60 seconds" })(`a provider that asks for a pause, on ${name}`, (it) => {
    it.effect("is left alone by all processes until it is over", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        const policy: LimitPolicy<ProviderError> = { adaptive: pauseAskedFor }
        assert.instanceOf(yield* Effect.flip(one.withLimits(key, policy, Effect.fail(overloaded("2 seconds")))), ProviderError)
        const error = yield* reached(other.withLimits(key, policy, Effect.die("must not run")))
        assert.strictEqual(error.reason, "pause")
        assert.isAtMost(millis(error.after), 2_000)
        assert.isAbove(millis(error.after), 500)
        yield* other.withLimits(key, { ...policy, maxWait: Duration.seconds(4) }, Effect.void)
      }))

    it.effect("is asked no more afterwards than it bore, and those sent away do not hold up the others", () =>
      Effect.gen(function*() {
        const { withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy<ProviderError> = { adaptive: pauseAskedFor }
        const call = withLimits(key, policy, Effect.void)
        yield* Effect.flip(withLimits(key, policy, Effect.fail(overloaded("50 millis"))))
        yield* Effect.sleep("100 millis")
        yield* call
        yield* call
        // Two were borne before the third was too much: two in a window of a good second from here on.
        yield* Effect.flip(withLimits(key, policy, Effect.fail(overloaded("1 second"))))
        for (let round = 0; round < 40; round++) assert.strictEqual((yield* reached(call)).reason, "pause")
        // Were the forty counted, each would have taken half a second of everybody's time.
        yield* withLimits(key, { ...policy, maxWait: Duration.seconds(6) }, Effect.void)
        yield* withLimits(key, { ...policy, maxWait: Duration.seconds(6) }, Effect.void)
      }))

    it.effect("is not believed where nobody asked it to say so", () =>
      Effect.gen(function*() {
        const { withLimits } = yield* openProcess
        const key = newKey()
        const policy: LimitPolicy<ProviderError> = { adaptive: pauseAskedFor }
        yield* Effect.flip(withLimits(key, policy, Effect.fail(down)))
        yield* Effect.flip(withLimits(key, policy, Effect.fail(refused)))
        yield* withLimits(key, policy, Effect.void)
      }))
  })

  layer(server, { excludeTestServices: true, timeout: "60 seconds" })(`breakers on ${name}`, (it) => {
    const failing = (process: Effect.Success<typeof openProcess>, key: string, policy = hurried) =>
      Effect.flip(process.breaker.withBreaker(key, policy, Effect.fail(down))).pipe(quiet)

    it.effect("open for all processes after failures in a row, and then nothing is tried", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        const policy = { ...hurried, openFor: minute, openForAtMost: Duration.minutes(2) }
        yield* failing(one, key, policy)
        yield* failing(other, key, policy)
        yield* one.breaker.withBreaker(key, policy, Effect.void)
        yield* failing(one, key, policy)
        yield* failing(other, key, policy)
        assert.strictEqual((yield* other.breaker.state(key))._tag, "Closed")
        yield* failing(one, key, policy)
        const error = yield* rejected(other.breaker.withBreaker(key, policy, Effect.die("must not run")))
        assert.deepInclude(error, { key, probing: false, code: "breaker-open" })
        assert.isAbove(millis(error.after), 55_000)
        const state = yield* one.breaker.state(key)
        if (state._tag !== "Open") return assert.fail(state._tag)
        assert.strictEqual(state.openings, 1)
        assert.isAbove(millis(state.after), 55_000)
        assert.isAtMost(millis(state.after), 60_000)
        assert.strictEqual((yield* one.breaker.state(newKey()))._tag, "Closed")
      }))

    it.effect("open by the share of failures among the last ones", () =>
      Effect.gen(function*() {
        const process = yield* openProcess
        const key = newKey()
        const policy: BreakerPolicy<ProviderError> = { opens: { atShare: 0.5, ofLast: 6, atLeast: 4 }, openFor: minute, openForAtMost: minute }
        const well = process.breaker.withBreaker(key, policy, Effect.void)
        yield* failing(process, key, policy)
        yield* well
        yield* well
        yield* well
        yield* well
        yield* failing(process, key, policy)
        // Of the last six, two; the first failure drops out with the next.
        yield* failing(process, key, policy)
        assert.strictEqual((yield* process.breaker.state(key))._tag, "Closed")
        yield* failing(process, key, policy)
        assert.strictEqual((yield* process.breaker.state(key))._tag, "Open")
      }))

    it.effect("let one probe through over all processes, whose success closes them", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        for (const process of [one, other, one]) yield* failing(process, key)
        yield* Effect.sleep("500 millis")
        const probe = yield* holding((work) => one.breaker.withBreaker(key, hurried, work).pipe(quiet))
        for (const process of [one, other]) {
          assert.isTrue((yield* rejected(process.breaker.withBreaker(key, hurried, Effect.die("must not run")))).probing)
        }
        assert.deepInclude(yield* other.breaker.state(key), { _tag: "HalfOpen", probing: true })
        yield* probe.end
        yield* other.breaker.withBreaker(key, hurried, Effect.void)
        assert.strictEqual((yield* other.breaker.state(key))._tag, "Closed")
      }))

    it.effect("open for twice as long when the probe fails", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        const policy = { ...hurried, openFor: Duration.seconds(1), openForAtMost: Duration.seconds(3) }
        for (const process of [one, other, one]) yield* failing(process, key, policy)
        for (const [openings, longest] of [[2, 2_000], [3, 3_000]] as const) {
          yield* until(other.breaker.state(key), (state) => state._tag === "Open" && Duration.isZero(state.after))
          yield* failing(other, key, policy)
          const state = yield* one.breaker.state(key)
          if (state._tag !== "Open") return assert.fail(state._tag)
          assert.strictEqual(state.openings, openings)
          assert.isAtMost(millis(state.after), longest)
          assert.isAbove(millis(state.after), longest - 900)
        }
      }))

    it.effect("heed neither refusals nor pauses nor defects, unless told to", () =>
      Effect.gen(function*() {
        const { breaker } = yield* openProcess
        const key = newKey()
        const strict = { ...hurried, opens: { afterFailures: 1 } }
        yield* Effect.flip(breaker.withBreaker(key, strict, Effect.fail(refused)))
        yield* Effect.flip(breaker.withBreaker(key, strict, Effect.fail(overloaded("1 hour"))))
        yield* Effect.exit(breaker.withBreaker(key, strict, Effect.die("bug")))
        assert.strictEqual((yield* breaker.state(key))._tag, "Closed")
        const policy: BreakerPolicy<ProviderError> = { ...strict, openForAtMost: Duration.seconds(20), counts: ({ retry }) => retry._tag === "RateLimited" ? "down" : "well" }
        yield* Effect.flip(breaker.withBreaker(key, policy, Effect.fail(refused)))
        yield* Effect.flip(breaker.withBreaker(key, policy, Effect.fail(overloaded("1 hour")))).pipe(quiet)
        const state = yield* breaker.state(key)
        if (state._tag !== "Open") return assert.fail(state._tag)
        // The other side's own pause, as far as the policy goes along.
        assert.isAbove(millis(state.after), 15_000)
        assert.isAtMost(millis(state.after), 20_000)
      }))

    it.effect("give an interrupted probe's place to the next", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* openProcess, yield* openProcess]
        const key = newKey()
        for (const process of [one, other, one]) yield* failing(process, key)
        yield* Effect.sleep("500 millis")
        const probe = yield* holding((work) => one.breaker.withBreaker(key, hurried, work))
        yield* probe.kill
        assert.deepInclude(yield* other.breaker.state(key), { _tag: "HalfOpen", probing: false })
        yield* other.breaker.withBreaker(key, hurried, Effect.void).pipe(quiet)
        assert.strictEqual((yield* one.breaker.state(key))._tag, "Closed")
      }))

    it.effect("are not changed by work that began before they opened", () =>
      Effect.gen(function*() {
        const { breaker } = yield* openProcess
        const key = newKey()
        const policy = { ...hurried, opens: { afterFailures: 1 }, openFor: minute, openForAtMost: minute }
        const early = yield* holding((work) => breaker.withBreaker(key, policy, work))
        yield* Effect.flip(breaker.withBreaker(key, policy, Effect.fail(down))).pipe(quiet)
        yield* early.end
        assert.strictEqual((yield* breaker.state(key))._tag, "Open")
      }))
  })
}
