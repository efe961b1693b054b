import { Duration, Effect } from "effect"

/**
 * A call of BullMQ's that may never settle (ioredis keeps commands for a server that is away). Fails after `limit` with
 * what `late` says; when the answer comes after all, `landed` gets it. Not interruptible, so that no answer is lost
 * between two fibers; it takes no longer than its limit.
 */
export const boundedCall = <A, E>(options: {
  readonly call: () => Promise<A>
  readonly limit: Duration.Duration
  readonly failed: (cause: unknown) => E
  readonly late: () => E
  readonly landed?: (answer: A) => void
}): Effect.Effect<A, E> =>
  Effect.uninterruptible(Effect.callback<A, E>((resume) => {
    let waiting = true
    const settle = (effect: Effect.Effect<A, E>): void => {
      if (!waiting) return
      waiting = false
      clearTimeout(timer)
      resume(effect)
    }
    const timer = setTimeout(() => settle(Effect.fail(options.late())), Duration.toMillis(options.limit))
    options.call().then(
      (answer) => waiting ? settle(Effect.succeed(answer)) : options.landed?.(answer),
      (cause: unknown) => settle(Effect.fail(options.failed(cause)))
    )
  }))
