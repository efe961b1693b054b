import type { Job, JobsOptions } from "bullmq"
import { Context, Effect, Layer, type SubscriptionRef } from "effect"
import { BullmqJobQueues } from "../../../layers/bullmq/BullmqJobQueue.ts"
import { BullmqProducer } from "../../../layers/bullmq/BullmqProducer.ts"
import type { QueueBackend } from "../../../layers/bullmq/QueueBackend.ts"
import { QUEUE_NAMES, type QueueName } from "../../../src/contract/index.ts"
import { Verdict } from "../../../src/domain/Verdict.ts"
import type { JobClaims } from "../../../src/services/JobClaims.ts"
import type { JobAttempt } from "../../../src/services/JobQueue.ts"
import { JobProducer } from "../../../src/services/JobProducer.ts"
import { type Controls, noControls } from "../../../src/services/QueueControls.ts"
import { ConsumerBoard } from "../../../src/supervisor/consumer/ConsumerBoard.ts"
import { LiveControls } from "../../../src/supervisor/consumer/LiveControls.ts"
import { startConsumer } from "../../../src/supervisor/consumer/QueueConsumer.ts"
import { Solitude } from "../../../src/supervisor/consumer/Solitude.ts"
import { carefreeClaims } from "../../support/jobClaims.ts"
import { consumerTold } from "../../support/consumerTold.ts"
import { until } from "../../support/until.ts"
import { QueueServer } from "./QueueServer.ts"

export const queueName = QUEUE_NAMES.INVOICE_PROCESSING
export const data = { invoiceId: "i", tenantId: "t" }

export const done = Verdict.Complete({ summary: { status: "processed" } })

/** A handler that gives these verdicts in turn (the last one for ever) and keeps the attempts that it saw. */
export const answering = (...verdicts: ReadonlyArray<Verdict>) => {
  const attempts: Array<JobAttempt & { readonly at: number }> = []
  return {
    attempts,
    handle: (attempt: JobAttempt) =>
      Effect.sync(() => {
        attempts.push({ ...attempt, at: Date.now() })
        return verdicts[attempts.length - 1] ?? verdicts[verdicts.length - 1] ?? done
      })
  }
}

export interface ConsumingRules {
  readonly tenantLimit?: number
  readonly controls?: SubscriptionRef.SubscriptionRef<Controls | null>
  /** Those of nobody who dies, unless a test says otherwise. */
  readonly claims?: Layer.Layer<JobClaims>
}

/** A consumer of this queue as the supervisor runs it, until the scope closes. */
export const consumeFrom = <R>(
  backend: Layer.Layer<QueueBackend>,
  queue: QueueName,
  handle: (attempt: JobAttempt) => Effect.Effect<Verdict, never, R>,
  concurrency: number,
  rules: ConsumingRules = {}
) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(Layer.fresh(Layer.mergeAll(
      Layer.provide(BullmqJobQueues, backend),
      ConsumerBoard.layer,
      rules.controls === undefined ? LiveControls.fixed(noControls) : Layer.succeed(LiveControls, rules.controls),
      Solitude.layer,
      rules.claims ?? carefreeClaims
    )))
    return yield* Effect.gen(function*() {
      const run = yield* startConsumer({ queue, concurrency, tenantLimit: rules.tenantLimit ?? null, handle })
      yield* Effect.forkScoped(run)
      const [consumer] = yield* (yield* ConsumerBoard).all
      if (consumer === undefined) return yield* Effect.die("no consumer has begun")
      return consumerTold(consumer)
    }).pipe(Effect.provide(context), Effect.orDie)
  })

/** One empty queue, with the worker's own consumer and producer for it, and BullMQ alone as an API uses it. */
export const makeWorkbench = Effect.gen(function*() {
  const server = yield* QueueServer
  const place = yield* server.newPlace
  const queue = yield* place.openQueue(queueName)
  const fresh = <A, E, R>(layer: Layer.Layer<A, E, R>) => Layer.build(Layer.fresh(layer))

  /** A consumer as the supervisor runs it; the handle of it, by which it is drained. */
  const subscribe = (
    handle: (attempt: JobAttempt) => Effect.Effect<Verdict>,
    concurrency = 4,
    rules: ConsumingRules = {}
  ) => consumeFrom(place.backend, queueName, handle, concurrency, rules)

  return {
    server,
    queue,
    subscribe,
    plainWorker: (concurrency: number, processor: () => Promise<void>) => place.plainWorker(queueName, concurrency, processor),
    flush: place.flush,
    stealLock: (jobId: string) => place.stealLock(queueName, jobId),
    producer: Effect.map(fresh(Layer.provide(BullmqProducer, place.backend)), Context.get(JobProducer)),
    add: (options: JobsOptions = {}, name = "process") => Effect.promise(() => queue.add(name, data, options)),
    /** What the server now knows of a job. */
    look: (job: Job) =>
      Effect.promise(async () => {
        const [state, stored] = [await queue.getJobState(job.id ?? ""), await queue.getJob(job.id ?? "")]
        return { state, job: stored }
      })
  }
})

export type Workbench = Effect.Success<typeof makeWorkbench>

/** Waits until the job has come to this state. */
export const untilState = (bench: Workbench, job: Job, state: string, limit?: number): Effect.Effect<Job> =>
  until(Effect.map(bench.look(job), (seen) => seen.state), (seen) => seen === state, limit).pipe(
    Effect.andThen(bench.look(job)),
    Effect.flatMap(({ job }) => job === undefined ? Effect.die("the job is gone") : Effect.succeed(job))
  )
