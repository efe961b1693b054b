import { Effect, Layer } from "effect"
import { QueueStatistics } from "../../src/services/QueueStatistics.ts"
import { OpenQueues } from "./OpenQueues.ts"
import type { QueueBackend } from "./QueueBackend.ts"

/** `QueueStatistics` on BullMQ. */
export const BullmqQueueStatistics: Layer.Layer<QueueStatistics, never, QueueBackend> = Layer.effect(
  QueueStatistics,
  OpenQueues.useSync(({ open }) =>
    QueueStatistics.of({
      of: Effect.fn("QueueStatistics.of")(function*(queue) {
        const { statistic } = yield* open(queue)
        return { queue, ...(yield* statistic) }
      })
    })
  )
).pipe(Layer.provide(OpenQueues.layer))
