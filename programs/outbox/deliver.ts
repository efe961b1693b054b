import { Duration, Effect, Option, Schema } from "effect"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { JobProducer, type JobProducerError, type StoredJob } from "../../src/services/JobProducer.ts"
import { type Delivery, type OutboxRow, RowOutcome } from "../../src/services/Outbox.ts"

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))
const decodeQueue = Schema.decodeUnknownOption(Schema.Literals(Object.values(QUEUE_NAMES)))

/** So many rows that fail by themselves are tried in one batch; the rest of it waits for the next. */
const mostTroubles = 3
const longestPause = Duration.minutes(5)

/** 1 s, 2 s, 4 s … */
const pauseAfter = (attempts: number): Duration.Duration =>
  Duration.min(Duration.seconds(2 ** Math.min(attempts, 30)), longestPause)

interface Ready {
  readonly row: OutboxRow
  readonly job: StoredJob
}

type Prepared = { readonly queue: QueueName; readonly ready: Ready } | { readonly error: string }

const prepare = (row: OutboxRow): Prepared => {
  const queue = decodeQueue(row.queue)
  if (Option.isNone(queue)) return { error: `there is no queue ${row.queue}` }
  const data = decodeJson(row.data)
  if (Option.isNone(data)) return { error: "the data is no JSON" }
  const { delay, jobId, priority, traceparent } = row
  return { queue: queue.value, ready: { row, job: { data: data.value, jobId, delay, priority, traceparent } } }
}

/**
 * Adds the rows' jobs under the ids that they have, in their order, a queue's all at once. When that does not go, one by
 * one: whether the queue is away or a row is to blame is told by asking the queue something that has to do with no row.
 */
export const deliver = Effect.fn("Outbox.deliver")(function*(rows: ReadonlyArray<OutboxRow>) {
  const producer = yield* JobProducer
  const outcomes = new Map<string, RowOutcome>()
  const byQueue = new Map<QueueName, Array<Ready>>()
  for (const row of rows) {
    const prepared = prepare(row)
    if ("error" in prepared) {
      outcomes.set(row.id, RowOutcome.SetAside(prepared))
      continue
    }
    const group = byQueue.get(prepared.queue) ?? []
    byQueue.set(prepared.queue, group)
    group.push(prepared.ready)
  }

  const add = (queue: QueueName, group: ReadonlyArray<Ready>) =>
    producer.addStored(queue, group.map(({ job }) => job)).pipe(
      Effect.tap(() =>
        Effect.sync(() => {
          for (const { row } of group) outcomes.set(row.id, RowOutcome.Delivered())
        })
      ),
      Effect.as(null),
      Effect.catch((error) => Effect.succeed(error))
    )

  /** Why the queue is away, or null when it is the row's own trouble. */
  const away = (queue: QueueName, error: JobProducerError) =>
    error.reason === "refused"
      ? Effect.succeed(null)
      : producer.incarnation(queue).pipe(Effect.as(null), Effect.catch((error) => Effect.succeed(error.message)))

  for (const [queue, group] of byQueue) {
    const together = yield* add(queue, group)
    if (together === null) continue
    const gone = yield* away(queue, together)
    if (gone !== null) return { outcomes, queueAway: gone } satisfies Delivery
    let troubles = 0
    for (const ready of group) {
      const error = yield* add(queue, [ready])
      if (error === null) continue
      const gone = yield* away(queue, error)
      if (gone !== null) return { outcomes, queueAway: gone } satisfies Delivery
      outcomes.set(
        ready.row.id,
        error.reason === "refused"
          ? RowOutcome.SetAside({ error: error.detail })
          : RowOutcome.PutOff({ error: error.detail, after: pauseAfter(ready.row.attempts) })
      )
      if (error.reason === "unavailable" && ++troubles >= mostTroubles) break
    }
  }
  return { outcomes, queueAway: null } satisfies Delivery
})
