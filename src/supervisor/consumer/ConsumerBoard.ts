import { Context, Effect, Layer, type Scope } from "effect"
import type { ConsumerHandle } from "./ConsumerMessage.ts"

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
