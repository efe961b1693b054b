import { Duration, Effect, type Scope } from "effect"
import type { Uploaded } from "../load/Producer.ts"
import type { WorkerProcess } from "../workers/WorkerProcess.ts"
import { boundarySlots, type HeldJobs, holdAtEveryBoundary } from "./boundaries.ts"
import type { Measures, Scenario } from "./Scenario.ts"
import { type DidNotHappen, waitUntil, type World } from "./World.ts"

/** The scene at the moment of the fault. */
export interface Scene {
  readonly world: World
  /** Has a job at every boundary. */
  readonly victim: WorkerProcess
  /** The other replica, every slot taken. */
  readonly other: WorkerProcess
  readonly held: HeldJobs
  readonly waiting: ReadonlyArray<Uploaded>
  /** Frees the other replica's slots. */
  readonly freeSlots: Effect.Effect<void>
}

export interface Fault extends Omit<Scenario, "run"> {
  readonly graceSeconds?: number
  /** So many jobs of one tenant wait as well, added before. */
  readonly crowd?: number
  readonly strike: (scene: Scene) => Effect.Effect<Measures, Effect.Error<ReturnType<Scenario["run"]>>, Scope.Scope>
}

const otherSlots = 4
const waitingJobs = 12

/** How long the download of an ordinary job takes: long enough that slots are a matter of who takes jobs. */
const jobLength = Duration.millis(200)

/** Takes every slot of the replica that has just been started; all others are taken. */
const fillSlots = (world: World): Effect.Effect<ReadonlyArray<Uploaded>, DidNotHappen> =>
  Effect.forEach(Array.from({ length: otherSlots }), () =>
    Effect.gen(function*() {
      const filler = yield* world.producer.upload({ about: "at work on the other replica", kind: "e-invoice" })
      yield* world.gates.shut("download", filler.invoiceId)
      yield* world.producer.enqueue(filler)
      yield* waitUntil("a job at work on the other replica", Effect.sync(() => world.gates.callsOf("download", filler.invoiceId) > 0), 20)
      return filler
    }))

/** One replica holds a job at every boundary, another is busy, more jobs wait: then the fault strikes. */
export const faultAtEveryBoundary = ({ crowd = 0, graceSeconds = 5, strike, ...about }: Fault): Scenario => ({
  ...about,
  run: (world) =>
    Effect.gen(function*() {
      const { gates, producer } = world
      yield* gates.slow("download", jobLength)
      const victim = yield* world.startReplica({ name: "A", concurrency: boundarySlots, graceSeconds })
      const held = yield* holdAtEveryBoundary(world, victim)
      const other = yield* world.startReplica({ name: "B", concurrency: otherSlots, graceSeconds })
      const fillers = yield* fillSlots(world)
      yield* held.fetchOne
      // Behind a crowd they need not be through in the end.
      const expected = crowd > 0 ? null : "processed"
      const waiting = yield* Effect.forEach(Array.from({ length: waitingJobs }), () => producer.add({ about: "waiting in the queue", expected }))
      if (crowd > 0) yield* producer.crowd(crowd, "tenant-a")
      yield* held.bringToTheEdge
      return yield* strike({
        world,
        victim,
        other,
        held,
        waiting,
        freeSlots: Effect.forEach(fillers, ({ invoiceId }) => gates.open("download", invoiceId), { discard: true })
      })
    })
})
