import { Context, Data, Duration, type Effect, Option } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Retry } from "../domain/Retry.ts"

/** What one key may do, over all replicas. Every user of a key names the same policy. */
export interface LimitPolicy<E = never> {
  /** At most so many starts in a window; a burst of `limit`, then one each `window / limit` (token bucket). */
  readonly rate?: { readonly limit: number; readonly window: Duration.Duration }
  /** At most so many at the same time. */
  readonly concurrency?: number
  /**
   * The pause that the other side asked for by this failure (429, Retry-After), if it did. Nobody starts until it is
   * over; afterwards the rate that the other side bore is learned and kept to. `pauseAskedFor` reads it of a `Failure`.
   */
  readonly adaptive?: (error: E) => Option.Option<Duration.Duration>
  /** How long to wait here for a free place, rather than fail at once. Seconds at most: it is the job's own time. */
  readonly maxWait?: Duration.Duration
}

/**
 * Limits by key, shared by all replicas: providers, endpoints, mail hosts and tenants only choose keys
 * ("provider:openai", "webhook:<tenant>:<webhook>").
 *
 * An effect starts only with a place in its key's rate and one of its permits. Where there is none it fails with
 * `LimitReached`, by which the job is put off without using up an attempt; `after` spreads the waiting ones over the
 * time in which places come free. A permit is given back the moment the effect ends, however it ends; those of a
 * process that was killed come back within 15 seconds (`permitLease`). A process that stood still for longer than
 * that goes on without its permit, and gives back nobody else's: a limit is a courtesy, not a lock.
 *
 * While the shared bookkeeping is away, work goes on: each process then keeps the limits by itself, as though it were
 * alone, and says so in a warning once a minute.
 */
export class Limits extends Context.Service<Limits, {
  readonly withLimits: <A, E, R>(key: string, policy: LimitPolicy<E>, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LimitReached, R>
}>()("tt-worker/services/Limits") {}

/** Long enough to outlive two failed renewals, and short enough to be back within 15 s of a process's death. */
export const permitLease = Duration.seconds(12)
export const permitRenewal = Duration.seconds(4)

/** For `LimitPolicy.adaptive`: the failure's own word for it. */
export const pauseAskedFor = (failure: Pick<Failure, "retry">): Option.Option<Duration.Duration> =>
  failure.retry._tag === "RateLimited" ? Option.some(failure.retry.after) : Option.none()

/**
 * There is no place for this key now. `rate`: too many starts; `concurrency`: too many at the same time; `pause`: the
 * other side asked for one, or bears no more.
 */
export class LimitReached
  extends Data.TaggedError("LimitReached")<{ readonly key: string; readonly reason: "rate" | "concurrency" | "pause"; readonly after: Duration.Duration }>
  implements Failure
{
  override get message(): string {
    const what = { rate: "its rate is used up", concurrency: "all its places are taken", pause: "the other side asked for a pause" }[this.reason]
    return `limit "${this.key}": ${what}; again in ${Duration.format(this.after)}`
  }
  get code(): string {
    return "limit-reached"
  }
  get retry(): Retry {
    return Retry.RateLimited({ after: this.after })
  }
  get plainWords(): string {
    return "Too much is going on at the same time. It will be tried again by itself."
  }
}
