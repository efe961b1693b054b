import { Context, Data, Duration, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Retry } from "../domain/Retry.ts"

/** What a failure says about the other side: that it is down, that it is well, or nothing. */
export type BreakerWitness = "down" | "well" | "nothing"

/** When a key's circuit opens and for how long. Every user of a key names the same policy. */
export interface BreakerPolicy<E = never> {
  /** So many failures in a row, or that share of the last `calls` (once `atLeast` of them have ended). */
  readonly opens:
    | { readonly afterFailures: number }
    | { readonly atShare: number; readonly ofLast: number; readonly atLeast?: number }
  /** The first opening's length; it doubles with each opening that follows at once. */
  readonly openFor: Duration.Duration
  readonly openForAtMost: Duration.Duration
  /** What counts; by default `witnessOf`. A failure that carries a pause lengthens the opening, up to `openForAtMost`. */
  readonly counts?: (error: E) => BreakerWitness
}

/** As an operator's console shows it. `Unknown` while the bookkeeping is away. */
export type BreakerState = Data.TaggedEnum<{
  Closed: {}
  /** `after`: until one probe is let through; nothing has been let through yet. */
  Open: { readonly after: Duration.Duration; readonly openings: number }
  HalfOpen: { readonly probing: boolean; readonly openings: number }
  Unknown: {}
}>
export const BreakerState = Data.taggedEnum<BreakerState>()

/**
 * Circuit breakers by key, shared by all replicas. After sustained failure the circuit opens, and work for that key
 * fails with `BreakerOpen` without being tried: the job is put off without using up an attempt. After the time is up
 * one probe over all replicas is let through: its success closes the circuit, its failure opens it for twice as long.
 * A probe that is interrupted, or whose failure says nothing, leaves the place to the next; the place of a killed
 * process's probe comes back within 10 seconds.
 *
 * Put time limits and quick retries inside, so that it sees one outcome for each piece of work, and `Limits` outside.
 * Defects say nothing about the other side. While the bookkeeping is away everything is let through.
 */
export class Breaker extends Context.Service<Breaker, {
  readonly withBreaker: <A, E, R>(key: string, policy: BreakerPolicy<E>, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | BreakerOpen, R>
  readonly state: (key: string) => Effect.Effect<BreakerState>
}>()("tt-worker/services/Breaker") {}

/**
 * Only transient failures say that the other side is down. Being asked for a pause, or being refused for good, shows
 * that somebody is there, but not that the work can be done.
 */
export const witnessOf = (error: unknown): BreakerWitness => retryTag(error) === "Transient" ? "down" : "nothing"

const retryTag = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "retry" in error && typeof error.retry === "object" && error.retry !== null && "_tag" in error.retry
    ? error.retry._tag
    : null

/** The circuit for this key is open, or its one probe is still running. */
export class BreakerOpen
  extends Data.TaggedError("BreakerOpen")<{ readonly key: string; readonly probing: boolean; readonly after: Duration.Duration }>
  implements Failure
{
  override get message(): string {
    return `breaker "${this.key}": ${this.probing ? "one probe is finding out whether the other side is back" : "open after repeated failures"}; again in ${Duration.format(this.after)}`
  }
  get code(): string {
    return "breaker-open"
  }
  get retry(): Retry {
    return Retry.RateLimited({ after: this.after })
  }
  get plainWords(): string {
    return "A service that is needed for this does not work at the moment. It will be tried again by itself."
  }
}
