import { assert, describe, it as test, layer } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { Automation } from "../../programs/automation/Automation.ts"
import { EmailSync } from "../../programs/email-sync/EmailSync.ts"
import { InvoiceProcessing } from "../../programs/invoice-processing/InvoiceProcessing.ts"
import { Bulkhead } from "../../programs/webhook-delivery/Bulkhead.ts"
import { WebhookDelivery } from "../../programs/webhook-delivery/WebhookDelivery.ts"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { answerRequest } from "../../src/pipeline/mail/answerRequest.ts"
import { DocumentReader } from "../../src/services/DocumentReader.ts"
import { InvoiceExtractor } from "../../src/services/InvoiceExtractor.ts"
import { MailCredentials } from "../../src/services/MailCredentials.ts"
import { MailServers } from "../../src/services/MailServers.ts"
import { Vision } from "../../src/services/Vision.ts"
import { WebhookSender } from "../../src/services/WebhookSender.ts"
import { runAttempt } from "../../src/supervisor/attempt.ts"
import { invoiceAttempt } from "../support/invoiceServices.ts"
import { changes, clockOut, type Firm, kilo, newFirm, none, rowsOf, StorageReads, twoTenants, zeta } from "./twoTenants.ts"

/** Nobody outside may be asked anything: each of these dies when it is. */
const silence = Layer.mergeAll(
  Layer.mock(DocumentReader, {}),
  Layer.mock(Vision, {}),
  Layer.mock(InvoiceExtractor, {}),
  Layer.mock(MailServers, {}),
  Layer.mock(MailCredentials, {}),
  Layer.mock(WebhookSender, {}),
  Bulkhead.layer(20)
)

interface HostileJob {
  readonly queue: QueueName
  readonly what: string
  readonly data: (mine: Firm, theirs: Firm) => object
  /** The verdict with its reason, as the queue is told. */
  readonly ends: string
}

const delivery = (tenantId: string, webhookId: string, webhookDeliveryId: string) =>
  ({ tenantId, webhookId, webhookDeliveryId, event: "invoice.processed", url: "https://x.example/", secret: null, payload: {} })

/** Every kind of job, with the tenant's own id and another's ids in its data. */
const jobs: ReadonlyArray<HostileJob> = [
  { queue: "invoice-processing", what: "invoice", data: (mine, theirs) => ({ tenantId: mine.tenantId, invoiceId: theirs.invoiceId }), ends: "Fail invoice-not-found: tenant kilo has no invoice zeta-invoice" },
  { queue: "invoice-processing", what: "invoice, asked for again", data: (mine, theirs) => ({ tenantId: mine.tenantId, invoiceId: theirs.invoiceId, generation: 9 }), ends: "Fail invoice-not-found: tenant kilo has no invoice zeta-invoice" },
  // What is in the data beside the ids is nobody's business: the row says which file.
  { queue: "invoice-processing", what: "storage key", data: (mine, theirs) => ({ tenantId: mine.tenantId, invoiceId: "kilo-waiting", fileKey: theirs.fileKey, storageKey: theirs.fileKey }), ends: "Fail file-missing: storage object \"kilo/2026/11/waiting\": no such file" },
  { queue: "webhook-delivery", what: "delivery", data: (mine, theirs) => delivery(mine.tenantId, mine.webhookId, theirs.held.claim.deliveryId), ends: "Complete cancelled: the delivery's row is gone" },
  { queue: "webhook-delivery", what: "delivery and webhook", data: (mine, theirs) => delivery(mine.tenantId, theirs.webhookId, theirs.deliveryId), ends: "Complete cancelled: the delivery's row is gone" },
  { queue: "webhook-delivery", what: "webhook, named by a row of its own", data: (mine, theirs) => delivery(mine.tenantId, theirs.webhookId, "kilo-astray"), ends: "Complete cancelled: webhook-deleted" },
  { queue: "automation", what: "user", data: (mine, theirs) => ({ tenantId: mine.tenantId, tenantUserId: theirs.userId }), ends: "Complete user-gone: this tenant has no such user" },
  { queue: "automation", what: "user, by an automation's name", data: (mine, theirs) => ({ tenantId: mine.tenantId, tenantUserId: theirs.userId, automation: clockOut.id }), ends: "Complete user-gone: this tenant has no such user" },
  { queue: "automation", what: "scheduled run", data: (mine, theirs) => ({ tenantId: mine.tenantId, tenantUserId: mine.userId, automation: clockOut.id, scheduled: { ...theirs.scheduledRun, at: "2026-11-20T08:00:00.000Z" } }), ends: "Complete run-unknown: its record was tidied away long ago" },
  { queue: "automation", what: "project", data: (mine) => ({ tenantId: mine.tenantId, tenantUserId: "kilo-builder", automation: "astray" }), ends: "Complete nothing: the project does not exist" },
  // A mailbox is the tenant's own by its settings: the data has no place for another's.
  { queue: "email-sync", what: "mailbox", data: (_, theirs) => ({ tenantId: "kilo-silent", mailboxId: theirs.mailbox.mailboxId }), ends: "Complete no-mailbox: no mailbox of this tenant is enabled" },
  { queue: "email-sync", what: "scheduled run", data: (_, theirs) => ({ tenantId: "kilo-silent", scheduled: { ...theirs.scheduledRun, at: "2026-11-20T08:00:00.000Z" } }), ends: "Complete no-mailbox: no mailbox of this tenant is enabled" }
]

