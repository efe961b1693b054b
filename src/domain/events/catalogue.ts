import type { Schema } from "effect"
import { EntryApproved, EntryRejected } from "./apiEvents.ts"
import { EntryDraft, EntryMissing, EntryOpen, InvoiceReviewPending } from "./automationEvents.ts"
import { InvoiceError, InvoiceProcessed } from "./invoiceEvents.ts"
import { EmailSyncError, WebhookDisabled, WebhookFailing } from "./otherWorkerEvents.ts"

export interface CataloguedEvent {
  readonly by: "worker" | "API"
  /** When it is emitted, and how often. */
  readonly when: string
  /** The body that receivers get. */
  readonly schema: Schema.Decoder<unknown>
  readonly example: unknown
}

const tenantId = "cm8tenant0001"
const timestamp = "2026-03-29T09:41:12.345Z"
const invoice = { tenantId, invoiceId: "cm8invoice0042", generation: 1 }
const run = {
  tenantId,
  tenantUserId: "cm8user0005",
  automationId: "cm8automation0001",
  automationName: "Friday evening",
  occurrence: "2026-03-27T17:00:00.000Z",
  date: "2026-03-27"
}
const entries = [{ id: "cm8entry0099", startDate: "2026-03-27T07:30:00.000Z" }]
const health = { tenantId, webhookId: "cm8webhook0007", reason: "The address has answered with errors since March 24.", failingSince: "2026-03-24T09:41:12.345Z" }

/** Every event that a webhook can subscribe to as far as this project knows; docs/events.md is made from it. */
export const eventCatalogue: Readonly<Record<string, CataloguedEvent>> = {
  "invoice.processed": {
    by: "worker",
    when: "an invoice was read; once for each time that it was asked for",
    schema: InvoiceProcessed,
    example: {
      type: "invoice.processed",
      timestamp,
      data: {
        ...invoice,
        documentType: "invoice",
        supplierName: "Toitures Fictives Martin SARL",
        invoiceNumber: "F26-0312",
        invoiceDate: "2026-02-24",
        dueDate: null,
        currency: "EUR",
        amountHT: "9304.02",
        amountTVA: "1081.87",
        amountTTC: "10385.89",
        confidence: 0.912,
        needsReview: false,
        source: "ocr"
      }
    } satisfies InvoiceProcessed
  },
  "invoice.error": {
    by: "worker",
    when: "an invoice could not be read, for good; once for each time that it was asked for",
    schema: InvoiceError,
    example: {
      type: "invoice.error",
      timestamp,
      data: {
        ...invoice,
        errorCode: "file-damaged",
        errorMessage: "The file is damaged or incomplete and cannot be opened. Please upload the invoice again."
      }
    } satisfies InvoiceError
  },
  "email-sync.error": {
    by: "worker",
    when: "a mailbox went from working to not working, and trying again will not help",
    schema: EmailSyncError,
    example: {
      type: "email-sync.error",
      timestamp,
      data: { tenantId, mailboxId: "cm8mailbox0003", errorCode: "mailbox-password-refused", errorMessage: "The mailbox refuses the password. Please enter it again." }
    } satisfies typeof EmailSyncError.Type
  },
  "webhook.failing": {
    by: "worker",
    when: "a webhook has been failing and will be disabled if that goes on",
    schema: WebhookFailing,
    example: { type: "webhook.failing", timestamp, data: health } satisfies typeof WebhookFailing.Type
  },
  "webhook.disabled": {
    by: "worker",
    when: "the worker switched a webhook off; sent to the tenant's other webhooks",
    schema: WebhookDisabled,
    example: { type: "webhook.disabled", timestamp, data: { ...health, disabledAt: timestamp } } satisfies typeof WebhookDisabled.Type
  },
  "entry.missing": {
    by: "worker",
    when: "an automation found workdays without an entry",
    schema: EntryMissing,
    example: { type: "entry.missing", timestamp, data: { ...run, dates: ["2026-03-25", "2026-03-26"] } } satisfies typeof EntryMissing.Type
  },
  "entry.open": {
    by: "worker",
    when: "an automation found entries that have been running for long",
    schema: EntryOpen,
    example: { type: "entry.open", timestamp, data: { ...run, entries } } satisfies typeof EntryOpen.Type
  },
  "entry.draft": {
    by: "worker",
    when: "an automation found drafts that were not handed over",
    schema: EntryDraft,
    example: { type: "entry.draft", timestamp, data: { ...run, entries } } satisfies typeof EntryDraft.Type
  },
  "invoice.review-pending": {
    by: "worker",
    when: "an automation found invoices that wait for somebody to look at them",
    schema: InvoiceReviewPending,
    example: {
      type: "invoice.review-pending",
      timestamp,
      data: { ...run, count: 3, oldest: "2026-03-12T10:00:00.000Z", longerThanDays: 7 }
    } satisfies typeof InvoiceReviewPending.Type
  },
  "entry.approved": {
    by: "API",
    when: "a time entry was approved",
    schema: EntryApproved,
    example: { id: "cm8entry0099", tenantId, tenantUserId: "cm8user0005", status: "approved" }
  },
  "entry.rejected": {
    by: "API",
    when: "a time entry was rejected",
    schema: EntryRejected,
    example: { id: "cm8entry0099", tenantId, tenantUserId: "cm8user0005", status: "rejected" }
  }
}
