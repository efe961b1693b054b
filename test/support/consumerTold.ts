import { Deferred, Effect } from "effect"
import { type ConsumerHandle, ConsumerMessage, drainConsumer, handBackJobs, statusOf } from "../../src/supervisor/consumer/ConsumerMessage.ts"

/** A consumer with what tests tell it; each has been done when it returns. */
export const consumerTold = (consumer: ConsumerHandle) => {
  const status = Effect.orDie(statusOf(consumer))
  const told = (message: ConsumerMessage) => Effect.andThen(consumer.actor.tell(message), status).pipe(Effect.asVoid)
  return {
    status,
    finished: Effect.map(status, ({ finished }) => finished),
    pause: told(ConsumerMessage.Pause()),
    resume: told(ConsumerMessage.Resume()),
    setConcurrency: (concurrency: number) => told(ConsumerMessage.SetConcurrency({ concurrency })),
    stopTaking: Effect.suspend(() => told(ConsumerMessage.Drain({ reply: Deferred.makeUnsafe<void>() }))),
    drained: Effect.orDie(drainConsumer(consumer)),
    handBack: Effect.orDie(handBackJobs(consumer))
  }
}
