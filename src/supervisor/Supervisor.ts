import { Context, Deferred, Duration, Effect, Exit, Layer, Scope } from "effect"
import type { JobClaims } from "../services/JobClaims.ts"
import type { JobQueues } from "../services/JobQueue.ts"
import { RunningWork } from "../services/RunningWork.ts"
import type { ProcessRegistry } from "../services/ProcessRegistry.ts"
import type { QueueControls } from "../services/QueueControls.ts"
import type { ChildSpec, SupervisorSpec } from "./ChildSpec.ts"
import { ConsumerBoard } from "./consumer/ConsumerBoard.ts"
import { statusOf } from "./consumer/ConsumerMessage.ts"
import { troubleInWords } from "./consumer/fetching.ts"
import { LiveControls } from "./consumer/LiveControls.ts"
import { type ConsumerOptions, startConsumer } from "./consumer/QueueConsumer.ts"
import { Solitude } from "./consumer/Solitude.ts"
import { drain, type DrainOptions } from "./drain.ts"
import { startPresence } from "./presence.ts"
import { Readiness } from "./Readiness.ts"
import { defaultIntensity } from "./RestartIntensity.ts"
import { standingOn } from "./standingOn.ts"
import { supervise, type Supervision } from "./SupervisionTree.ts"

/** The tree of this process. */
export class Supervisor extends Context.Service<Supervisor, Supervision>()("tt-worker/supervisor/Supervisor") {}

const backoff = { base: Duration.millis(200), cap: Duration.seconds(10), jitter: 0.5 }

/** More than its back-off lets it reach: jobs run also where nobody can be told so, as while its port is taken. */
const neverGivenUp = {
  burst: { restarts: 100, within: Duration.seconds(10) },
  sustained: { restarts: 1_000, within: Duration.minutes(10) }
}

/** Running jobs are handed back meanwhile; the drain has waited for them before. */
const consumerStopLimit = Duration.seconds(6)
const childStopLimit = Duration.seconds(5)

/** A server that is away is waited for, however long. */
const asLongAsItTakes = Duration.days(365)

/** What the tree itself stands on, whatever its programs need besides. */
export type SupervisorNeeds = JobQueues | JobClaims | ProcessRegistry | QueueControls

/** What the children of one process have in common. */
type Own = ConsumerBoard | LiveControls | Solitude
type Shared = Own | Supervisor | Readiness | RunningWork
const own: Layer.Layer<Own> = Layer.mergeAll(ConsumerBoard.layer, LiveControls.layer, Solitude.layer)

const consumerChild = <R>(options: ConsumerOptions<R>): ChildSpec<unknown, R | JobQueues | JobClaims | Shared> => ({
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

/** What is there for the children, and for the operations child once it is. */
export type Machinery<R> = R | SupervisorNeeds | ConsumerBoard | Supervisor

export interface WorkerParts<in out R, in out O> {
  /**
   * Answer for the process from the first moment to the last; null where nobody asks. `machinery` is what the others
   * stand on, as soon as it is there.
   */
  readonly operations: ((machinery: Effect.Effect<Context.Context<Machinery<R>>>) => ReadonlyArray<ChildSpec<unknown, O>>) | null
  readonly consumers: ReadonlyArray<ConsumerOptions<R>>
  /** What keeps the queues and tables in order beside the consumers. */
  readonly upkeep: ReadonlyArray<ChildSpec<unknown, R | SupervisorNeeds | Shared>>
}

/** The real tree. Each child stands for itself: one that crashes takes no other down with it. */
const workerTree = <R, O>(
  { consumers, operations, upkeep }: WorkerParts<R, O>,
  needs: Effect.Effect<Context.Context<R | SupervisorNeeds | Shared>>
): SupervisorSpec<O> => {
  const group = (name: string, children: ReadonlyArray<ChildSpec<unknown, R | SupervisorNeeds | Shared>>): SupervisorSpec<never> =>
    ({ name, strategy: "one-for-one", intensity: defaultIntensity, backoff, children: children.map((child) => standingOn(needs, child)) })
  return {
    name: "tt-worker",
    strategy: "one-for-one",
    intensity: defaultIntensity,
    backoff,
    children: [
      ...(operations === null ? [] : operations(needs).map((child) => ({ ...child, intensity: neverGivenUp }))),
      standingOn(needs, permanentChild("presence", startPresence)),
      group("queues", consumers.map((options) => consumerChild(options))),
      group("upkeep", upkeep)
    ]
  }
}

/** For a tree that nobody waits for: what still runs is handed back at once. */
export const atOnce: DrainOptions = { grace: Duration.zero, hurry: Effect.void, drained: Effect.void }

/**
 * Runs the tree until its scope closes; then drains: all consumers stop taking, their running jobs get the grace, and the
 * tree stops. `base` is what programs and tree need: built while the operations child answers already, released after
 * the last child has stopped, and given on, for use beside the tree.
 */
export const layer = <R, E, R2, O = never>(
  parts: WorkerParts<NoInfer<R>, O>,
  base: Layer.Layer<R | SupervisorNeeds, E, R2>,
  options: DrainOptions
): Layer.Layer<Supervisor | ConsumerBoard | R | SupervisorNeeds, E, Readiness | RunningWork | R2 | O> =>
  Layer.effectContext(Effect.gen(function*() {
    const readiness = yield* Readiness
    const needs = yield* Deferred.make<Context.Context<R | SupervisorNeeds | Shared>>()
    // Made first, so that it is closed last.
    const below = yield* Effect.acquireRelease(Scope.make(), Scope.close)
    const tree = yield* supervise<SupervisorSpec<O>>(workerTree(parts, Deferred.await(needs)))
    const built = yield* Layer.buildWithScope(Layer.merge(base, own), below)
    const context = built.pipe(Context.add(Supervisor, tree), Context.add(Readiness, readiness), Context.add(RunningWork, yield* RunningWork))
    const board = Context.get(context, ConsumerBoard)
    yield* Effect.addFinalizer(() =>
      readiness.follow(Effect.succeed(["it is draining"])).pipe(Effect.andThen(board.all), Effect.flatMap((consumers) => drain(consumers, options)))
    )
    yield* Deferred.done(needs, Exit.succeed(context))
    yield* readiness.follow(Effect.gen(function*() {
      const statuses = yield* Effect.forEach(yield* board.all, statusOf)
      return parts.consumers.flatMap(({ queue }) => {
        const status = statuses.find((one) => one.queue === queue)
        if (status === undefined) return [`${queue}: it is being opened`]
        return status.trouble === null ? [] : [`${queue}: ${troubleInWords[status.trouble.kind]}`]
      })
    }).pipe(Effect.orElseSucceed(() => ["a consumer has just ended"])))
    return context
  }))
