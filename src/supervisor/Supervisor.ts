import { Context, Duration, Effect, Layer } from "effect"
import type { JobQueues } from "../services/JobQueue.ts"
import type { ChildSpec, SupervisorSpec } from "./ChildSpec.ts"
import { ConsumerBoard } from "./consumer/ConsumerBoard.ts"
import type { LiveControls } from "./consumer/LiveControls.ts"
import { type ConsumerOptions, startConsumer } from "./consumer/QueueConsumer.ts"
import type { Solitude } from "./consumer/Solitude.ts"
import type { JobClaims } from "../services/JobClaims.ts"
import { drain, type DrainOptions } from "./drain.ts"
import { Readiness } from "./Readiness.ts"
import { supervise, type Supervision } from "./SupervisionTree.ts"

/** The tree of this process. */
export class Supervisor extends Context.Service<Supervisor, Supervision>()("tt-worker/supervisor/Supervisor") {}

/** Five in ten seconds is a crash loop; twenty in ten minutes a fault that comes again and again. */
const intensity = {
  burst: { restarts: 5, within: Duration.seconds(10) },
  sustained: { restarts: 20, within: Duration.minutes(10) }
}
const backoff = { base: Duration.millis(200), cap: Duration.seconds(10), jitter: 0.5 }

/** Running jobs are handed back meanwhile; the drain has waited for them before. */
const consumerStopLimit = Duration.seconds(6)
const childStopLimit = Duration.seconds(5)

/** A server that is away is waited for, however long. */
const asLongAsItTakes = Duration.days(365)

export type ConsumerNeeds = JobQueues | ConsumerBoard | LiveControls | Solitude | JobClaims

const consumerChild = <R>(options: ConsumerOptions<R>): ChildSpec<unknown, R | ConsumerNeeds> => ({
  name: options.queue,
  kind: "permanent",
  start: startConsumer(options),
  startWithin: asLongAsItTakes,
  stopWithin: consumerStopLimit
})

/** A child that runs for as long as the process does. */
export const permanentChild = <E, R>(name: string, start: ChildSpec<E, R>["start"]): ChildSpec<E, R> => ({
  name,
  kind: "permanent",
  start,
  startWithin: asLongAsItTakes,
  stopWithin: childStopLimit
})

export interface WorkerParts<R, P, U> {
  /** Keeps this process on the list of running ones; the consumers come after it. */
  readonly presence: ChildSpec<unknown, P>
  readonly consumers: ReadonlyArray<ConsumerOptions<R>>
  /** What keeps the queues and tables in order beside the consumers. */
  readonly upkeep: ReadonlyArray<ChildSpec<unknown, U>>
}

/** The real tree. Each child stands for itself: one that crashes takes no other down with it. */
export const workerTree = <R, P, U>({ consumers, presence, upkeep }: WorkerParts<R, P, U>): SupervisorSpec<R | P | U | ConsumerNeeds> => ({
  name: "tt-worker",
  strategy: "one-for-one",
  intensity,
  backoff,
  children: [
    presence,
    { name: "queues", strategy: "one-for-one", intensity, backoff, children: consumers.map((options) => consumerChild(options)) },
    { name: "upkeep", strategy: "one-for-one", intensity, backoff, children: upkeep }
  ]
})

/**
 * Runs the tree until its scope closes; then drains: all consumers stop taking, their running jobs get the grace, and the
 * tree stops. What the children need must be provided to this layer, so that it is released after the last of them.
 */
export const layer = <R, P, U>(
  parts: WorkerParts<R, P, U>,
  options: DrainOptions
): Layer.Layer<Supervisor, never, Readiness | R | P | U | ConsumerNeeds> =>
  Layer.effect(
    Supervisor,
    Effect.gen(function*() {
      const board = yield* ConsumerBoard
      const readiness = yield* Readiness
      const tree = yield* supervise(workerTree(parts))
      const takes = Effect.gen(function*() {
        const statuses = yield* Effect.forEach(yield* board.all, ({ status }) => status)
        return statuses.length === parts.consumers.length && statuses.every(({ state }) => state === "taking" || state === "paused")
      })
      yield* Effect.addFinalizer(() =>
        readiness.set(false).pipe(Effect.andThen(board.all), Effect.flatMap((consumers) => drain(consumers, options)))
      )
      yield* readiness.follow(takes)
      return tree
    })
  )
