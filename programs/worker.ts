import { Effect, Layer } from "effect"
import type { Settings } from "../src/config/Settings.ts"
import type { QueueName } from "../src/contract/index.ts"
import type { AutomationConfigs } from "../src/services/AutomationConfigs.ts"
import type { DueRuns } from "../src/services/DueRuns.ts"
import type { JobOutbox } from "../src/services/JobOutbox.ts"
import type { JobProducer } from "../src/services/JobProducer.ts"
import type { LocalTask } from "../src/services/LocalTask.ts"
import type { MailRequests } from "../src/services/MailRequests.ts"
import type { Outbox } from "../src/services/Outbox.ts"
import type { Reconciliation } from "../src/services/Reconciliation.ts"
import type { OldQueues } from "../src/services/OldQueues.ts"
import type { RetentionStores } from "../src/services/RetentionStores.ts"
import type { ScheduleRegistration, Schedules } from "../src/services/Schedules.ts"
import type { TimeSheets } from "../src/services/TimeSheets.ts"
import type { SharedTables } from "../src/services/SharedTables.ts"
import { runAttempt } from "../src/supervisor/attempt.ts"
import type { ChildSpec } from "../src/supervisor/ChildSpec.ts"
import type { LiveControls } from "../src/supervisor/consumer/LiveControls.ts"
import { permanentChild } from "../src/supervisor/Supervisor.ts"
import type { ConsumerOptions } from "../src/supervisor/consumer/QueueConsumer.ts"
import { Automation, type AutomationServices } from "./automation/Automation.ts"
import { followConfigs } from "./automation/followConfigs.ts"
import { runRequestAnswerer } from "./email-sync/answerRequests.ts"
import { EmailSync, type EmailSyncServices } from "./email-sync/EmailSync.ts"
import { runSettingsFollower } from "./email-sync/followSettings.ts"
import { listenForMail } from "./email-sync/listenForMail.ts"
import { InvoiceProcessing, type InvoiceProcessingServices } from "./invoice-processing/InvoiceProcessing.ts"
import { publishStatus } from "./operations/publishStatus.ts"
import { pauseEveryQueue, untilResumed } from "./moving-in/startPaused.ts"
import { tellOldWays } from "./moving-in/tellOldWays.ts"
import { relayOutbox } from "./outbox/relay.ts"
import { runReconciler } from "./reconciler/runReconciler.ts"
import { retentionSchedule, retentionTask } from "./retention/forgetOld.ts"
import { whenTablesFit } from "./shared-tables/whenTablesFit.ts"
import { runScheduler } from "./scheduler/Scheduler.ts"
import { WebhookDelivery, type WebhookDeliveryServices } from "./webhook-delivery/WebhookDelivery.ts"

/** All that runs in a worker: a line each. */

const mayStart = (queue: QueueName) => Effect.andThen(whenTablesFit(queue), tellOldWays(queue))

type ProgramServices = InvoiceProcessingServices | EmailSyncServices | AutomationServices | WebhookDeliveryServices | SharedTables | OldQueues

/** For each queue its program, and how many jobs of it run at once in this process. */
const consumers = ({ automationConcurrency, concurrency, mail, queues, tenantConcurrency: tenantLimit, webhooks }: Settings): ReadonlyArray<ConsumerOptions<ProgramServices>> => {
  const all: ReadonlyArray<ConsumerOptions<ProgramServices>> = [
    { queue: InvoiceProcessing.queue, concurrency, tenantLimit, handle: runAttempt(InvoiceProcessing), runnable: mayStart(InvoiceProcessing.queue) },
    { queue: EmailSync.queue, concurrency: mail.concurrency, tenantLimit, handle: runAttempt(EmailSync), runnable: mayStart(EmailSync.queue) },
    { queue: Automation.queue, concurrency: automationConcurrency, tenantLimit, handle: runAttempt(Automation), runnable: mayStart(Automation.queue) },
    { queue: WebhookDelivery.queue, concurrency: webhooks.concurrency, tenantLimit, handle: runAttempt(WebhookDelivery), runnable: mayStart(WebhookDelivery.queue) }
  ]
  return all.filter(({ queue }) => queues.has(queue))
}

/** What schedules start by name, in one replica at a time. */
const tasks = ({ kept }: Settings): ReadonlyArray<LocalTask<RetentionStores>> => [retentionTask(kept)]

/** The worker's own schedules; tenants' are registered by the programs that they start. */
const schedules: ReadonlyArray<ScheduleRegistration> = [retentionSchedule]

type UpkeepNeeds =
  | DueRuns
  | Schedules
  | Outbox
  | Reconciliation
  | JobProducer
  | RetentionStores
  | AutomationConfigs
  | TimeSheets
  | JobOutbox
  | MailRequests
  | EmailSyncServices
  | LiveControls
  | Effect.Services<ReturnType<typeof publishStatus>>

/** What keeps queues and tables in order beside the consumers; each catches up by itself after an outage or restart. `by` names this process. */
const upkeep = (settings: Settings, by: string): ReadonlyArray<ChildSpec<never, UpkeepNeeds>> => {
  const { queues, startPaused } = settings
  /** After a restore it would enqueue, import and forget while somebody still looks at what there is. */
  const held = <E, R>(name: string, run: Effect.Effect<void, E, R>) =>
    permanentChild(name, Effect.succeed(startPaused ? Effect.andThen(untilResumed, run) : run))
  return [
    permanentChild("status", Effect.succeed(publishStatus([...queues]))),
    held("scheduler", runScheduler({ by, tasks: tasks(settings), schedules })),
    held("automation-configs", followConfigs),
    held("mail-settings", runSettingsFollower),
    held("mail-idle", listenForMail),
    held("mail-requests", runRequestAnswerer),
    held("outbox-relay", relayOutbox),
    held("reconciler", runReconciler)
  ]
}

/** What is done before any of it begins. */
export const first = ({ startPaused }: Settings) => startPaused ? Layer.effectDiscard(pauseEveryQueue) : Layer.empty

/** Of the process of this name. */
export const parts = (settings: Settings, by: string) => ({ consumers: consumers(settings), upkeep: upkeep(settings, by) })
