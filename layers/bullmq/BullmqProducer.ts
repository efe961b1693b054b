import { Effect, Exit, Layer, Option, Scope, Semaphore } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import { type QueueName, RECOMMENDED_JOB_OPTIONS } from "../../src/contract/index.ts"
import { JobProducer, type JobProducerError } from "../../src/services/JobProducer.ts"
import { type OpenQueue, QueueBackend } from "./QueueBackend.ts"

/** The current trace as BullMQ's telemetry metadata, so that the job's span has its producer for a parent. */
const traceMetadata = Effect.map(Effect.option(Effect.currentSpan), Option.match({
  onNone: () => ({}),
  onSome: (span) => ({ telemetry: { metadata: HttpTraceContext.toHeaders(span)["traceparent"] ?? "" } })
}))

/** `JobProducer` on BullMQ. A queue is opened when its first job is added, and closed with the layer. */
export const BullmqProducer: Layer.Layer<JobProducer, never, QueueBackend> = Layer.effect(
  JobProducer,
  Effect.gen(function*() {
    const backend = yield* QueueBackend
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const opening = yield* Semaphore.make(1)
    const opened = new Map<QueueName, OpenQueue>()

    const open = (queue: QueueName): Effect.Effect<OpenQueue, JobProducerError> =>
      opening.withPermits(1)(Effect.suspend(() => {
        const known = opened.get(queue)
        return known !== undefined
          ? Effect.succeed(known)
          : backend.openQueue(queue).pipe(
            Scope.provide(scope),
            Effect.tap((fresh) => Effect.sync(() => opened.set(queue, fresh)))
          )
      }))

    return JobProducer.of({
      add: Effect.fn("JobProducer.add")(function*(queue, data) {
        const producer = yield* open(queue)
        return yield* producer.add(queue, data, { ...RECOMMENDED_JOB_OPTIONS, ...(yield* traceMetadata) })
      })
    })
  })
)
