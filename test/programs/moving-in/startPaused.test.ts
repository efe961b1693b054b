import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger } from "effect"
import { PostgresQueueControls } from "../../../layers/postgres/PostgresQueueControls.ts"
import { pauseEveryQueue, untilResumed } from "../../../programs/moving-in/startPaused.ts"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { ControlCommand, QueueControls } from "../../../src/services/QueueControls.ts"
import { LiveControls } from "../../../src/supervisor/consumer/LiveControls.ts"
import { newOutboxTables } from "../../support/outboxTables.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

const queues = Object.values(QUEUE_NAMES)
const tables = PostgresQueueControls.pipe(Layer.provide(newOutboxTables), Layer.provide(OwnPostgres.layer), Layer.orDie)

layer(Layer.mergeAll(tables, LiveControls.layer, Logger.layer([])), { excludeTestServices: true })("a start with START_PAUSED", (it) => {
  it.effect("pauses every queue, on record, once; upkeep waits until one of them is resumed", () =>
    Effect.gen(function*() {
      const controls = yield* QueueControls
      yield* controls.change(ControlCommand.Pause({ queue: QUEUE_NAMES.AUTOMATION }), "ann")
      yield* pauseEveryQueue
      yield* pauseEveryQueue
      assert.sameMembers([...(yield* controls.read).pausedQueues], queues)
      const record = yield* controls.history(10)
      assert.sameMembers(record.map(({ by, queue }) => `${by} ${queue}`), ["ann automation", ...queues.filter((queue) => queue !== QUEUE_NAMES.AUTOMATION).map((queue) => `START_PAUSED ${queue}`)])

      const upkeep = yield* Effect.forkScoped(untilResumed)
      yield* LiveControls.set(yield* controls.read)
      yield* Effect.sleep("50 millis")
      assert.isTrue(upkeep.pollUnsafe() === undefined, "it has begun though everything is paused")

      yield* controls.change(ControlCommand.Resume({ queue: QUEUE_NAMES.EMAIL_SYNC }), "ann")
      yield* LiveControls.set(yield* controls.read)
      yield* Fiber.join(upkeep)
    }))
})
