import { Duration, Effect, Ref } from "effect"
import type { JobProducer } from "../../src/services/JobProducer.ts"
import { Outbox } from "../../src/services/Outbox.ts"
import { deliver } from "./deliver.ts"

const batchSize = 200

/** While the queue or the database is away; short, so that what waits is on its way soon after the return. */
const firstPause = Duration.millis(250)
const longestPause = Duration.seconds(5)

/**
 * Carries what was enqueued in a transaction to the queue, for as long as it runs. It outlives outages of the database
 * and of the queue: rows stay, one line tells the beginning and one the end.
 */
export const relayOutbox: Effect.Effect<never, never, Outbox | JobProducer> = Effect.scoped(Effect.gen(function*() {
  const outbox = yield* Outbox
  const failures = yield* Ref.make(0)
  const { awaitRows } = yield* outbox.listen

  const failed = Effect.fnUntraced(function*(why: string) {
    const before = yield* Ref.getAndUpdate(failures, (count) => count + 1)
    if (before === 0) yield* Effect.logWarning(`the outbox waits: ${why}`)
    yield* Effect.sleep(Duration.min(Duration.times(firstPause, 2 ** Math.min(before, 10)), longestPause))
  })

  const wentWell = Effect.flatMap(Ref.getAndSet(failures, 0), (before) => before === 0 ? Effect.void : Effect.logInfo("the outbox is carried to the queue again"))

  return yield* outbox.takeBatch(batchSize, deliver).pipe(
    Effect.matchEffect({
      onFailure: ({ message }) => failed(message),
      onSuccess: ({ queueAway, taken }) => {
        if (queueAway !== null) return failed(queueAway)
        // An empty outbox proves nothing about the queue.
        return taken > 0 ? wentWell : awaitRows
      }
    }),
    Effect.forever
  )
}))
