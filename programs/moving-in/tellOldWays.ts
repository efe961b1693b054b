import { Effect } from "effect"
import type { QueueName } from "../../src/contract/index.ts"
import { OldQueues } from "../../src/services/OldQueues.ts"

/** Says at start what an older BullMQ has left in this queue and which command takes it over; what cannot be seen stops nothing. */
export const tellOldWays = (queue: QueueName): Effect.Effect<void, never, OldQueues> =>
  OldQueues.use(({ look }) => look(queue)).pipe(
    Effect.flatMap(({ paused, putAside, repeats }) =>
      Effect.gen(function*() {
        if (paused || putAside > 0) {
          yield* Effect.logWarning(`queue ${queue}: ${paused ? "it is paused by BullMQ's own means" : "BullMQ has set jobs aside"} (${putAside} jobs set aside), so these do not run; \`migrate-queues --apply\` takes them over`)
        }
        for (const { data, name } of repeats) {
          yield* Effect.logWarning(`queue ${queue}: the repeatable job ${name} of an older BullMQ ${data === null ? "has lost its data" : "would lose its data after one run"}; \`migrate-queues --dry-run\` shows it, \`--apply\` makes it a schedule`)
        }
      })
    ),
    Effect.catch((error) => Effect.logWarning(`${error.message}; what an older BullMQ may have left there is not known`))
  )
