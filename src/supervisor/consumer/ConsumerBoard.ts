import { Context, Effect, Layer, type Scope } from "effect"
import type { QueueName } from "../../contract/index.ts"

export interface ConsumerStatus {
  readonly queue: QueueName
  /** `waiting-for-server`: its queue has not answered for a while. */
  readonly state: "taking" | "paused" | "draining" | "waiting-for-server"
  readonly running: number
  readonly concurrency: number
}

/** A consumer, as the drain and people who look see it. */
export interface ConsumerHandle {
  readonly queue: QueueName
  readonly status: Effect.Effect<ConsumerStatus>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  readonly setConcurrency: (concurrency: number) => Effect.Effect<void>
  /** Jobs that ended since it began, those handed back not counted. */
  readonly finished: Effect.Effect<number>
  /** No job is started from here on. */
  readonly stopTaking: Effect.Effect<void>
  /** Resolves when no job is running. */
  readonly idle: Effect.Effect<void>
  /** Interrupts what is running and gives those jobs back, without using up an attempt; says how many. */
  readonly handBack: Effect.Effect<number>
}

/** The consumers that run in this process now. */
export class ConsumerBoard extends Context.Service<ConsumerBoard, {
  /** Until the scope closes. */
  readonly put: (consumer: ConsumerHandle) => Effect.Effect<void, never, Scope.Scope>
  readonly all: Effect.Effect<ReadonlyArray<ConsumerHandle>>
}>()("tt-worker/supervisor/ConsumerBoard") {
  static readonly layer: Layer.Layer<ConsumerBoard> = Layer.sync(ConsumerBoard, () => {
    const consumers = new Set<ConsumerHandle>()
    return ConsumerBoard.of({
      put: (consumer) =>
        Effect.asVoid(Effect.acquireRelease(
          Effect.sync(() => consumers.add(consumer)),
          () => Effect.sync(() => consumers.delete(consumer))
        )),
      all: Effect.sync(() => [...consumers])
    })
  })
}
