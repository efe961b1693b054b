import { Cause, Clock, Duration, Effect, Exit, Layer, Metric, Option, Random } from "effect"
import type { CircuitBreakerStore } from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { labelled, metrics } from "../../src/observability/metrics.ts"
import { OutsideCalls } from "../../src/observability/OutsideCalls.ts"
import type { Breaker } from "../../src/services/Breaker.ts"
import { LimitReached, type LimitPolicy, Limits, permitLease, permitRenewal } from "../../src/services/Limits.ts"
import { type Permit, PermitStore } from "../../src/services/PermitStore.ts"
import { makeLocalKeys } from "./localKeys.ts"
import { SharedBreaker } from "./SharedBreaker.ts"
import { makeStoreGuard } from "./storeGuard.ts"

/** How soon one that waits here looks again for a permit: nobody tells when one comes free. */
const lookAgain = 100
/** Between those that wait out a pause of the other side. */
const pauseSpacing = 50
/** How long the other side's behaviour is learned where the policy names no rate. */
const defaultWindow = Duration.minutes(1)

/** Why there was no place, before it is decided whether to wait here; times in milliseconds. */
class NoPlace {
  readonly _tag = "NoPlace"
  readonly reason: LimitReached["reason"]
  readonly earliest: number
  readonly spacing: number
  constructor(reason: LimitReached["reason"], earliest: number, spacing: number) {
    this.reason = reason
    this.earliest = earliest
    this.spacing = spacing
  }
}

interface Place {
  readonly permit: Permit | null
  /** Notes the pause that the other side asked for. */
  readonly pause: (asked: Duration.Duration) => Effect.Effect<void>
}
const nothingToNote = () => Effect.void

const providerKey = "provider:"
const limitReached = labelled(metrics.limitReached)
/** "provider", "webhook" …: what stands before a key's first colon. The rest names a tenant or an address. */
const kindOf = (key: string): string => key.split(":", 1)[0] ?? key

