import { Duration, Effect, Pool, type Scope } from "effect"
import type { ChildError } from "./ChildError.ts"
import { type ChildKind, type ChildProcess, type ChildRequest, start } from "./ChildProcess.ts"
import * as OrphanGuard from "./OrphanGuard.ts"

export interface ChildPoolOptions<Part> extends ChildKind<Part> {
  /** Most children at a time; each works on one request. */
  readonly size: number
  /** A child that nobody needed for so long is ended. */
  readonly idleFor: Duration.Duration
  /** Requests after which a child is replaced: parsers leak. */
  readonly requestsPerChild: number
  /** Bytes of resident memory above which a child is replaced after its answer. */
  readonly softMemory: number
}

export interface ChildPool<Part> {
  /**
   * Has a child work on a request: all parts of its answer, in the order sent. Waits for a free child; the limits
   * count from when one is free. A child that breaks is replaced and asked once more, so that only a request that
   * breaks two children in a row is blamed.
   */
  readonly ask: (request: ChildRequest) => Effect.Effect<ReadonlyArray<Part>, ChildError>
}

/** A pool of children that are started when needed, kept warm, recycled, and gone when the scope closes. */
export const make = Effect.fnUntraced(function*<Part>(
  options: ChildPoolOptions<Part>
): Effect.fn.Return<ChildPool<Part>, never, Scope.Scope> {
  const guard = yield* OrphanGuard.make
  const pool = yield* Pool.makeWithTTL({
    acquire: start(options, guard),
    min: 0,
    max: options.size,
    // The pool looks once per time-to-live, so that an idle child may live for twice as long.
    timeToLive: Duration.times(options.idleFor, 0.5)
  })

  const isWorn = (child: ChildProcess<Part>) =>
    !child.isAlive() || child.answered() >= options.requestsPerChild || child.memory() > options.softMemory

  const living: Effect.Effect<ChildProcess<Part>, ChildError, Scope.Scope> = Pool.get(pool).pipe(
    Effect.flatMap((child) => child.isAlive() ? Effect.succeed(child) : Effect.andThen(Pool.invalidate(pool, child), living))
  )

  const askOnce = (request: ChildRequest) =>
    Effect.scoped(Effect.gen(function*() {
      const child = yield* living
      return yield* child.ask(request).pipe(
        Effect.ensuring(Effect.suspend(() => isWorn(child) ? Pool.invalidate(pool, child) : Effect.void))
      )
    }))

  const ask = (request: ChildRequest) =>
    askOnce(request).pipe(
      Effect.retry({ times: 1, while: (error) => error.reason._tag === "Crashed" })
    )

  return { ask }
})
