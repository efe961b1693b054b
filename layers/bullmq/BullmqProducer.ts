import type { JobsOptions } from "bullmq"
import { Duration, Effect, Layer, Option } from "effect"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import { type QueueName, RECOMMENDED_JOB_OPTIONS } from "../../src/contract/index.ts"
import { type AddOptions, JobProducer, type StoredJob } from "../../src/services/JobProducer.ts"
import { OpenQueues } from "./OpenQueues.ts"
import type { QueueBackend } from "./QueueBackend.ts"
import { metadataOf } from "./traceMetadata.ts"

/** The current trace, so that the job's span has its producer for a parent. */
const currentTraceparent = Effect.map(Effect.option(Effect.currentSpan), Option.match({
  onNone: () => null,
  // A span that nobody will see is no parent.
  onSome: (span) => span.sampled ? HttpTraceContext.toHeaders(span)["traceparent"] ?? null : null
}))

/** As BullMQ wants them; the trace goes as its telemetry metadata. */
const toJobsOptions = (current: string | null, { delay, jobId, priority, traceparent = current }: AddOptions): JobsOptions => ({
  ...RECOMMENDED_JOB_OPTIONS,
  ...(jobId === undefined ? {} : { jobId }),
  ...(delay === undefined || Duration.isZero(delay) ? {} : { delay: Math.round(Duration.toMillis(delay)) }),
  ...(priority === undefined || priority === 0 ? {} : { priority }),
  ...(traceparent === null ? {} : { telemetry: { metadata: metadataOf(traceparent) } })
})

/** `JobProducer` on BullMQ. */
export const BullmqProducer: Layer.Layer<JobProducer, never, QueueBackend> = Layer.effect(
  JobProducer,
  Effect.gen(function*() {
    const { open } = yield* OpenQueues

    const addStored = Effect.fnUntraced(function*(queue: QueueName, jobs: ReadonlyArray<StoredJob>) {
      if (jobs.length === 0) return []
      const producer = yield* open(queue)
      const current = yield* currentTraceparent
      return yield* producer.addMany(jobs.map(({ data, ...options }) => ({ name: queue, data, opts: toJobsOptions(current, options) })))
    })

    return JobProducer.of({
      add: Effect.fn("JobProducer.add")(function*(queue, data, options = {}) {
        const producer = yield* open(queue)
        return yield* producer.add(queue, data, toJobsOptions(yield* currentTraceparent, options))
      }),
      addMany: Effect.fn("JobProducer.addMany")(addStored),
      addStored: Effect.fn("JobProducer.addStored")(addStored),
      alive: Effect.fn("JobProducer.alive")(function*(queue: QueueName, jobIds: ReadonlyArray<string>) {
        if (jobIds.length === 0) return new Set<string>()
        const producer = yield* open(queue)
        return new Set(yield* producer.alive(jobIds))
      }),
      incarnation: Effect.fn("JobProducer.incarnation")((queue: QueueName) => Effect.flatMap(open(queue), ({ incarnation }) => incarnation))
    })
  })
).pipe(Layer.provide(OpenQueues.layer))