const make = Effect.gen(function*() {
  const sharedRates = yield* RateLimiter.make
  const ownRates = yield* RateLimiter.make.pipe(Effect.provide(RateLimiter.layerStoreMemory))
  const permits = yield* PermitStore
  const guard = yield* makeStoreGuard("The shared limits", "Until they are back each process keeps them by itself.")
  const local = makeLocalKeys()

  const isStoreError = (error: RateLimiter.RateLimiterError) => error.reason._tag === "RateLimitStoreError"

  /** What was asked of one store is told to the same one later. */
  const askRates = <A>(ask: (rates: RateLimiter.RateLimiter) => Effect.Effect<A, RateLimiter.RateLimiterError>) =>
    guard.ask(Effect.map(ask(sharedRates), (answer) => ({ answer, rates: sharedRates })), isStoreError).pipe(
      Effect.catchTag("StoreAway", () => Effect.map(ask(ownRates), (answer) => ({ answer, rates: ownRates })))
    )

  const heedPause = Effect.fnUntraced(function*(key: string, window: Duration.Duration) {
    const consume = (tokens: number) => (rates: RateLimiter.RateLimiter) => rates.adaptiveConsume({ key, tokens, fallbackLimit: 1, fallbackWindow: window })
    const { answer: { delay, epoch, phase }, rates } = yield* Effect.orDie(askRates(consume(1)))
    // Effect counts every caller in, expecting it to wait; one that is sent away must not hold up those behind it.
    const countOut = phase === "inactive" || phase === "cooldown" ? Effect.void : guard.ask(consume(-1)(rates), isStoreError).pipe(Effect.ignore)
    if (Duration.isGreaterThan(delay, Duration.zero)) {
      yield* countOut
      return yield* Effect.fail(new NoPlace("pause", Duration.toMillis(delay), pauseSpacing))
    }
    return {
      countOut,
      pause: (asked: Duration.Duration) =>
        guard.ask(rates.adaptiveFeedback({ key, epoch, tokens: 1, status: 429, retryAfter: asked }), isStoreError).pipe(Effect.ignore)
    }
  })

  const takePermit = (key: string, limit: number, turnover: number) =>
    guard.askAlways(permits.take({ key, limit, lease: permitLease })).pipe(
      Effect.flatMap((permit) => permit === null ? Effect.fail(new NoPlace("concurrency", turnover, turnover)) : Effect.succeed(permit)),
      Effect.catchTag("StoreAway", () => Effect.succeed(null))
    )

  const takeRate = (key: string, { limit, window }: NonNullable<LimitPolicy["rate"]>) =>
    askRates((rates) => rates.consume({ key, limit, window, algorithm: "token-bucket", onExceeded: "fail" })).pipe(
      Effect.catchTag("RateLimiterError", ({ reason }) =>
        Effect.fail(new NoPlace("rate", reason._tag === "RateLimitExceeded" ? Duration.toMillis(reason.retryAfter) : 0, Duration.toMillis(window) / limit)))
    )

  const giveBack = (permit: Permit | null) => permit === null ? Effect.void : guard.askAlways(permit.release).pipe(Effect.ignore)

  /** A place in everything that the policy names, or none in anything. */
  const tryEnter = <E>(key: string, policy: LimitPolicy<E>): Effect.Effect<Place, NoPlace> =>
    Effect.suspend(() => {
      const undo: Array<Effect.Effect<void>> = []
      return Effect.gen(function*() {
        const { adaptive, concurrency, rate } = policy
        const now = yield* Clock.currentTimeMillis
        let permit: Permit | null = null
        let pause: Place["pause"] = nothingToNote
        if (concurrency !== undefined) {
          const turnover = local.turnover(key, concurrency, now)
          if (!local.enter(key, concurrency, now)) return yield* Effect.fail(new NoPlace("concurrency", turnover, turnover))
          undo.unshift(Effect.sync(() => local.leave(key, now, null)))
          permit = yield* takePermit(key, concurrency, turnover)
          undo.unshift(giveBack(permit))
        }
        if (adaptive !== undefined) {
          const heeded = yield* heedPause(key, rate?.window ?? defaultWindow)
          pause = heeded.pause
          undo.unshift(heeded.countOut)
        }
        if (rate !== undefined) yield* takeRate(key, rate)
        return { permit, pause }
      }).pipe(Effect.onError(() => Effect.all(undo, { discard: true })))
    })

  const enter = <E>(key: string, policy: LimitPolicy<E>, restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const patientUntil = (yield* Clock.currentTimeMillis) + Duration.toMillis(policy.maxWait ?? Duration.zero)
      const enterOrWait: Effect.Effect<Place, LimitReached> = tryEnter(key, policy).pipe(
        Effect.catchTag("NoPlace", ({ earliest, reason, spacing }) =>
          Effect.gen(function*() {
            const now = yield* Clock.currentTimeMillis
            const pause = reason === "concurrency" ? lookAgain : Math.max(1, earliest)
            if (now + pause <= patientUntil) return yield* restore(Effect.sleep(Duration.millis(pause))).pipe(Effect.andThen(enterOrWait))
            const after = local.sendAway(key, { now, earliest, spacing, random: yield* Random.next })
            yield* Metric.update(limitReached({ kind: kindOf(key), reason }), 1)
            if (key.startsWith(providerKey)) yield* (yield* OutsideCalls).limited(key.slice(providerKey.length), reason, now + Math.max(1, earliest))
            return yield* new LimitReached({ key, reason, after: Duration.millis(Math.ceil(after)) })
          }))
      )
      return yield* enterOrWait
    }).pipe(Effect.withSpan("Limits.enter"))

  /** Ends once the permit is lost. A renewal that the store did not answer is tried again. */
  const keepRenewing = (permit: Permit) =>
    guard.askAlways(permit.renew).pipe(
      Effect.catch(() => Effect.succeed(true)),
      Effect.delay(permitRenewal),
      Effect.repeat({ while: (held) => held }),
      Effect.interruptible
    )

  return Limits.of({
    withLimits: (key, policy, effect) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const { pause, permit } = yield* enter(key, policy, restore)
          const began = yield* Clock.currentTimeMillis
          const renewal = permit === null ? null : yield* Effect.forkChild(keepRenewing(permit))
          const exit = yield* Effect.exit(restore(effect))
          // Not waited for: a renewal that comes after the release changes nothing.
          renewal?.interruptUnsafe()
          const now = yield* Clock.currentTimeMillis
          if (policy.concurrency !== undefined) local.leave(key, now, now - began)
          yield* giveBack(permit)
          const asked = Exit.isFailure(exit) ? Option.flatMap(Cause.findErrorOption(exit.cause), (error) => policy.adaptive?.(error) ?? Option.none()) : Option.none()
          if (Option.isSome(asked)) yield* pause(asked.value)
          return yield* exit
        })
      )
  })
})

/** `Limits` on whatever stores it is given. */
export const limits: Layer.Layer<Limits, never, RateLimiter.RateLimiterStore | PermitStore> = Layer.effect(Limits, make)

/** `Limits` and `Breaker` on the stores of one outside system; main picks which. */
export const layer: Layer.Layer<Limits | Breaker, never, RateLimiter.RateLimiterStore | CircuitBreakerStore | PermitStore> = Layer.mergeAll(limits, SharedBreaker)
