import {
  type AutomationJobData,
  type EmailSyncJobData,
  type InvoiceProcessingJobData,
  type JobDataByQueue,
  QUEUE_NAMES,
  type QueueName,
  type WebhookDeliveryJobData
} from "../contract/index.ts"
import { ProducerError } from "./ProducerError.ts"
import { queryRow, textIn, type Transaction } from "./Transaction.ts"
import { validateJobData } from "./validateJobData.ts"

export interface EnqueueOptions {
  /** An id of your own, by which the same job is added once only, while it is kept; not an integer, no colon. */
  readonly jobId?: string
  /** Not before this many milliseconds from now. */
  readonly delayMs?: number
  /** W3C trace context (`00-…-…-01`): the job's span becomes part of your trace. */
  readonly traceparent?: string
}

/** The row has the secret; a job that waits in a queue, and is seen on its board, must not. */
const withoutSecret = (queue: QueueName, data: object): object => queue === QUEUE_NAMES.WEBHOOK_DELIVERY ? { ...data, secret: null } : data

/** Adds a job when the transaction commits. Resolves to the job's id. */
export const enqueue = async <Q extends QueueName>(
  tx: Transaction,
  queue: Q,
  data: JobDataByQueue[Q],
  { delayMs = 0, jobId, traceparent }: EnqueueOptions = {}
): Promise<string> => {
  const problems = validateJobData(queue, data)
  if (problems.length > 0) throw new ProducerError("job-data-invalid", `this ${queue} job cannot be enqueued: ${problems.join("; ")}`)
  if (!Number.isSafeInteger(delayMs) || delayMs < 0) throw new ProducerError("argument-invalid", "delayMs must be a whole number of milliseconds, 0 or more")
  const text = JSON.stringify(withoutSecret(queue, data))
  const row = await queryRow(
    tx,
    `SELECT tt_worker.enqueue_job($1::text, $2::text, $3::text, $4::text, $5::text::bigint, $6::text) AS "jobId"`,
    [queue, text, jobId ?? null, data.tenantId, String(delayMs), traceparent ?? null]
  )
  return textIn(row, "jobId")
}

/** Have an uploaded invoice read. Its row must be there when the transaction commits. */
export const enqueueInvoiceProcessing = (tx: Transaction, data: InvoiceProcessingJobData, options?: EnqueueOptions): Promise<string> =>
  enqueue(tx, QUEUE_NAMES.INVOICE_PROCESSING, data, options)

/** Have the tenant's mailboxes looked at now. */
export const enqueueEmailSync = (tx: Transaction, data: EmailSyncJobData, options?: EnqueueOptions): Promise<string> =>
  enqueue(tx, QUEUE_NAMES.EMAIL_SYNC, data, options)

/** Have what is due of a user's automations run now. */
export const enqueueAutomation = (tx: Transaction, data: AutomationJobData, options?: EnqueueOptions): Promise<string> =>
  enqueue(tx, QUEUE_NAMES.AUTOMATION, data, options)

/** For a delivery row that you have written yourself; `emitEvent` writes the row and adds the job. */
export const enqueueWebhookDelivery = (tx: Transaction, data: Omit<WebhookDeliveryJobData, "secret">, options?: EnqueueOptions): Promise<string> =>
  enqueue(tx, QUEUE_NAMES.WEBHOOK_DELIVERY, { ...data, secret: null }, options)
