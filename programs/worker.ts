import { Effect } from "effect"
import type { Settings } from "../src/config/Settings.ts"
import type { QueueName } from "../src/contract/index.ts"
import type { DueRuns } from "../src/services/DueRuns.ts"
import type { JobProducer } from "../src/services/JobProducer.ts"
import type { LocalTask } from "../src/services/LocalTask.ts"
import type { Outbox } from "../src/services/Outbox.ts"
import type { Reconciliation } from "../src/services/Reconciliation.ts"
import type { RetentionStores } from "../src/services/RetentionStores.ts"
import type { ScheduleRegistration, Schedules } from "../src/services/Schedules.ts"
import { runAttempt } from "../src/supervisor/attempt.ts"
import type { ChildSpec } from "../src/supervisor/ChildSpec.ts"
import { permanentChild } from "../src/supervisor/Supervisor.ts"
import { InvoiceProcessing } from "./invoice-processing/InvoiceProcessing.ts"
import { tellOldWays } from "./moving-in/tellOldWays.ts"
import { relayOutbox } from "./outbox/relay.ts"
import { runReconciler } from "./reconciler/runReconciler.ts"
import { retentionSchedule, retentionTask } from "./retention/forgetOld.ts"
import { whenTablesFit } from "./shared-tables/whenTablesFit.ts"
import { runScheduler } from "./scheduler/Scheduler.ts"

/** All that runs in a worker: a line each. */

const mayStart = (queue: QueueName) => Effect.andThen(whenTablesFit(queue), tellOldWays(queue))

/** For each queue its program, and how many jobs of it run at once in this process. */
const consumers = ({ concurrency, queues, tenantConcurrency }: Settings) =>
  [
    { queue: InvoiceProcessing.queue, concurrency, tenantLimit: tenantConcurrency, handle: runAttempt(InvoiceProcessing), runnable: mayStart(InvoiceProcessing.queue) }
  ].filter(({ queue }) => queues.has(queue))

/** What schedules start by name, in one replica at a time. */
const tasks: ReadonlyArray<LocalTask<RetentionStores>> = [retentionTask]

/** The worker's own schedules; tenants' are registered by the programs that they start. */
const schedules: ReadonlyArray<ScheduleRegistration> = [retentionSchedule]

/** What keeps queues and tables in order beside the consumers; each catches up by itself after an outage or restart. `by` names this process. */
const upkeep = (by: string): ReadonlyArray<ChildSpec<never, DueRuns | Schedules | Outbox | Reconciliation | JobProducer | RetentionStores>> => [
  permanentChild("scheduler", Effect.succeed(runScheduler({ by, tasks, schedules }))),
  permanentChild("outbox-relay", Effect.succeed(relayOutbox)),
  permanentChild("reconciler", Effect.succeed(runReconciler))
]

/** Of the process of this name. */
export const parts = (settings: Settings, by: string) => ({ consumers: consumers(settings), upkeep: upkeep(by) })
