import { assert, layer } from "@effect/vitest"
import { Clock, Context, Duration, Effect, Exit, Layer, Schema, Scope } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as SqlClient from "effect/sql/SqlClient"
import * as fc from "fast-check"
import { ownTables } from "../../../support/invoiceTables.ts"

/** Times on both sides are whole milliseconds of this clock, which only a test moves. */
const makeClock = () => {
  let now = 1_700_000_000_000
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: () => Effect.never
  }
  return { clock, advance: (millis: number) => void (now += millis), at: () => new Date(now).toISOString() }
}

let keys = 0
const close = (name: string, actual: ReadonlyArray<number | undefined>, expected: ReadonlyArray<number>) => {
  for (const [index, value] of expected.entries()) assert.closeTo(actual[index] ?? Number.NaN, value, 0.05, `${name}[${index}]`)
}

/** Runs a property whose runs are effects on this test's services. */
const holds = <T, R>(arbitrary: fc.Arbitrary<T>, run: (value: T) => Effect.Effect<void, unknown, R>) =>
  Effect.flatMap(Effect.context<R>(), (context) =>
    Effect.promise(() => fc.assert(fc.asyncProperty(arbitrary, (value) => Effect.runPromiseWith(context)(Effect.orDie(run(value)))), { numRuns: 150 })))

const memoryRates = Effect.map(Layer.build(Layer.fresh(RateLimiter.layerStoreMemory)), Context.get(RateLimiter.RateLimiterStore))
const pause = fc.integer({ min: 0, max: 900 })

const Row = Schema.Record(Schema.String, Schema.Unknown)
const decodeRow = Schema.decodeUnknownSync(Row)
const number = (row: unknown, name: string): number => Number(decodeRow(row)[name])
const text = (row: unknown, name: string): string => String(decodeRow(row)[name])

