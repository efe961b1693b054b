import { Context, Effect, Exit, Layer, Scope, Semaphore } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import type { JobProducerError } from "../../src/services/JobProducer.ts"
import { type OpenQueue, QueueBackend } from "./QueueBackend.ts"

/** BullMQ's queues, each opened when it is first needed and closed with the layer: every one holds connections. */
export class OpenQueues extends Context.Service<OpenQueues, {
  readonly open: (queue: QueueName) => Effect.Effect<OpenQueue, JobProducerError>
}>()("tt-worker/layers/bullmq/OpenQueues") {
  static readonly layer: Layer.Layer<OpenQueues, never, QueueBackend> = Layer.effect(
    OpenQueues,
    Effect.gen(function*() {
      const backend = yield* QueueBackend
      const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
      const opening = yield* Semaphore.make(1)
      const opened = new Map<QueueName, OpenQueue>()
      return OpenQueues.of({
        open: (queue) =>
          opening.withPermits(1)(Effect.suspend(() => {
            const known = opened.get(queue)
            return known !== undefined
              ? Effect.succeed(known)
              : backend.openQueue(queue).pipe(
                Scope.provide(scope),
                Effect.tap((fresh) => Effect.sync(() => opened.set(queue, fresh)))
              )
          }))
      })
    })
  )
}
