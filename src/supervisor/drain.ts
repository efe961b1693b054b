import { Clock, type Duration, Effect } from "effect"
import type { ActorStopped } from "./Actor.ts"
import { type ConsumerHandle, drainConsumer, handBackJobs, statusOf } from "./consumer/ConsumerMessage.ts"

export interface DrainOptions {
  /** How long running jobs may go on. */
  readonly grace: Duration.Duration
  /** Resolves when somebody does not want to wait: running jobs are handed back at once. */
  readonly hurry: Effect.Effect<void>
  /** Run when no job is this process's any more: from here on it may end at any moment. */
  readonly drained: Effect.Effect<void>
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, n) => total + n, 0)

/**
 * Stop taking jobs, let the running ones finish until the grace is over, hand the rest back without using up an
 * attempt: all consumers at once. Ends with one line: finished, handed back, seconds.
 */
export const drain = Effect.fn("Supervisor.drain")(function*(consumers: ReadonlyArray<ConsumerHandle>, options: DrainOptions) {
  const began = yield* Clock.currentTimeMillis
  /** One that has crashed has nothing any more. */
  const each = <A>(ask: (consumer: ConsumerHandle) => Effect.Effect<A, ActorStopped>, otherwise: A) =>
    Effect.forEach(consumers, (consumer) => Effect.orElseSucceed(ask(consumer), () => otherwise), { concurrency: "unbounded" })
  const finishedNow = Effect.map(each((consumer) => Effect.map(statusOf(consumer), ({ finished }) => finished), 0), sum)

  const before = yield* finishedNow
  yield* Effect.raceAllFirst([each(drainConsumer, undefined), Effect.sleep(options.grace), options.hurry])
  const handedBack = sum(yield* each(handBackJobs, 0))
  const finished = (yield* finishedNow) - before
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  yield* Effect.logInfo(`drained: ${finished} finished, ${handedBack} handed back, ${seconds.toFixed(1)} s`)
  yield* options.drained
  return { finished, handedBack, seconds }
})
