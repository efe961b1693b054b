import { Effect, Layer } from "effect"
import { JobConsumer, type JobConsumerError, type SubscribeOptions } from "../services/JobConsumer.ts"
import { drain, type DrainOptions } from "./drain.ts"
import { Readiness } from "./Readiness.ts"

/**
 * Runs a consumer for each queue until its scope closes; then drains. What the consumers need (services, queues)
 * must be provided to this layer, so that it is released after the last job has let go of it.
 */
export const supervise = <R>(
  consumers: ReadonlyArray<SubscribeOptions<R>>,
  options: DrainOptions
): Layer.Layer<never, JobConsumerError, JobConsumer | Readiness | R> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const consumer = yield* JobConsumer
    const readiness = yield* Readiness
    const subscriptions = yield* Effect.forEach(consumers, (each) => consumer.subscribe(each))
    yield* Effect.addFinalizer(() => readiness.set(false).pipe(Effect.andThen(drain(subscriptions, options))))
    yield* readiness.set(true)
  }))
