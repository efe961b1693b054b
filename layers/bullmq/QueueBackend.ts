import { Context, type Effect, type Scope } from "effect"
import type { Job, JobsOptions } from "bullmq"
import type { QueueName } from "../../src/contract/index.ts"
import type { JobConsumerError } from "../../src/services/JobConsumer.ts"
import type { JobProducerError } from "../../src/services/JobProducer.ts"

/** Called by BullMQ for each job; what it resolves to or rejects with is what BullMQ does with the job. */
export type JobProcessor = (job: Job, token: string) => Promise<unknown>

export interface OpenWorker {
  /** Ids of jobs whose lock could not be renewed: they may be running elsewhere already. */
  readonly onLockLost: (listener: (jobIds: ReadonlyArray<string>) => void) => void
  readonly start: Effect.Effect<void>
  /** Begins to close: nothing is fetched from here on; resolves when the running jobs have been acknowledged. */
  readonly close: Effect.Effect<void>
}

export interface OpenQueue {
  readonly add: (jobName: string, data: unknown, options: JobsOptions) => Effect.Effect<string, JobProducerError>
  readonly addMany: (jobs: ReadonlyArray<{ readonly name: string; readonly data: unknown; readonly opts: JobsOptions }>) => Effect.Effect<ReadonlyArray<string>, JobProducerError>
  readonly alive: (jobIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, JobProducerError>
  readonly incarnation: Effect.Effect<string, JobProducerError>
}

/** The one difference between BullMQ on PostgreSQL and BullMQ on Redis: how its objects are opened. */
export class QueueBackend extends Context.Service<QueueBackend, {
  readonly openWorker: (queue: QueueName, concurrency: number, processor: JobProcessor) => Effect.Effect<OpenWorker, JobConsumerError, Scope.Scope>
  readonly openQueue: (queue: QueueName) => Effect.Effect<OpenQueue, JobProducerError, Scope.Scope>
}>()("tt-worker/layers/bullmq/QueueBackend") {}
