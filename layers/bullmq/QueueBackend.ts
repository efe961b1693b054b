import { Context, type Effect, type Scope } from "effect"
import type { JobsOptions, Queue } from "bullmq"
import type { QueueName } from "../../src/contract/index.ts"
import type { JobProducerError } from "../../src/services/JobProducer.ts"
import type { JobQueueError } from "../../src/services/JobQueue.ts"
import type { QueueStatistic } from "../../src/services/QueueStatistics.ts"
import type { OldWaysOf } from "./oldWays.ts"
import type { OpenedWorker } from "./TakingWorker.ts"
import type { TenantLine } from "./TenantLine.ts"
import type { TenantTraces } from "./tenantTraces.ts"

export interface OpenTaker {
  readonly worker: OpenedWorker
  readonly line: TenantLine
}

export interface OpenQueue {
  readonly add: (jobName: string, data: unknown, options: JobsOptions) => Effect.Effect<string, JobProducerError>
  readonly addMany: (jobs: ReadonlyArray<{ readonly name: string; readonly data: unknown; readonly opts: JobsOptions }>) => Effect.Effect<ReadonlyArray<string>, JobProducerError>
  readonly alive: (jobIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, JobProducerError>
  readonly incarnation: Effect.Effect<string, JobProducerError>
  /** BullMQ's own object, for the board. */
  readonly raw: object
  readonly statistic: Effect.Effect<Omit<QueueStatistic, "queue">, JobProducerError>
}

/** BullMQ's own queue, for commands of operators; nothing that a job causes comes here. */
export interface QueueForUpkeep {
  readonly plain: Pick<Queue, "getJobSchedulers" | "removeJobScheduler">
  readonly traces: TenantTraces
  readonly oldWays: OldWaysOf
}

/** The one difference between BullMQ on PostgreSQL and BullMQ on Redis: how its objects are opened, and who takes turns. */
export class QueueBackend extends Context.Service<QueueBackend, {
  /** Waits until the server lets us in. */
  readonly openTaker: (queue: QueueName) => Effect.Effect<OpenTaker, JobQueueError, Scope.Scope>
  readonly openQueue: (queue: QueueName) => Effect.Effect<OpenQueue, JobProducerError, Scope.Scope>
  readonly openForUpkeep: (queue: QueueName) => Effect.Effect<QueueForUpkeep, JobProducerError, Scope.Scope>
}>()("tt-worker/layers/bullmq/QueueBackend") {}
