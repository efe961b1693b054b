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
  "ObjectStorage.<method>": "presignGet, download, put: the file from S3 or disk; receive, store: a mailed file on its way there; kind client for S3",
  "ReceivedFiles.check": "whether these are the bytes that were received",
  "Pipeline.readInvoice": "from the file to verified fields",
  "DocumentReader.read": "the child process that opens PDF, XML and pictures",
  "Vision.recognise": "text recognition",
  "RecognitionProvider.recognise": "a call to Google Vision, kind client",
  "InvoiceExtractor.extract": "fields from words",
  "chat <model>": "a call to OpenAI or a server that speaks its protocol, kind client (OpenTelemetry, \"Generative AI spans\")",
  "PaidStep.<step>": "a call that costs money, or the kept answer of an earlier one",
  "PaidCalls.<method>": "the record of such calls: look, reserve, answered, failed",
  "EmailSync.<step>": "a step of the email sync's program: open, work, mailbox, takeOverSettings",
  "Mailboxes.<method>": "the record of mailboxes: claim, renew, finish, release",
  "MailLedger.<method>": "the ledger of mails: openFolder, states, importMail, settle, marks, settleMark",
  "MailCredentials.<method>": "the login or token of a mailbox",
  "MailServers.connect": "connect and log in to a mailbox, kind client",
  "MailSession.<method>": "what is asked of the mailbox, kind client: open, list, look, start, reaching, flag, move",
  "MailPipeline.<step>": "a folder, a mail or an attachment on its way to an invoice",
  "Automation.<step>": "a step of the automation's program",
  "TimeSheets.<method>": "what an automation reads and writes",
  "Events.emit": "events for the tenant's subscribers, in the same transaction",
  "Webhooks.<method>": "the state of a subscription: warn, disable, recover",
  "AddressGuard.check": "whether the address may be called",
  "WebhookDeliveries.<method>": "a statement on the delivery",
  "WebhookDelivery.<step>": "a step of the delivery's program",
  "AutomationRuns.<method>": "the record of runs",
  "AutomationConfigs.<method>": "the tenant user's settings",
  "Schedules.<method>": "the record of scheduled runs: begin, finish, register",
  "SealedSecrets.<method>": "a sealed password is opened, or sealed",
  "PagePictures.first": "a picture of the first page, for a model that sees",
  "Holidays.dates": "public holidays",
  "Limits.enter": "a place in the provider's or endpoint's limits",
  "POST": "the request to the receiver, kind client (OpenTelemetry, \"HTTP spans\"); its context is the `traceparent` that goes along",
  "http.client <METHOD>": "another HTTP request, kind client",
  "sql.<operation>": "only with TRACE_SQL: a transaction; its statements have spans of kind client, named after the database"
} as const

const patterns = Object.keys(spans).map((known) => new RegExp(`^${known.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/<[^>]+>/g, ".+")}$`))
const known = new Map<string, boolean>()

/** Whether a span of this name is in the list; `<…>` stands for anything. Names are few, so that the answers are kept. */
export const isKnownSpan = (name: string): boolean => {
  const before = known.get(name)
  if (before !== undefined) return before
  const found = patterns.some((pattern) => pattern.test(name))
  known.set(name, found)
  return found
}
