import type { Duration, Effect, Scope } from "effect"
import type { RestartIntensity } from "./RestartIntensity.ts"
import type { RestartBackoff } from "./restartDelay.ts"

/**
 * When a child that has ended is started again: a permanent one always, a transient one after a crash, a temporary
 * one never. A crash is a failure, a defect, a start that failed or took too long, or an interruption from inside.
 */
export type ChildKind = "permanent" | "transient" | "temporary"

/**
 * Who is started again with a child that crashed: nobody, all its siblings, or those after it in the list. What goes
 * down with it is stopped in reverse order, and started in order when the back-off is over: also transient siblings
 * that had ended well (they belong to what is built anew), but never temporary ones.
 */
export type Strategy = "one-for-one" | "one-for-all" | "rest-for-one"

/** Something that runs for as long as its supervisor wants it to. */
export interface ChildSpec<out E, out R> {
  /** Unique among its siblings. */
  readonly name: string
  readonly kind: ChildKind
  /**
   * Two phases: the outer effect acquires what the child needs, in a scope of its own, and resolves when the child
   * has started; the next sibling starts then. The inner effect runs until the child ends, and then the scope closes.
   */
  readonly start: Effect.Effect<Effect.Effect<void, E, R>, E, R | Scope.Scope>
  /** On stop the child is interrupted and its scope closed. What takes longer than this is left behind, and told. */
  readonly stopWithin: Duration.Duration
  /** A start that takes longer is interrupted and counts as a crash. 30 seconds if not given. */
  readonly startWithin?: Duration.Duration
  /** Counts this child's restarts alone, instead of among those of all children. */
  readonly intensity?: RestartIntensity
  /** Instead of the supervisor's. */
  readonly backoff?: RestartBackoff
}

/**
 * Children that are started in the order of the list and stopped in reverse. As a child of another supervisor it is
 * permanent, and crashes by giving up: that is, when its children need more restarts than `intensity` allows.
 *
 * The order of the first start is strict where children stand on each other (one-for-all, rest-for-one). Under
 * one-for-one a sibling waits for those before it until they have started or failed, at most five seconds.
 */
export interface SupervisorSpec<out R> {
  readonly name: string
  readonly strategy: Strategy
  readonly intensity: RestartIntensity
  readonly backoff: RestartBackoff
  readonly children: ReadonlyArray<NodeSpec<R>>
}

export type NodeSpec<R> = ChildSpec<unknown, R> | SupervisorSpec<R>

/** What all children of a tree need together. */
export type ServicesOf<Spec> = Spec extends SupervisorSpec<infer R> ? R : never
