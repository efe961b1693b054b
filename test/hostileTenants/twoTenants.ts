import { Context, DateTime, Duration, Effect, Layer, Logger, Redacted, Ref } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SqlClient from "effect/sql/SqlClient"
import * as Queues from "../../layers/bullmq/Queues.ts"
import { DateHolidays } from "../../layers/holidays/DateHolidays.ts"
import * as SharedLimits from "../../layers/limits/SharedLimits.ts"
import * as PostgresLimitStores from "../../layers/postgres/limits/PostgresLimitStores.ts"
import * as Tables from "../../layers/postgres/Tables.ts"
import * as AesSealedSecrets from "../../layers/secrets/AesSealedSecrets.ts"
import { AutomationId } from "../../src/domain/automation/Automation.ts"
import { InvoiceId, StorageKey, TenantId, WebhookDeliveryId, WebhookId } from "../../src/domain/ids.ts"
import { defaultRetention } from "../../src/domain/limits.ts"
import type { ScheduledRun } from "../../src/domain/ScheduledRun.ts"
import { AutomationRuns, type RunKey } from "../../src/services/AutomationRuns.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"
import { type InvoiceClaim, Invoices } from "../../src/services/Invoices.ts"
import { JobClaims } from "../../src/services/JobClaims.ts"
import { JobProducer } from "../../src/services/JobProducer.ts"
import { type MailboxClaim, Mailboxes } from "../../src/services/Mailboxes.ts"
import { MailLedger } from "../../src/services/MailLedger.ts"
import { ObjectStorage, StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"
import { PaidCalls } from "../../src/services/PaidCalls.ts"
import { ReceivedFiles } from "../../src/services/ReceivedFiles.ts"
import { Schedules, ScheduleTarget } from "../../src/services/Schedules.ts"
import { TimeSheets } from "../../src/services/TimeSheets.ts"
import { type ClaimedDelivery, WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import { databaseAt } from "../support/invoiceTables.ts"
import { mailboxFrom } from "../support/mailTables.ts"
import { testKey } from "../support/mailServices.ts"
import { OwnPostgres } from "../support/ownPostgres.ts"
import { engine } from "../support/paidCalls.ts"

/** Two firms that know each other's ids. Every id of a firm begins with its name, so that its rows are found. */
export const kilo = TenantId.make("kilo")
export const zeta = TenantId.make("zeta")

export const place = { folder: "INBOX", uidValidity: 7n }
export const mailRecord = (uid: number) => ({ uid, messageId: `<${uid}>`, sender: "a@firm.example", subject: "Facture", sentAt: null, receivedAt: null, size: 10 })
export const noLimits = { mailboxImports: 1_000, mailboxBytes: 1e12, tenantImports: 1_000, tenantBytes: 1e12 }
export const clockOut = {
  id: "clock-out",
  name: "Clock out",
  schedule: { cron: "0 22 * * *", timeZone: "Europe/Paris" },
  do: { type: "close-open-entry", at: "18:00", openLongerThanMinutes: 60 }
}

/** What one firm has, by its ids and by the claims that its own jobs hold. */
export interface Firm {
  readonly tenantId: TenantId
  readonly userId: string
  readonly projectId: string
  readonly entryId: string
  /** Read and processed. */
  readonly invoiceId: InvoiceId
  /** Another one, that a job is at. */
  readonly claim: InvoiceClaim
  readonly fileKey: StorageKey
  readonly sha256: string
  readonly webhookId: WebhookId
  /** Delivered. */
  readonly deliveryId: WebhookDeliveryId
  /** Another one, that a job is at. */
  readonly held: ClaimedDelivery
  readonly mailbox: MailboxClaim
  readonly run: RunKey
  readonly callId: string
  readonly jobId: string
  readonly scheduleKey: string
  /** Enqueued, not begun. */
  readonly scheduledRun: ScheduledRun
}

/** What was asked of the storage, by key. */
export class StorageReads extends Context.Service<StorageReads, Ref.Ref<ReadonlyArray<string>>>()("test/StorageReads") {}

const countingStorage = Layer.effectContext(Effect.gen(function*() {
  const reads = yield* Ref.make<ReadonlyArray<string>>([])
  const note = (key: StorageKey) => Ref.update(reads, (all) => [...all, key])
  const storage = ObjectStorage.of({
    presignGet: (key) => Effect.as(note(key), Redacted.make("http://127.0.0.1:9/")),
    download: (key) => Effect.andThen(note(key), Effect.fail(new StorageError({ key, reason: StorageReason.NotFound(), detail: "no such file" }))),
    put: note,
    receive: () => Effect.die(new Error("nothing is received here")),
    head: (key) => Effect.as(note(key), { size: 1, contentType: null })
  })
  return Context.make(StorageReads, reads).pipe(Context.add(ObjectStorage, storage))
}))

const tablesAndQueues = Layer.unwrap(OwnPostgres.use(({ makeDatabase }) => Effect.map(makeDatabase, (url) =>
  SharedLimits.layer.pipe(
    Layer.provide(PostgresLimitStores.layer),
    Layer.provideMerge(Queues.layer({ queue: { _tag: "postgres" }, retention: defaultRetention, migrate: true, waits: false })),
    Layer.provideMerge(Tables.layer({ migrate: true, waits: false, processName: "test" })),
    Layer.provideMerge(DatabaseServer.external(databaseAt(url)))
  )))).pipe(Layer.provide(OwnPostgres.layer))

/** The worker's own services on real tables and queues; the storage only counts who asks for what. */
export const twoTenants = Layer.mergeAll(tablesAndQueues, countingStorage, DateHolidays, Digest.layerWebCrypto, AesSealedSecrets.layer([testKey("k1")]), Logger.layer([])).pipe(Layer.orDie)
export type TwoTenants = Layer.Success<typeof twoTenants>

const lease = Duration.hours(1)
const mustBe = <A extends { readonly _tag: string }, T extends A["_tag"]>(answer: A, tag: T) => {
  const is = (one: A): one is Extract<A, { readonly _tag: T }> => one._tag === tag
  return is(answer) ? Effect.succeed(answer) : Effect.die(new Error(`expected ${tag}, got ${answer._tag}`))
}

/** Everything that a firm may have, made by the worker's own services where they make it. */
export const newFirm = Effect.fn("test.newFirm")(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  const id = (what: string) => `${tenantId}-${what}`
  const mailboxEntry = { id: id("mailbox"), email: `${tenantId}@firm.example`, host: "imap.firm.example", password: "secret" }
  const fileKey = StorageKey.make(`${tenantId}/2026/11/${id("file")}`)
  const sha256 = `${tenantId}5ha`

  yield* sql`INSERT INTO tenants (id, name, features, "emailSettings") VALUES (${tenantId}, 'Firm', '{"invoices": true, "punchClock": true}', ${JSON.stringify([mailboxEntry])}::text::jsonb)`
  yield* sql`INSERT INTO tenant_users (id, "tenantId", name, automations) VALUES (${id("user")}, ${tenantId}, 'Ada', ${JSON.stringify([clockOut])}::text::jsonb)`
  yield* sql`INSERT INTO projects (id, "tenantId", name) VALUES (${id("project")}, ${tenantId}, 'Roof')`
  yield* sql`INSERT INTO entries (id, "tenantId", "tenantUserId", "projectId", "startDate") VALUES (${id("entry")}, ${tenantId}, ${id("user")}, ${id("project")}, '2026-11-20 08:00')`
  yield* sql`INSERT INTO absences (id, "tenantId", "tenantUserId", "startDate", "endDate") VALUES (${id("absence")}, ${tenantId}, ${id("user")}, '2026-11-02', '2026-11-03')`
  yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${id("webhook")}, ${tenantId}, 'https://hooks.firm.example/', '{invoice.processed}')`
  yield* sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event, status, "finishedAt", "eventId")
    VALUES (${id("delivery")}, ${id("webhook")}, ${tenantId}, 'invoice.processed', 'delivered', now(), ${id("event")})`
  yield* sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event) VALUES (${id("delivery2")}, ${id("webhook")}, ${tenantId}, 'invoice.processed')`
  yield* sql`INSERT INTO tt_worker.webhook_health ("tenantId", "webhookId", "failingSince", failures) VALUES (${tenantId}, ${id("webhook")}, now(), 3)`
  yield* sql`INSERT INTO tt_worker.delivery_reconciliation ("tenantId", "deliveryId") VALUES (${tenantId}, ${id("delivery2")})`
  yield* sql`INSERT INTO tt_worker.mail_requests ("tenantId", kind, "mailboxId", "answeredAt") VALUES (${tenantId}, 'dry-run', ${id("mailbox")}, now())`
  for (const invoice of [id("invoice"), id("invoice2")]) {
    yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", status) VALUES (${invoice}, ${tenantId}, ${invoice === id("invoice") ? fileKey : `${fileKey}2`}, ${invoice === id("invoice") ? "processed" : "nouveau"})`
  }
  yield* sql`INSERT INTO tt_worker.invoice_claims ("tenantId", "invoiceId", sha256, "processedGeneration") VALUES (${tenantId}, ${id("invoice")}, ${sha256}, 1)`

  const invoices = yield* Invoices
  const { invoice: { claim } } = yield* mustBe(yield* invoices.claim(tenantId, InvoiceId.make(id("invoice2")), { generation: 1, jobId: id("job2"), holder: "test", lease }), "Claimed")
  const received = yield* ReceivedFiles
  yield* received.check(tenantId, fileKey, { sha256, bytes: 3 })
  const calls = yield* PaidCalls
  const key = { claim, sha256, step: "extraction", engine, input: "pdf", canBeAskedAgain: true }
  const { callId: answered } = yield* mustBe(yield* calls.begin({ ...key, reserve: 10, monthlyLimit: null }), "Begun")
  yield* calls.answered(key, answered, { answer: `{"of":"${tenantId}"}`, isGood: true, usage: { pages: 1, inputTokens: 1, outputTokens: 1 }, cost: 5 })
  yield* calls.noteReader({ claim, sha256, step: "recognition" }, "tesseract")
  const { callId } = yield* mustBe(yield* calls.begin({ ...key, step: "repair", reserve: 10, monthlyLimit: null }), "Begun")

  const deliveries = yield* WebhookDeliveries
  const data = { webhookId: id("webhook"), webhookDeliveryId: id("delivery2"), tenantId, event: "invoice.processed", url: "https://x.example/", secret: null, payload: {} }
  const { delivery: held } = yield* mustBe(yield* deliveries.claim({ data, jobId: id("job3"), lease }), "Claimed")

  const mailboxes = yield* Mailboxes
  const box = mailboxFrom(mailboxEntry)
  yield* mailboxes.takeOver(tenantId, { raw: Redacted.make([mailboxEntry]), mailboxes: [box], notTakenOver: [] }, new Map([[box.id, "digest"]]))
  const { claim: mailbox } = yield* mustBe(yield* mailboxes.claim(tenantId, box.id, { jobId: id("job4"), holder: "test", lease }), "Claimed")
  const ledger = yield* MailLedger
  yield* ledger.openFolder(mailbox, place, { uidNext: 5, lookBack: Duration.days(30) })
  const attachment = { name: "f.pdf", contentType: "application/pdf", size: 3, sha256: `${tenantId}ma1l`, invoiceId: InvoiceId.make(id("mailed")), generation: 1, key: StorageKey.make(`${tenantId}/2026/11/${id("mailed")}`) }
  yield* ledger.importMail(mailbox, place, { mail: mailRecord(1), attachments: [attachment], skipped: [], limits: noLimits, isMarked: true }, 2)
  yield* sql`UPDATE tt_worker.mailboxes SET "refreshToken" = ${id("token")}, "refreshTokenFor" = 'x' WHERE "tenantId" = ${tenantId}`

  const schedules = yield* Schedules
  const scheduleKey = id("schedule")
  yield* schedules.register([{
    kind: "email-sync",
    key: scheduleKey,
    tenantId,
    target: ScheduleTarget.Job({ queue: "email-sync", data: { tenantId } }),
    spec: { type: "interval", everySeconds: 3600, spread: false },
    catchUp: "run-once",
    enabled: true
  }])
  const occursAt = DateTime.makeUnsafe("2026-11-20T08:00:00Z")
  const [made] = yield* sql<{ readonly schedule: string }>`INSERT INTO tt_worker.occurrences ("scheduleId", "occursAt", kind, key, "tenantId", queue, "jobId", state, "madeBy")
    SELECT id, ${DateTime.formatIso(occursAt)}::text::timestamptz, kind, key, "tenantId", queue, ${id("job5")}, 'enqueued', 'test' FROM tt_worker.schedules WHERE "tenantId" = ${tenantId}
    RETURNING "scheduleId"::text AS schedule`

  const runs = yield* AutomationRuns
  const sheets = yield* TimeSheets
  const run: RunKey = { tenantId, tenantUserId: id("user"), automationId: AutomationId.make("clock-out"), occurrence: DateTime.makeUnsafe("2026-11-20T21:00:00Z"), missed: 0 }
  yield* runs.once(run, { jobId: id("job6"), held: null }, sheets.write(run, { create: [], close: [{ entryId: id("entry"), status: "pending", end: Date.parse("2026-11-20T17:00:00Z") }], submit: [], events: [], note: null }).pipe(
    Effect.map((entries) => ({ outcome: "done" as const, note: null, entries, events: 0 }))
  ))

  const producer = yield* JobProducer
  const jobId = yield* producer.add("invoice-processing", { tenantId, invoiceId: id("invoice2") }, { jobId: id("job") })
  const claims = yield* JobClaims
  yield* claims.begin({ queue: "email-sync", jobId: id("job4"), tenant: tenantId }, null)
  yield* sql`INSERT INTO tt_worker.limit_permits (key, token, "leaseUntil") VALUES (${`mailbox:${tenantId}:imap`}, gen_random_uuid(), now() + interval '1 hour')`

  return {
    tenantId,
    userId: id("user"),
    projectId: id("project"),
    entryId: id("entry"),
    invoiceId: InvoiceId.make(id("invoice")),
    claim,
    fileKey,
    sha256,
    webhookId: WebhookId.make(id("webhook")),
    deliveryId: WebhookDeliveryId.make(id("delivery")),
    held,
    mailbox,
    run,
    callId,
    jobId,
    scheduleKey,
    scheduledRun: { schedule: made?.schedule ?? "", at: occursAt, missed: 0 }
  } satisfies Firm
})

/**
 * Every row of every table that is the firm's: what "not a byte changed" is about. Rows that name the other one as well
 * are that one's. BullMQ's stream of events only tells what was asked of it.
 */
export const rowsOf = Effect.fn("test.rowsOf")(function*(firm: TenantId, other: TenantId) {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ readonly name: string }>`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname IN ('public', 'tt_worker', 'bullmq') AND NOT (schemaname = 'bullmq' AND tablename = 'event') ORDER BY 1`
  const found: Array<string> = []
  for (const { name } of tables) {
    const rows = yield* sql<{ readonly row: string }>`SELECT to_jsonb(t)::text AS row FROM ${sql.literal(name)} t WHERE t::text LIKE ${`%${firm}%`} AND t::text NOT LIKE ${`%${other}%`} ORDER BY 1`
    found.push(...rows.map(({ row }) => `${name} ${row}`))
  }
  return found
})

/** How two of those differ. */
export const changes = (before: ReadonlyArray<string>, after: ReadonlyArray<string>) => ({
  gone: before.filter((row) => !after.includes(row)),
  come: after.filter((row) => !before.includes(row))
})
export const none = { gone: [], come: [] }
