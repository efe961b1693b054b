import { Effect, Option, Stream, SubscriptionRef } from "effect"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { type Controls, ControlCommand, QueueControls, type QueueControlsError } from "../../src/services/QueueControls.ts"
import { LiveControls } from "../../src/supervisor/consumer/LiveControls.ts"

const everyQueue = Object.values(QUEUE_NAMES)

/**
 * `START_PAUSED`: pauses every queue by the rows that operators' commands write, so that each replica obeys and `resume`
 * ends it. Before anything runs: after a restore people look first.
 */
export const pauseEveryQueue: Effect.Effect<void, QueueControlsError, QueueControls> = Effect.gen(function*() {
  const controls = yield* QueueControls
  const { pausedQueues } = yield* controls.read
  yield* Effect.forEach(everyQueue.filter((queue) => !pausedQueues.has(queue)), (queue) => controls.change(ControlCommand.Pause({ queue }), "START_PAUSED"), { discard: true })
  yield* Effect.logWarning("START_PAUSED: every queue is paused, and upkeep waits; `reconcile --dry-run` shows what would happen, `resume QUEUE` starts a queue, and with the first one upkeep")
})

const isAnyTaken = (rows: Controls | null): boolean => rows !== null && everyQueue.some((queue) => !rows.pausedQueues.has(queue))

/** Resolves as soon as any queue is not paused. */
export const untilResumed: Effect.Effect<void, never, LiveControls> = Effect.gen(function*() {
  const found = yield* SubscriptionRef.changes(yield* LiveControls).pipe(Stream.filter(isAnyTaken), Stream.runHead)
  if (Option.isNone(found)) return yield* Effect.never
})
