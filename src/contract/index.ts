/**
 * What API producers import as `tt-worker/contract`. No imports at all, so that a CommonJS API can `require`
 * it without installing effect. Names are fixed; this file changes by addition only.
 */

/** The four BullMQ queues. The queue name alone decides what runs: job names are free. */
export const QUEUE_NAMES = {
  INVOICE_PROCESSING: "invoice-processing",
  EMAIL_SYNC: "email-sync",
  AUTOMATION: "automation",
  WEBHOOK_DELIVERY: "webhook-delivery"
} as const

export type QueueName = (typeof QUEUE_NAMES)[keyof typeof QUEUE_NAMES]

/** OCR and extraction of one uploaded invoice. */
export interface InvoiceProcessingJobData {
  readonly invoiceId: string
  readonly tenantId: string
  /**
   * Set only when somebody asked on purpose to have a processed invoice read again: the number that
   * `tt_worker.request_invoice_reprocessing` returned. Without it a processed invoice stays as it is.
   */
  readonly generation?: number
}

/** Poll the tenant's mailboxes and import invoices. */
export interface EmailSyncJobData {
  readonly tenantId: string
}

/** Run what is due of one user's automations. */
export interface AutomationJobData {
  readonly tenantId: string
  readonly tenantUserId: string
  /** The id of one of them: that one is run now, whatever its schedule says. */
  readonly automation?: string
}

/** POST one event to one subscriber. */
export interface WebhookDeliveryJobData {
  readonly webhookId: string
  readonly webhookDeliveryId: string
  readonly tenantId: string
  readonly event: string
  readonly url: string
  readonly secret: string | null
  readonly payload: Record<string, unknown>
}

/** Job data by queue name. */
export interface JobDataByQueue {
  readonly "invoice-processing": InvoiceProcessingJobData
  readonly "email-sync": EmailSyncJobData
  readonly "automation": AutomationJobData
  readonly "webhook-delivery": WebhookDeliveryJobData
}

/**
 * BullMQ options that suit these jobs. A job that was added without `attempts` is given the same number of
 * attempts and the same back-off by the worker. Durations are milliseconds and seconds as BullMQ counts them.
 */
export const RECOMMENDED_JOB_OPTIONS = {
  attempts: 5,
  backoff: { type: "exponential", delay: 2_000, jitter: 0.5 },
  removeOnComplete: { age: 86_400, count: 1_000 },
  removeOnFail: { age: 1_209_600, count: 10_000 }
} as const

/** The largest payload of an event, in bytes of UTF-8: 256 KiB. */
export const MAX_EVENT_BYTES = 262_144