const programs = {
  "invoice-processing": runAttempt(InvoiceProcessing),
  "email-sync": runAttempt(EmailSync),
  automation: runAttempt(Automation),
  "webhook-delivery": runAttempt(WebhookDelivery)
}

describe("every queue", () => {
  test("has jobs that name another tenant's things", () => {
    assert.sameMembers([...new Set(jobs.map(({ queue }) => queue))], Object.values(QUEUE_NAMES))
  })
})

layer(Layer.merge(twoTenants, silence), { excludeTestServices: true, timeout: "60 seconds" })("a job that names another tenant's things", (it) => {
  it.effect("finds none of them: it ends so, asks nobody outside, reads no file and changes no row of the other's", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [mine, theirs] = [yield* newFirm(kilo), yield* newFirm(zeta)]
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES ('kilo-waiting', 'kilo', 'kilo/2026/11/waiting')`
      yield* sql`INSERT INTO webhook_deliveries (id, "webhookId", "tenantId", event, "eventId") VALUES ('kilo-astray', ${theirs.webhookId}, 'kilo', 'invoice.processed', 'kilo-event')`
      yield* sql`INSERT INTO tenants (id, features) VALUES ('kilo-silent', '{"invoices": true}')`
      const astray = { id: "astray", name: "Astray", schedule: { cron: "0 18 * * *", timeZone: "Europe/Paris" }, do: { type: "create-entry", start: "08:00", end: "16:00", projectId: theirs.projectId, evenOn: ["weekend", "holiday"] } }
      yield* sql`INSERT INTO tenant_users (id, "tenantId", automations) VALUES ('kilo-builder', 'kilo', ${JSON.stringify([astray])}::text::jsonb)`
      const reads = yield* StorageReads
      yield* Ref.set(reads, [])
      const before = yield* rowsOf(zeta, kilo)

      for (const { data, ends, queue, what } of jobs) {
        const verdict = yield* programs[queue](invoiceAttempt(data(mine, theirs), { queue, jobId: `try-${what.replaceAll(/\W+/g, "-")}`, maxAttempts: 1 }))
        const said = verdict._tag === "Complete" ? `${verdict.summary["reason"] ?? `${String(verdict.summary["outcome"])}: ${String(verdict.summary["note"])}`}` : "reason" in verdict ? verdict.reason : ""
        assert.deepStrictEqual([queue, what, `${verdict._tag} ${said}`], [queue, what, ends])
        assert.deepStrictEqual(changes(before, yield* rowsOf(zeta, kilo)), none, `${queue} ${what}`)
      }
      assert.deepStrictEqual((yield* Ref.get(reads)).filter((key) => !key.startsWith(kilo)), [])
    }), 120_000)

  it.effect("and a question about another's mailbox is answered as about none", () =>
    Effect.gen(function*() {
      for (const question of ["test-connection", "dry-run"] as const) {
        const answer = yield* answerRequest({ id: "r", tenantId: kilo, question, mailboxId: "zeta-mailbox", settings: null })
        assert.deepStrictEqual(answer, { ok: false, step: "settings", answer: "There is no such mailbox in the settings.", details: null })
      }
    }))
})
