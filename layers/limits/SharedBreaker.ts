import { Cause, Clock, Duration, Effect, Exit, Layer, Option, Random, Schedule, Scope } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import { Breaker, BreakerOpen, type BreakerPolicy, BreakerState, type BreakerWitness, witnessOf } from "../../src/services/Breaker.ts"
import { type BreakerGauge, makeBreakerGauge } from "./breakerGauge.ts"
import { makeLocalKeys } from "./localKeys.ts"
import { makeStoreGuard, type StoreGuard } from "./storeGuard.ts"

/** A probe is one call: it has ended within seconds, most of the time. */
const probePause = 2_000
/** Between those that come back when the circuit may have closed. */
const spacing = 25

const isStoreError = (error: CircuitBreaker.CircuitBreakerError) => error.reason._tag === "CircuitBreakerStoreError"

const tell = (transition: CircuitBreaker.Transition | undefined) => {
  switch (transition?.to) {
    case "Open":
      return Effect.logWarning(`breaker "${transition.key}" is open for ${Duration.format(transition.retryAfter)}: ${transition.from === "HalfOpen" ? "the probe failed" : "too many failures"}`)
    case "Closed":
      return Effect.logInfo(`breaker "${transition.key}" is closed again: the probe succeeded`)
    default:
      return Effect.void
  }
}

/** The store with bounded absence, telling what it did. */
const guarded = (store: CircuitBreaker.CircuitBreakerStore["Service"], guard: StoreGuard, gauge: BreakerGauge) => {
  const away = new CircuitBreaker.CircuitBreakerError({ reason: new CircuitBreaker.CircuitBreakerStoreError({ message: "the store is away" }) })
  const ask = <A, R>(operation: Effect.Effect<A, CircuitBreaker.CircuitBreakerError, R>) =>
    guard.ask(operation, isStoreError).pipe(Effect.catchTag("StoreAway", () => Effect.fail(away)))
  return CircuitBreaker.CircuitBreakerStore.of({
    admit: (key) => ask(store.admit(key)),
    record: (options) =>
      ask(store.record(options)).pipe(
        Effect.tap((transition) => transition === undefined ? Effect.void : Effect.andThen(gauge.note(transition.key, transition.to), tell(transition)))
      ),
    state: (key) => ask(store.state(key))
  })
}

const toOptions = ({ openFor, openForAtMost, opens }: BreakerPolicy<never>) => ({
  tripPolicy: "afterFailures" in opens
    ? CircuitBreaker.consecutive(opens.afterFailures)
    : CircuitBreaker.rate({ threshold: opens.atShare, size: opens.ofLast, minimumCalls: opens.atLeast }),
  openDuration: Schedule.min([Schedule.exponential(openFor), Schedule.spaced(openForAtMost)]),
  maxOpenDuration: openForAtMost
})

const pauseOf = (error: unknown): Duration.Duration | undefined => {
  const retry = typeof error === "object" && error !== null && "retry" in error ? error.retry : null
  return typeof retry === "object" && retry !== null && "after" in retry && Duration.isDuration(retry.after) ? retry.after : undefined
}

const toOutcome = (witness: BreakerWitness, error: unknown): CircuitBreaker.Outcome => {
  switch (witness) {
    case "down":
      return CircuitBreaker.failure({ retryAfter: pauseOf(error) })
    case "well":
      return CircuitBreaker.success
    case "nothing":
      return CircuitBreaker.ignored
  }
}

const classifyBy = <E>(counts: (error: E) => BreakerWitness) => (exit: Exit.Exit<unknown, E>): CircuitBreaker.Outcome =>
  Exit.isSuccess(exit)
    ? CircuitBreaker.success
    : Option.match(Cause.findErrorOption(exit.cause), { onNone: () => CircuitBreaker.ignored, onSome: (error) => toOutcome(counts(error), error) })

/** `Breaker` on whatever store it is given: one of Effect's breakers for each policy, all on the one store. */
export const SharedBreaker: Layer.Layer<Breaker, never, CircuitBreaker.CircuitBreakerStore> = Layer.effect(
  Breaker,
  Effect.gen(function*() {
    const guard = yield* makeStoreGuard("The shared circuit breakers", "Until they are back everything is let through.")
    const gauge = makeBreakerGauge()
    const store = guarded(yield* CircuitBreaker.CircuitBreakerStore, guard, gauge)
    const scope = yield* Effect.scope
    const local = makeLocalKeys()
    const breakers = new Map<string, CircuitBreaker.CircuitBreaker>()

    const breakerFor = (policy: BreakerPolicy<never>) =>
      Effect.suspend(() => {
        const name = JSON.stringify([policy.opens, Duration.toMillis(policy.openFor), Duration.toMillis(policy.openForAtMost)])
        const known = breakers.get(name)
        if (known !== undefined) return Effect.succeed(known)
        return CircuitBreaker.make(toOptions(policy)).pipe(
          Effect.provideService(CircuitBreaker.CircuitBreakerStore, store),
          Effect.provideService(Scope.Scope, scope),
          Effect.tap((made) => Effect.sync(() => breakers.set(name, made)))
        )
      })

    const reject = (key: string, { reason }: CircuitBreaker.CircuitBreakerError) =>
      Effect.gen(function*() {
        // Not met: a call is let through when the store cannot admit it.
        if (reason._tag === "CircuitBreakerStoreError") return yield* Effect.die(reason)
        const probing = reason._tag === "CircuitHalfOpen"
        yield* gauge.note(key, probing ? "HalfOpen" : "Open")
        const now = yield* Clock.currentTimeMillis
        const earliest = probing ? probePause : Duration.toMillis(reason.retryAfter)
        const after = local.sendAway(key, { now, earliest, spacing, random: yield* Random.next })
        return yield* new BreakerOpen({ key, probing, after: Duration.millis(Math.ceil(after)) })
      })

    // Another process may close what this one has seen open.
    yield* Effect.forkScoped(gauge.watch((key) => Effect.map(Effect.option(store.state(key)), Option.match({ onNone: () => null, onSome: ({ _tag }) => _tag }))))

    return Breaker.of({
      withBreaker: (key, policy, effect) =>
        Effect.flatMap(Effect.andThen(gauge.begin(key), breakerFor(policy)), (breaker) =>
          breaker.execute(effect, { key, classify: classifyBy(policy.counts ?? witnessOf) }).pipe(
            Effect.catchIf((error) => error instanceof CircuitBreaker.CircuitBreakerError, (error) => reject(key, error))
          )),
      state: Effect.fn("Breaker.state")((key: string) =>
        store.state(key).pipe(
          Effect.map((state): BreakerState => {
            switch (state._tag) {
              case "Closed":
                return BreakerState.Closed()
              case "Open":
                return BreakerState.Open({ after: state.retryAfter, openings: state.consecutiveOpenings })
              case "HalfOpen":
                return BreakerState.HalfOpen({ probing: state.probing, openings: state.consecutiveOpenings })
            }
          }),
          Effect.catch(() => Effect.succeed(BreakerState.Unknown()))
        ))
    })
  })
)
