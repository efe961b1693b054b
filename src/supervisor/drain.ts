import { Clock, type Duration, Effect } from "effect"
import type { ConsumerHandle } from "./consumer/ConsumerBoard.ts"

export interface DrainOptions {
  /** How long running jobs may go on. */
  readonly grace: Duration.Duration
  /** Resolves when somebody does not want to wait: running jobs are handed back at once. */
  readonly hurry: Effect.Effect<void>
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, n) => total + n, 0)

/**
 * Stop taking jobs, let the running ones finish until the grace is over, hand the rest back without using up an
 * attempt: all consumers at once. Ends with one line: finished, handed back, seconds.
 */
export const drain = Effect.fn("Supervisor.drain")(function*(
  consumers: ReadonlyArray<Pick<ConsumerHandle, "stopTaking" | "idle" | "handBack" | "finished">>,
  options: DrainOptions
) {
  const began = yield* Clock.currentTimeMillis
  const each = <A>(effect: (consumer: Pick<ConsumerHandle, "stopTaking" | "idle" | "handBack" | "finished">) => Effect.Effect<A>) =>
    Effect.forEach(consumers, effect, { concurrency: "unbounded" })

  const before = sum(yield* each(({ finished }) => finished))
  yield* each(({ stopTaking }) => stopTaking)
  yield* Effect.raceAllFirst([each(({ idle }) => idle), Effect.sleep(options.grace), options.hurry])
  const handedBack = sum(yield* each(({ handBack }) => handBack))
  const finished = sum(yield* each(({ finished }) => finished)) - before
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  yield* Effect.logInfo(`drained: ${finished} finished, ${handedBack} handed back, ${seconds.toFixed(1)} s`)
  return { finished, handedBack, seconds }
})
