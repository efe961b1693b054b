import { Effect, Layer } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import { OldQueues, OldQueuesError } from "../../src/services/OldQueues.ts"
import type { OldWaysOf } from "./oldWays.ts"
import { QueueBackend } from "./QueueBackend.ts"

/** `OldQueues` on BullMQ, whichever backend. */
export const BullmqOldQueues: Layer.Layer<OldQueues, never, QueueBackend> = Layer.effect(
  OldQueues,
  Effect.map(QueueBackend, ({ openForUpkeep }) => {
    const ask = <A>(queue: QueueName, question: (ways: OldWaysOf) => Promise<A>) => {
      const failed = (cause: unknown) => new OldQueuesError({ queue, detail: cause instanceof Error ? cause.message : "its server does not answer", cause })
      return openForUpkeep(queue).pipe(
        Effect.mapError(failed),
        Effect.flatMap(({ oldWays }) => Effect.tryPromise({ try: () => question(oldWays), catch: failed })),
        Effect.scoped
      )
    }
    return OldQueues.of({
      look: Effect.fn("OldQueues.look")((queue: QueueName) => ask(queue, ({ look }) => look())),
      takeOverPause: Effect.fn("OldQueues.takeOverPause")((queue: QueueName) => ask(queue, ({ takeOverPause }) => takeOverPause())),
      removeRepeat: Effect.fn("OldQueues.removeRepeat")((queue: QueueName, key: string) => ask(queue, ({ removeRepeat }) => removeRepeat(key)))
    })
  })
)
