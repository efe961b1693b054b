import { Schema } from "effect"
import type {
  AutomationJobData,
  EmailSyncJobData,
  InvoiceProcessingJobData,
  QueueName,
  WebhookDeliveryJobData
} from "./index.ts"

/** Any id of the API's making; white space and control characters are somebody's mistake. */
const Id = Schema.String.check(
  Schema.makeFilter((text: string) => /^[^\s\p{Cc}]{1,200}$/u.test(text) ? undefined : "expected an id of 1 to 200 characters without spaces")
)

/** Each schema is held against its interface by the compiler: they cannot drift apart. */
export const InvoiceProcessingJob = Schema.Struct({
  invoiceId: Id,
  tenantId: Id,
  generation: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)))
}) satisfies Schema.Codec<InvoiceProcessingJobData, InvoiceProcessingJobData>

export const EmailSyncJob = Schema.Struct({
  tenantId: Id
}) satisfies Schema.Codec<EmailSyncJobData, EmailSyncJobData>

export const AutomationJob = Schema.Struct({
  tenantId: Id,
  tenantUserId: Id,
  automation: Schema.optionalKey(Id)
}) satisfies Schema.Codec<AutomationJobData, AutomationJobData>

export const WebhookDeliveryJob = Schema.Struct({
  webhookId: Id,
  webhookDeliveryId: Id,
  tenantId: Id,
  event: Schema.NonEmptyString,
  url: Schema.NonEmptyString,
  secret: Schema.NullOr(Schema.String),
  payload: Schema.Record(Schema.String, Schema.Unknown)
}) satisfies Schema.Codec<WebhookDeliveryJobData, WebhookDeliveryJobData>

/** The schema that decides whether job data is fit for its queue. */
export const jobSchemas = {
  "invoice-processing": InvoiceProcessingJob,
  "email-sync": EmailSyncJob,
  "automation": AutomationJob,
  "webhook-delivery": WebhookDeliveryJob
} satisfies Record<QueueName, Schema.Top>
