import { DateTime, Duration, Effect, Redacted } from "effect"
import type { TenantId } from "../../src/domain/ids.ts"
import { AutomationRuns } from "../../src/services/AutomationRuns.ts"
import { Events } from "../../src/services/Events.ts"
import { Invoices } from "../../src/services/Invoices.ts"
import { JobOutbox } from "../../src/services/JobOutbox.ts"
import { JobProducer } from "../../src/services/JobProducer.ts"
import { Mailboxes, SyncEnd } from "../../src/services/Mailboxes.ts"
import { MailLedger } from "../../src/services/MailLedger.ts"
import { PaidCalls } from "../../src/services/PaidCalls.ts"
import { ReceivedFiles } from "../../src/services/ReceivedFiles.ts"
import { RunOutcome, Schedules, ScheduleTarget } from "../../src/services/Schedules.ts"
import { SealedSecrets } from "../../src/services/SealedSecrets.ts"
import { StoredMailSecrets } from "../../src/services/StoredMailSecrets.ts"
import { TimeSheets } from "../../src/services/TimeSheets.ts"
import { Usage } from "../../src/services/Usage.ts"
import { WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"
import { engine } from "../support/paidCalls.ts"
import { day, someReading } from "../support/readings.ts"
import { type Firm, mailRecord, noLimits, place, type TwoTenants } from "./twoTenants.ts"

/** One call by which a firm tries to get at another's: with its own tenant's id, as its jobs have it, and an id of the other's. */
export interface Attempt {
  readonly method: string
  /** Where one method is tried with several ids. */
  readonly what?: string
  readonly tries: (mine: Firm, theirs: Firm) => Effect.Effect<unknown, unknown, TwoTenants>
  /** The answer, its tag, or the failure's code: what a tenant is told of an id that nobody has. */
  readonly answer: unknown
}

const claimOf = (mine: Firm, theirs: Firm) => ({ ...theirs.claim, tenantId: mine.tenantId })
const mailboxOf = (mine: Firm, theirs: Firm) => ({ ...theirs.mailbox, tenantId: mine.tenantId })
const deliveryOf = (mine: Firm, theirs: Firm) => ({ ...theirs.held, claim: { ...theirs.held.claim, tenantId: mine.tenantId } })
const runOf = (mine: Firm, theirs: Firm) => ({ ...theirs.run, tenantId: mine.tenantId })
const ids = (mine: Firm, theirs: Firm) => ({ tenantId: mine.tenantId, deliveryId: theirs.deliveryId })
const paidKey = (mine: Firm, theirs: Firm) => ({ claim: mine.claim, sha256: theirs.sha256, step: "extraction", engine, input: "pdf", canBeAskedAgain: true })
const lease = Duration.seconds(30)
const request = { generation: 1, jobId: "kilo-try", holder: "test", lease }
const note = { code: "c", sentence: "s" }
const at = DateTime.makeUnsafe("2026-11-25T10:00:00Z")
const sheetQuery = (projectId: string) => ({ from: day("2026-11-01"), to: day("2026-11-30"), timeZone: "Europe/Paris", projectIds: [projectId], invoices: [{ of: "user" as const, waitingLongerThanDays: 0 }], at })
const emptyPlan = { create: [], close: [], submit: [], events: [], note: null }
const nowhere = { answer: { _tag: "Answered" as const, status: 200 }, timings: { dns: null, connect: null, tls: null, firstByte: null, total: 1 }, address: null, requestHeaders: {}, responseHeaders: {}, excerpt: null, cut: false, retryAfter: null }

export const attempts: ReadonlyArray<Attempt> = [
  { method: "Invoices.claim", answer: "NotFound", tries: (mine, theirs) => Invoices.use((all) => all.claim(mine.tenantId, theirs.invoiceId, request)) },
  { method: "Invoices.renew", answer: "claim-lost", tries: (mine, theirs) => Invoices.use((all) => all.renew(claimOf(mine, theirs), lease)) },
  { method: "Invoices.complete", answer: "claim-lost", tries: (mine, theirs) => Invoices.use((all) => all.complete(claimOf(mine, theirs), someReading(), theirs.sha256)) },
  { method: "Invoices.fail", answer: "claim-lost", tries: (mine, theirs) => Invoices.use((all) => all.fail(claimOf(mine, theirs), note)) },
  { method: "Invoices.noteRetry", answer: "claim-lost", tries: (mine, theirs) => Invoices.use((all) => all.noteRetry(claimOf(mine, theirs), note, at)) },
  { method: "Invoices.release", answer: undefined, tries: (mine, theirs) => Invoices.use((all) => all.release(claimOf(mine, theirs))) },
  { method: "Invoices.setAside", answer: undefined, tries: (mine, theirs) => Invoices.use((all) => all.setAside(mine.tenantId, theirs.claim.invoiceId, "feature-off")) },
  { method: "Invoices.requestReprocessing", answer: "NotFound", tries: (mine, theirs) => Invoices.use((all) => all.requestReprocessing(mine.tenantId, theirs.invoiceId)) },
  { method: "Invoices.requestReprocessing", what: "asking the model again", answer: "NotFound", tries: (mine, theirs) => Invoices.use((all) => all.requestReprocessing(mine.tenantId, theirs.invoiceId, { askAgain: true })) },

  // Its own record under the other's key; what the other's file was is neither compared nor told.
  { method: "ReceivedFiles.check", answer: undefined, tries: (mine, theirs) => ReceivedFiles.use((all) => all.check(mine.tenantId, theirs.fileKey, { sha256: "other", bytes: 9 })) },

  { method: "Usage.invoice", answer: { calls: [], readers: [] }, tries: (mine, theirs) => Usage.use((all) => all.invoice(mine.tenantId, theirs.claim.invoiceId)) },
  { method: "PaidCalls.look", what: "content hash", answer: null, tries: (mine, theirs) => PaidCalls.use((all) => all.look(paidKey(mine, theirs))) },
  { method: "PaidCalls.begin", what: "content hash", answer: "Begun", tries: (mine, theirs) => PaidCalls.use((all) => all.begin({ ...paidKey(mine, theirs), reserve: 1, monthlyLimit: null })) },
  { method: "PaidCalls.answered", what: "the other's call", answer: undefined, tries: (mine, theirs) => PaidCalls.use((all) => all.answered({ ...paidKey(mine, theirs), claim: claimOf(mine, theirs), step: "repair" }, theirs.callId, { answer: "{}", isGood: true, usage: { pages: 0, inputTokens: 0, outputTokens: 0 }, cost: 1 })) },
  { method: "PaidCalls.failed", what: "the other's call", answer: undefined, tries: (mine, theirs) => PaidCalls.use((all) => all.failed({ ...paidKey(mine, theirs), claim: claimOf(mine, theirs), step: "repair" }, theirs.callId, { code: "c", mayBeBilled: false })) },
  { method: "PaidCalls.noteReader", answer: undefined, tries: (mine, theirs) => PaidCalls.use((all) => all.noteReader({ claim: claimOf(mine, theirs), sha256: theirs.sha256, step: "recognition" }, "other")) },

  {
    method: "WebhookDeliveries.claim",
    answer: "Gone",
    tries: (mine, theirs) =>
      WebhookDeliveries.use((all) =>
        all.claim({ data: { webhookId: mine.webhookId, webhookDeliveryId: theirs.deliveryId, tenantId: mine.tenantId, event: "invoice.processed", url: "https://x.example/", secret: null, payload: {} }, jobId: "kilo-try", lease }))
  },
  {
    method: "WebhookDeliveries.record",
    answer: "claim-lost",
    tries: (mine, theirs) =>
      WebhookDeliveries.use((all) => all.record(deliveryOf(mine, theirs), { outcome: "delivered", nextAfter: null, pauseEndpoint: null, exchange: nowhere, errorClass: null, errorMessage: null, traceId: null }))
  },
  { method: "WebhookDeliveries.putBack", answer: undefined, tries: (mine, theirs) => WebhookDeliveries.use((all) => all.putBack(deliveryOf(mine, theirs).claim, lease)) },
  { method: "WebhookDeliveries.markUnknown", answer: undefined, tries: (mine, theirs) => WebhookDeliveries.use((all) => all.markUnknown(deliveryOf(mine, theirs).claim, lease)) },
  { method: "WebhookDeliveries.close", answer: undefined, tries: (mine, theirs) => WebhookDeliveries.use((all) => all.close({ tenantId: mine.tenantId, deliveryId: theirs.held.claim.deliveryId }, { errorClass: "c", errorMessage: "m" })) },
  { method: "WebhookDeliveries.wakeNext", answer: undefined, tries: (mine, theirs) => WebhookDeliveries.use((all) => all.wakeNext(ids(mine, theirs))) },
  { method: "WebhookDeliveries.reopen", answer: undefined, tries: (mine, theirs) => WebhookDeliveries.use((all) => all.reopen(ids(mine, theirs), "kilo-try")) },
  {
    method: "WebhookDeliveries.replay",
    what: "delivery",
    answer: 0,
    tries: (mine, theirs) => WebhookDeliveries.use((all) => all.replay({ tenantId: mine.tenantId, webhookId: null, deliveryIds: [theirs.deliveryId], statuses: null, event: null, since: null, until: null }, { pace: { perSecond: 1, startAfter: Duration.zero }, limit: 10, dryRun: false }))
  },
  {
    method: "WebhookDeliveries.replay",
    what: "webhook",
    answer: 0,
    tries: (mine, theirs) => WebhookDeliveries.use((all) => all.replay({ tenantId: mine.tenantId, webhookId: theirs.webhookId, deliveryIds: null, statuses: null, event: null, since: null, until: null }, { pace: { perSecond: 1, startAfter: Duration.zero }, limit: 10, dryRun: false }))
  },
  { method: "Webhooks.disable", answer: undefined, tries: (mine, theirs) => Webhooks.use((all) => all.disable(mine.tenantId, theirs.webhookId, "hostile")) },
  { method: "Webhooks.warn", answer: undefined, tries: (mine, theirs) => Webhooks.use((all) => all.warn(mine.tenantId, theirs.webhookId)) },
  { method: "Webhooks.recover", answer: undefined, tries: (mine, theirs) => Webhooks.use((all) => all.recover(mine.tenantId, theirs.webhookId)) },

  // The same idempotency key makes an event of its own, to its own webhooks.
  {
    method: "Events.emit",
    what: "idempotency key",
    answer: true,
    tries: (mine, theirs) =>
      Effect.gen(function*() {
        const events = yield* Events
        const emit = (tenantId: TenantId) => events.emit(tenantId, "test.nobody", { a: 1 }, `invoice:${theirs.invoiceId}`)
        return (yield* emit(mine.tenantId)).eventId !== (yield* emit(theirs.tenantId)).eventId
      })
  },

  { method: "Mailboxes.claim", answer: "Unknown", tries: (mine, theirs) => Mailboxes.use((all) => all.claim(mine.tenantId, theirs.mailbox.mailboxId, request)) },
  { method: "Mailboxes.renew", answer: "claim-lost", tries: (mine, theirs) => Mailboxes.use((all) => all.renew(mailboxOf(mine, theirs), lease)) },
  { method: "Mailboxes.finish", answer: "claim-lost", tries: (mine, theirs) => Mailboxes.use((all) => all.finish(mailboxOf(mine, theirs), SyncEnd.Synced({ note: "hostile", complete: true }))) },
  { method: "Mailboxes.finish", what: "failed", answer: "claim-lost", tries: (mine, theirs) => Mailboxes.use((all) => all.finish(mailboxOf(mine, theirs), SyncEnd.Failed({ code: "c", sentence: "s", pause: null, login: "paused", lasting: true }))) },
  { method: "Mailboxes.release", answer: undefined, tries: (mine, theirs) => Mailboxes.use((all) => all.release(mailboxOf(mine, theirs))) },
  { method: "Mailboxes.keepRefreshToken", answer: "claim-lost", tries: (mine, theirs) => Mailboxes.use((all) => all.keepRefreshToken(mailboxOf(mine, theirs), Redacted.make("stolen"), "x")) },
  { method: "MailLedger.openFolder", answer: "claim-lost", tries: (mine, theirs) => MailLedger.use((all) => all.openFolder(mailboxOf(mine, theirs), place, { uidNext: 1, lookBack: lease })) },
  { method: "MailLedger.states", answer: { settled: 0, failed: 0, again: 0 }, tries: (mine, theirs) => MailLedger.use((all) => Effect.map(all.states(mailboxOf(mine, theirs), place, 1), ({ again, failed, settled }) => ({ settled: settled.size, failed: failed.size, again: again.size }))) },
  { method: "MailLedger.settle", answer: "claim-lost", tries: (mine, theirs) => MailLedger.use((all) => all.settle(mailboxOf(mine, theirs), place, [{ mail: mailRecord(1), state: "nothing", reasonCode: "r", reason: "", attempts: 0, nextTry: null, skipped: [] }], 9)) },
  { method: "MailLedger.importMail", answer: "claim-lost", tries: (mine, theirs) => MailLedger.use((all) => all.importMail(mailboxOf(mine, theirs), place, { mail: mailRecord(2), attachments: [], skipped: [], limits: noLimits, isMarked: false }, 3)) },
  { method: "MailLedger.marks", answer: 0, tries: (mine, theirs) => MailLedger.use((all) => Effect.map(all.marks(mailboxOf(mine, theirs), place), ({ length }) => length)) },
  { method: "MailLedger.settleMark", answer: "claim-lost", tries: (mine, theirs) => MailLedger.use((all) => all.settleMark(mailboxOf(mine, theirs), place, 2, true)) },
  { method: "MailLedger.known", what: "content hash", answer: 0, tries: (mine, theirs) => MailLedger.use((all) => Effect.map(all.known(mine.tenantId, [`${theirs.tenantId}ma1l`, theirs.sha256]), ({ size }) => size)) },
  { method: "MailLedger.askAgain", answer: false, tries: (mine, theirs) => MailLedger.use((all) => all.askAgain(mine.tenantId, theirs.mailbox.mailboxId, place, 1)) },
  { method: "StoredMailSecrets.replaceToken", answer: false, tries: (mine, theirs) => StoredMailSecrets.use((all) => all.replaceToken(mine.tenantId, theirs.mailbox.mailboxId, Redacted.make("zeta-token"), Redacted.make("stolen"))) },
  // A ciphertext that was copied into another tenant's settings does not open there.
  {
    method: "SealedSecrets.open",
    what: "the other's ciphertext",
    answer: "damaged",
    tries: (mine, theirs) =>
      Effect.gen(function*() {
        const secrets = yield* SealedSecrets
        const sealed = yield* secrets.seal(Redacted.make("password"), { tenantId: theirs.tenantId, mailboxId: "m" })
        return yield* secrets.open(sealed, { tenantId: mine.tenantId, mailboxId: "m" }).pipe(Effect.as("opened"), Effect.catch(({ reason }) => Effect.succeed(reason)))
      })
  },

  { method: "AutomationRuns.user", answer: null, tries: (mine, theirs) => AutomationRuns.use((all) => all.user(mine.tenantId, theirs.userId)) },
  {
    method: "AutomationRuns.once",
    what: "the other's run and entry",
    answer: { outcome: "done", note: null, entries: 0, events: 0 },
    tries: (mine, theirs) =>
      Effect.gen(function*() {
        const [runs, sheets] = [yield* AutomationRuns, yield* TimeSheets]
        const run = runOf(mine, theirs)
        return yield* runs.once(run, { jobId: "kilo-try", held: null }, Effect.map(
          sheets.write(run, { ...emptyPlan, close: [{ entryId: theirs.entryId, status: "pending", end: 0 }], submit: [{ entryId: theirs.entryId, status: "approved" }] }),
          (entries) => ({ outcome: "done" as const, note: null, entries, events: 0 })
        ))
      })
  },
  { method: "AutomationRuns.fail", answer: undefined, tries: (mine, theirs) => AutomationRuns.use((all) => all.fail(runOf(mine, theirs), { jobId: "kilo-try", held: null }, "hostile", true)) },
  { method: "AutomationRuns.due", answer: { runs: [], schedules: [] }, tries: (mine, theirs) => AutomationRuns.use((all) => Effect.map(all.due(mine.tenantId, theirs.userId), ({ runs, schedules }) => ({ runs, schedules }))) },
  {
    method: "TimeSheets.read",
    what: "user and project",
    answer: { entries: [], absences: [], exportedUntil: null, projects: 0, waiting: [0] },
    tries: (mine, theirs) =>
      TimeSheets.use((all) =>
        Effect.map(all.read(mine.tenantId, theirs.userId, sheetQuery(theirs.projectId)), ({ absences, entries, exportedUntil, invoices, projects }) =>
          ({ entries, absences, exportedUntil, projects: projects.size, waiting: invoices.map(({ waiting }) => waiting) })))
  },
  { method: "TimeSheets.write", what: "entry", answer: 0, tries: (mine, theirs) => TimeSheets.use((all) => all.write({ ...runOf(mine, theirs), tenantUserId: mine.userId }, { ...emptyPlan, close: [{ entryId: theirs.entryId, status: "pending", end: 0 }] })) },
  { method: "TimeSheets.undo", answer: { runs: 0, entries: 0, kept: 0 }, tries: (mine, theirs) => TimeSheets.use((all) => all.undo(mine.tenantId, theirs.userId, "clock-out-2", null)) },
  { method: "TimeSheets.undo", what: "the other's run", answer: 0, tries: (mine, theirs) => TimeSheets.use((all) => Effect.map(all.undo(mine.tenantId, theirs.userId, theirs.run.automationId, theirs.run.occurrence), ({ entries }) => entries)) },

  {
    method: "Schedules.register",
    what: "the other's key",
    answer: "schedule-foreign",
    tries: (mine, theirs) =>
      Schedules.use((all) => all.register([{ kind: "email-sync", key: theirs.scheduleKey, tenantId: mine.tenantId, target: ScheduleTarget.Job({ queue: "email-sync", data: { tenantId: mine.tenantId } }), spec: { type: "interval", everySeconds: 60, spread: false }, catchUp: "skip", enabled: false }]))
  },
  { method: "Schedules.remove", answer: 0, tries: (mine, theirs) => Schedules.use((all) => all.remove(mine.tenantId, { kind: "email-sync", key: theirs.scheduleKey })) },
  { method: "Schedules.begin", answer: "unknown", tries: (mine, theirs) => Schedules.use((all) => all.begin(mine.tenantId, theirs.scheduledRun, "kilo-try", lease)) },
  { method: "Schedules.finish", answer: false, tries: (mine, theirs) => Schedules.use((all) => all.finish(mine.tenantId, theirs.scheduledRun, "kilo-try", RunOutcome.Done())) },

  // While the other's job is there, the same id adds nothing and changes nothing.
  { method: "JobProducer.add", what: "job id", answer: true, tries: (mine, theirs) => JobProducer.use((all) => Effect.map(all.add("invoice-processing", { tenantId: mine.tenantId, invoiceId: mine.invoiceId }, { jobId: theirs.jobId }), (id) => id === theirs.jobId)) },
  { method: "JobProducer.addMany", what: "job id", answer: 1, tries: (mine, theirs) => JobProducer.use((all) => Effect.map(all.addMany("invoice-processing", [{ data: { tenantId: mine.tenantId, invoiceId: mine.invoiceId }, jobId: theirs.jobId }]), (all) => all.length)) },
  { method: "JobProducer.addStored", what: "job id", answer: 1, tries: (mine, theirs) => JobProducer.use((all) => Effect.map(all.addStored("invoice-processing", [{ data: { tenantId: mine.tenantId }, jobId: theirs.jobId }]), (all) => all.length)) },
  { method: "JobOutbox.enqueue", what: "job id", answer: true, tries: (mine, theirs) => JobOutbox.use((all) => Effect.map(all.enqueue("invoice-processing", { tenantId: mine.tenantId, invoiceId: mine.invoiceId }, { jobId: theirs.jobId }), (id) => id === theirs.jobId)) },
  { method: "JobOutbox.enqueueMany", what: "job id", answer: 1, tries: (mine, theirs) => JobOutbox.use((all) => Effect.map(all.enqueueMany("invoice-processing", [{ data: { tenantId: mine.tenantId, invoiceId: mine.invoiceId }, jobId: theirs.jobId }]), (ids) => ids.length)) }
]

const reasons = {
  tenant: "is given a tenant's id and nothing beside it; whose it is comes from the job's data",
  sweep: "a round of the worker's own over all tenants; gives ids or numbers (layers/postgres/sweeps.ts)",
  operator: "an operator's command or view over all tenants, behind the operators' tokens and on record",
  process: "about this process alone",
  server: "about a server or a table, not about anybody's rows",
  document: "is given bytes and gives what is in them; keeps nothing",
  outside: "speaks to the outside with what it is given; keeps nothing of a tenant beyond the call",
  key: "by a key that the program makes of tenant and webhook, mailbox or provider (keys.test.ts)",
  row: "a storage key is the row's own: no job's data, command or request names one (jobs.test.ts)",
  taken: "on jobs that this process has taken, by the lock that it holds",
  erasure: "erases by the tenant's id alone; its own tests try it beside another tenant (test/src/erasure)",
  demo: "the demo's own tenant"
} as const

const spare = (reason: keyof typeof reasons, ...methods: ReadonlyArray<string>) => Object.fromEntries(methods.map((method) => [method, reasons[reason]]))

/** Methods by which no tenant can reach for another's, and why. */
export const sparedMethods: Readonly<Record<string, string>> = {
  ...spare("tenant", "Tenants.features", "Mailboxes.accounts", "Mailboxes.takeOver", "StoredMailSecrets.read", "StoredMailSecrets.replaceSettings", "Schedules.list", "MailCredentials.login", "MailCredentials.forget", "SealedSecrets.seal"),
  ...spare("sweep", "AutomationConfigs.changed", "AutomationConfigs.compare", "AutomationConfigs.apply", "DueRuns.enqueueDue", "DueRuns.untilNext", "DueRuns.takeTasks", "DueRuns.changed", "DueRuns.open", "DueRuns.enqueueAgain", "DueRuns.recordAlive", "Mailboxes.changed", "Mailboxes.idle", "MailRequests.take", "MailRequests.answer", "Outbox.listen", "Outbox.takeBatch", "Reconciliation.sources", "Reconciliation.noteIncarnation", "Reconciliation.alone", "ReconciliationSource.name", "ReconciliationSource.queue", "ReconciliationSource.candidates", "ReconciliationSource.record", "ReconciliationSource.recordAlive", "RetentionStores.all", "RetentionStore.name", "RetentionStore.forget", "QueueStatistics.of", "StoredMailSecrets.tenants", "JobProducer.alive", "JobProducer.incarnation", "JobOutbox.announceBackend"),
  ...spare("operator", "Leftovers.withoutRow", "Leftovers.unnamedFiles", "StoredFiles.list", "OutsideTroubles.endpoints", "OutsideTroubles.mailboxes", "JobInspector.unfinished", "JobBoard.changeOf", "JobBoard.answer", "JobInspector.failed", "JobInspector.show", "JobInspector.retry", "QueueControls.read", "QueueControls.change", "QueueControls.note", "QueueControls.history", "Usage.month", "OldQueues.look", "OldQueues.takeOverPause", "OldQueues.removeRepeat"),
  ...spare("process", "ProcessRegistry.id", "ProcessRegistry.beat", "ProcessRegistry.leave", "ProcessStatuses.publish", "ProcessStatuses.all", "RunningWork.jobs", "RunningWork.watch", "RunningWork.note", "RunningWork.troubles"),
  ...spare("server", "DatabaseServer.address", "DatabaseServer.migrations", "DatabaseServer.joined", "DatabaseServer.published", "DatabaseServer.publish", "DatabaseServer.died", "SchemaOwner.url", "SchemaOwner.run", "SharedTables.misfits", "TimeSheets.lacks", "SealedSecrets.isStale", "JobQueues.open"),
  ...spare("document", "DocumentReader.read", "PagePictures.first", "Vision.recognise", "InvoiceExtractor.extract", "ExtractionModel.engine", "ExtractionModel.mostUsed", "ExtractionModel.ask", "RecognitionProvider.engine", "RecognitionProvider.pagesPerCall", "RecognitionProvider.recognise", "Holidays.dates"),
  ...spare("outside", "ObjectStorage.receive", "AddressGuard.check", "MailServers.connect", "WebhookSender.send"),
  ...spare("key", "Breaker.withBreaker", "Breaker.state", "Limits.withLimits", "PermitStore.take", "PermitStore.held"),
  ...spare("row", "ObjectStorage.presignGet", "ObjectStorage.download", "ObjectStorage.put", "ObjectStorage.head"),
  ...spare("taken", "JobClaims.holder", "JobClaims.recorded", "JobClaims.begin", "JobClaims.runsAlone", "JobClaims.end", "JobClaims.putBack", "JobQueue.lockDuration", "JobQueue.take", "JobQueue.awaitWork", "JobQueue.renew", "JobQueue.acknowledge", "JobQueue.recoverStalled", "JobQueue.counts"),
  ...spare("erasure", "TenantRows.count", "TenantRows.stop", "TenantRows.invoices", "TenantRows.removeInvoices", "TenantRows.strayFiles", "TenantRows.finish", "TenantJobs.count", "TenantJobs.erase", "FileErasure.erase", "FileErasure.under", "FileErasure.tidy"),
  ...spare("demo", "DemoApi.openTenant", "DemoApi.newInvoiceId", "DemoApi.upload", "DemoApi.subscribe", "DemoApi.list", "DemoReceiver.url", "DemoReceiver.secret", "DemoReceiver.received")
}