layer(ownTables, { excludeTestServices: true, timeout: "120 seconds" })("for any history PostgreSQL answers as Effect's own stores in memory do", (it) => {
  it.effect("about token buckets and windows", () =>
    holds(
      fc.record({
        limit: fc.integer({ min: 1, max: 5 }),
        refill: fc.integer({ min: 1, max: 400 }),
        kind: fc.constantFrom("bucket", "window"),
        takes: fc.array(fc.record({ pause, tokens: fc.integer({ min: 1, max: 3 }), overflow: fc.boolean() }), { minLength: 1, maxLength: 25 })
      }),
      ({ kind, limit, refill, takes }) =>
        Effect.scoped(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const memory = yield* memoryRates
          const { advance, at, clock } = makeClock()
          const key = `same-${++keys}`
          for (const { overflow, pause, tokens } of takes) {
            advance(pause)
            const options = { key, tokens, refillRate: Duration.millis(refill) }
            const expected = yield* Effect.provideService(
              kind === "bucket" ? memory.tokenBucket({ ...options, limit, allowOverflow: overflow }) : memory.fixedWindow({ ...options, limit: overflow ? undefined : limit }),
              Clock.Clock,
              clock
            )
            const [row] = kind === "bucket"
              ? yield* sql`SELECT remaining AS one, elapsed AS other FROM tt_worker.take_from_bucket(${key}, ${tokens}, ${limit}, ${refill}, ${overflow}, ${at()})`
              : yield* sql`SELECT count AS one, ttl AS other FROM tt_worker.take_from_window(${key}, ${tokens}, ${refill}, ${overflow ? null : limit}, ${at()})`
            close(kind, [number(row, "one"), number(row, "other")], expected)
          }
        }))
    ), 120_000)

  it.effect("about what a provider bears", () =>
    holds(
      fc.array(
        fc.record({ pause, what: fc.constantFrom("take", "take", "take", "give", "pause"), asked: fc.integer({ min: 1, max: 1_500 }), stale: fc.integer({ min: 0, max: 4 }) }),
        { minLength: 1, maxLength: 40 }
      ),
      (steps) =>
        Effect.scoped(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const memory = yield* memoryRates
          const { advance, at, clock } = makeClock()
          const key = `same-${++keys}`
          const epochs = [0]
          for (const { asked, pause, stale, what } of steps) {
            advance(pause)
            if (what === "pause") {
              // Mostly of the latest epoch, at times of one that is over.
              const epoch = epochs[epochs.length - 1 - Math.floor(stale / 4)] ?? 0
              yield* Effect.provideService(memory.adaptiveFeedback({ key, epoch, tokens: 1, status: 429, retryAfter: Duration.millis(asked) }), Clock.Clock, clock)
              yield* sql`SELECT tt_worker.adaptive_pause(${key}, ${epoch}, 1, ${asked}, 60000, 3600000, ${at()})`
              continue
            }
            const tokens = what === "take" ? 1 : -1
            const expected = yield* Effect.provideService(
              memory.adaptiveConsume({ key, tokens, fallbackLimit: 1, fallbackWindow: Duration.millis(500) }),
              Clock.Clock,
              clock
            )
            const [row] = yield* sql`SELECT * FROM tt_worker.adaptive_take(${key}, ${tokens}, 500, 60000, ${at()})`
            assert.strictEqual(text(row, "phase"), expected.phase)
            close("adaptation", [number(row, "epoch"), number(row, "delay")], [expected.epoch, Duration.toMillis(expected.delay)])
            epochs.push(expected.epoch)
          }
        }))
    ), 120_000)

  it.effect("about circuits", () =>
    holds(
      fc.record({
        policy: fc.oneof(
          fc.integer({ min: 1, max: 3 }).map(CircuitBreaker.consecutive),
          fc.record({ threshold: fc.constantFrom(0, 0.3, 0.5, 1), size: fc.integer({ min: 1, max: 5 }) }).map(CircuitBreaker.rate)
        ),
        steps: fc.array(
          fc.record({ pause, admit: fc.boolean(), which: fc.nat(), outcome: fc.constantFrom("Success", "Failure", "Failure", "Ignored"), openFor: fc.integer({ min: 1, max: 1_500 }) }),
          { minLength: 1, maxLength: 40 }
        )
      }),
      ({ policy, steps }) =>
        Effect.scoped(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const scope = yield* Scope.Scope
          const memory = Context.get(yield* Layer.build(Layer.fresh(CircuitBreaker.layerStoreMemory({ idleTimeToLive: "1000 days" }))), CircuitBreaker.CircuitBreakerStore)
          const { advance, at, clock } = makeClock()
          const key = `same-${++keys}`
          const forever = 86_400_000_000
          const calls: Array<readonly [memory: number, postgres: number]> = []
          const { failures, least, share, size } = policy._tag === "Consecutive"
            ? { failures: policy.failures, share: null, least: null, size: null }
            : { failures: null, share: policy.threshold, least: policy.minimumCalls, size: policy.size }
          for (const { admit, openFor, outcome, pause, which } of steps) {
            advance(pause)
            // Mostly the latest call ends, at times one that began long ago; each ends once.
            const [call] = admit || calls.length === 0 ? [] : calls.splice(which % 4 === 0 ? which % calls.length : calls.length - 1, 1)
            if (call === undefined) {
              const expected = yield* Effect.exit(memory.admit(key).pipe(Scope.provide(scope), Effect.provideService(Clock.Clock, clock)))
              const [row] = yield* sql`SELECT answer, generation, openings, after, moved FROM tt_worker.admit_to_circuit(${key}, ${forever}, ${forever}, ${at()})`
              if (Exit.isSuccess(expected)) {
                assert.strictEqual(text(row, "answer"), expected.value.probe ? "probe" : "call")
                assert.strictEqual(number(row, "openings"), expected.value.consecutiveOpenings)
                assert.strictEqual(text(row, "moved"), String(expected.value.transition !== undefined))
                calls.push([expected.value.generation, number(row, "generation")])
                continue
              }
              const { reason } = yield* Effect.flip(expected)
              assert.strictEqual(text(row, "answer"), reason._tag === "CircuitOpen" ? "open" : "half-open")
              if (reason._tag === "CircuitOpen") close("open", [number(row, "after")], [Duration.toMillis(reason.retryAfter)])
              continue
            }
            const transition = yield* Effect.provideService(
              memory.record({ key, generation: call[0], outcome, tripPolicy: policy, openFor: Duration.millis(openFor) }),
              Clock.Clock,
              clock
            )
            const [row] = yield* sql`SELECT * FROM tt_worker.record_in_circuit(${key}, ${call[1]}, ${outcome}, ${failures}, ${share}, ${least}, ${size}, ${openFor}, ${forever}, ${at()})`
            assert.strictEqual(text(row, "transition"), transition === undefined ? "none" : `${transition.from.toLowerCase()}-${transition.to.toLowerCase()}`)
            if (transition?.to === "Open") assert.strictEqual(number(row, "openings"), transition.consecutiveOpenings)
          }
        }))
    ), 120_000)
})
