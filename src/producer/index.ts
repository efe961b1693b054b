/**
 * What an API imports as `tt-worker/producer` to give the worker its jobs and events inside its own transactions. It
 * needs neither effect nor BullMQ, runs as CommonJS and as ES module, and only calls functions of the schema
 * `tt_worker`, which any other language can call as well. It changes by addition only.
 */
export { MAX_EVENT_BYTES, QUEUE_NAMES, RECOMMENDED_JOB_OPTIONS } from "../contract/index.ts"
export type {
  AutomationJobData,
  EmailSyncJobData,
  InvoiceProcessingJobData,
  JobDataByQueue,
  QueueName,
  WebhookDeliveryJobData
} from "../contract/index.ts"
export { emitEvent, type EmittedEvent, type EventToEmit } from "./emitEvent.ts"
export { enqueue, enqueueAutomation, enqueueEmailSync, enqueueInvoiceProcessing, type EnqueueOptions, enqueueWebhookDelivery } from "./enqueue.ts"
export { processAgain, type ProcessAgainAnswer, type InvoiceToProcess } from "./processAgain.ts"
export { ProducerError, type ProducerErrorCode } from "./ProducerError.ts"
export { fromKnex, fromPrisma, type KnexTransaction, type Parameter, type PrismaTransaction, type Transaction } from "./Transaction.ts"
export { validateJobData } from "./validateJobData.ts"
