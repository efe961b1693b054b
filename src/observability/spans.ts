/**
 * The spans of a piece of work, as they stand in a trace. A test holds the traces of the real program to this list; steps
 * are named after the service and method whose code they are.
 */
export const spans = {
  "process <queue>": "one attempt of a job, kind consumer; its parent is the producer's span, linked to the attempt before",
  "InvoiceProcessing.open": "load and claim the row",
  "InvoiceProcessing.work": "everything between claim and result",
  "InvoiceProcessing.giveUp": "status `error`, with the sentence for the admin",
  "InvoiceProcessing.noteRetry": "the last error and the next time, on the claim",
  "InvoiceProcessing.release": "the claim is let go, for another process",
  "InvoiceProcessing.refuse": "the row is closed without having been opened",
  "Tenants.features": "whether the tenant has invoices switched on",
  "Invoices.<method>": "a statement or transaction on the invoice: claim, renew, complete, fail, noteRetry, release, setAside",
  "JobClaims.<method>": "the record of who runs a job that was lost before",
  "JobOutbox.<method>": "what is enqueued in the same transaction",
  "ObjectStorage.<method>": "presignGet, download: the file from S3 or disk",
  "ReceivedFiles.check": "whether these are the bytes that were received",
  "Pipeline.readInvoice": "from the file to verified fields",
  "DocumentReader.read": "the child process that opens PDF, XML and pictures",
  "Vision.recognise": "text recognition",
  "InvoiceExtractor.extract": "fields from words",
  "PaidStep.<step>": "a call that costs money, or the kept answer of an earlier one",
  "PaidCalls.<method>": "the record of such calls: look, reserve, answered, failed",
  "EmailSync.<step>": "a step of the email sync's program: open, work, mailbox, takeOverSettings",
  "Mailboxes.<method>": "the record of mailboxes: claim, renew, finish, release",
  "MailLedger.<method>": "the ledger of mails: openFolder, states, importMail, settle",
  "MailCredentials.<method>": "the login or token of a mailbox",
  "MailServers.connect": "connect and log in to a mailbox",
  "MailSession.<method>": "what is asked of the mailbox: open, list, look, part, flag, move",
  "Automation.<step>": "a step of the automation's program",
  "TimeSheets.<method>": "what an automation reads and writes",
  "Events.emit": "events for the tenant's subscribers, in the same transaction",
  "Webhooks.<method>": "the state of a subscription: warn, disable, recover",
  "AddressGuard.check": "whether the address may be called",
  "WebhookDeliveries.<method>": "a statement on the delivery",
  "WebhookDelivery.<step>": "a step of the delivery's program",
  "AutomationRuns.<method>": "the record of runs",
  "AutomationConfigs.<method>": "the tenant user's settings",
  "Holidays.dates": "public holidays",
  "Limits.enter": "a place in the provider's or endpoint's limits",
  "http.client <METHOD>": "an HTTP request, kind client (OpenTelemetry, \"HTTP spans\")",
  "sql.<operation>": "only with TRACE_SQL: a transaction; its statements have spans of kind client, named after the database"
} as const

/** Whether a span of this name is in the list; `<…>` stands for anything. */
export const isKnownSpan = (name: string): boolean =>
  Object.keys(spans).some((known) => new RegExp(`^${known.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/<[^>]+>/g, ".+")}$`).test(name))
