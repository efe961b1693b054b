import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresRetention } from "../../../layers/postgres/retentionStores.ts"
import { RetentionStores } from "../../../src/services/RetentionStores.ts"
import { InvoiceId, StorageKey, type TenantId } from "../../../src/domain/ids.ts"
import type { MailboxId } from "../../../src/domain/mailbox/MailboxSettings.ts"
import { Mailboxes } from "../../../src/services/Mailboxes.ts"
import { type FolderPlace, type MailImport, MailLedger, type MailOutcome, type MailRecord, type StoredAttachment } from "../../../src/services/MailLedger.ts"
import { isNarrowed } from "../../support/postgresAt.ts"
import { mailboxFrom, mailedInvoices, mailLogOf, newMailTenant, ownMailTables, statusOf } from "../../support/mailTables.ts"

const place: FolderPlace = { folder: "INBOX", uidValidity: 7n }
const noLimits = { mailboxImports: 1_000, mailboxBytes: 1e12, tenantImports: 1_000, tenantBytes: 1e12 }

const entry = (id: string) => ({ id, email: `${id}@b.example`, host: "h.example", password: "x" })

/** A tenant with these mailboxes, each claimed. */
const claimed = Effect.fnUntraced(function*(...ids: ReadonlyArray<string>) {
  const entries = ids.map(entry)
  const tenantId = yield* newMailTenant(entries)
  const mailboxes = yield* Mailboxes
  const boxes = entries.map(mailboxFrom)
  yield* mailboxes.takeOver(tenantId, { raw: Redacted.make(entries), mailboxes: boxes, notTakenOver: [] }, new Map(boxes.map(({ id }) => [id, "digest"])))
  const claims = yield* Effect.forEach(boxes, ({ id }) => claim(tenantId, id, `job-${id}`))
  return { tenantId, claims, boxes }
})

const claim = Effect.fnUntraced(function*(tenantId: TenantId, mailboxId: MailboxId, jobId: string) {
  const answer = yield* (yield* Mailboxes).claim(tenantId, mailboxId, { jobId, holder: "test", lease: Duration.seconds(60) })
  return answer._tag === "Claimed" ? answer.claim : yield* Effect.die(answer._tag)
})

const record = (uid: number): MailRecord => ({ uid, messageId: `<${uid}>`, sender: "a", subject: "s", sentAt: null, receivedAt: null, size: 10 })
const attachment = (content: string, generation = 1): StoredAttachment => ({
  name: "f.pdf",
  contentType: "application/pdf",
  size: 100,
  sha256: content,
  invoiceId: InvoiceId.make(`invoice-${content}-${generation}-${Math.random()}`),
  generation,
  key: StorageKey.make(`t/2026/03/${content}`)
})
const mailOf = (uid: number, ...attachments: ReadonlyArray<StoredAttachment>): MailImport => ({ mail: record(uid), attachments, skipped: [], limits: noLimits, isMarked: false })
const nothing = (uid: number): MailOutcome => ({ mail: record(uid), state: "nothing", reasonCode: "no-invoice", reason: "", attempts: 0, nextTry: null, skipped: [] })
const open = (uidNext: number, lookBack = Duration.days(30)) => ({ uidNext, lookBack })

layer(ownMailTables, { excludeTestServices: true })("the ledger of mails", (it) => {
  it.effect("records what was received with its invoice, whose job yields to what people upload", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const sql = yield* SqlClient.SqlClient
      const { claims: [claim], tenantId } = yield* claimed("a")
      if (claim === undefined) return assert.fail("not claimed")
      yield* ledger.openFolder(claim, place, open(2))
      yield* ledger.importMail(claim, place, mailOf(1, attachment("received")), 2)
      const received = yield* sql`SELECT "fileKey", sha256, bytes::int AS bytes FROM tt_worker.received_files WHERE "tenantId" = ${tenantId}`
      assert.deepStrictEqual(received.map((row) => ({ ...row })), [{ fileKey: "t/2026/03/received", sha256: "received", bytes: 100 }])
      const [job] = yield* sql`SELECT priority, "delayMs"::int AS "delayMs" FROM tt_worker.outbox WHERE "tenantId" = ${tenantId}`
      assert.deepStrictEqual({ ...job }, { priority: 10, delayMs: 0 })
    }))

  it.effect("keeps in mind which imported mails are to be flagged or moved, for a bounded number of tries", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [claim] } = yield* claimed("a")
      if (claim === undefined) return assert.fail("not claimed")
      yield* ledger.openFolder(claim, place, open(3))
      yield* ledger.importMail(claim, place, { ...mailOf(1, attachment("marked-1")), isMarked: true }, 2)
      yield* ledger.importMail(claim, place, { ...mailOf(2, attachment("marked-2")), isMarked: true }, 3)
      assert.deepStrictEqual(yield* ledger.marks(claim, place), [1, 2])
      yield* ledger.settleMark(claim, place, 1, true)
      for (let n = 0; n < 9; n++) yield* ledger.settleMark(claim, place, 2, false)
      assert.deepStrictEqual(yield* ledger.marks(claim, place), [2])
      yield* ledger.settleMark(claim, place, 2, false)
      assert.deepStrictEqual(yield* ledger.marks(claim, place), [])
    }))

  it.effect("makes one invoice of one content, however many mailboxes bring it at once", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims, tenantId } = yield* claimed("a", "b", "c")
      yield* Effect.forEach(claims, (claim) => ledger.openFolder(claim, place, open(2)))
      const answers = yield* Effect.forEach(claims, (claim) => ledger.importMail(claim, place, mailOf(1, attachment("same"), attachment("same")), 2), { concurrency: 3 })
      assert.deepStrictEqual(answers.map((answer) => answer._tag === "Imported" ? answer.imported : 0).sort(), [0, 0, 1])
      const invoices = yield* mailedInvoices(tenantId)
      assert.deepStrictEqual(invoices.map(({ jobs }) => jobs), [1])
      const log = yield* mailLogOf(tenantId)
      for (const { attachments, duplicates, imported } of log) assert.strictEqual(attachments.length, imported + duplicates)
      assert.strictEqual((yield* statusOf(tenantId)).reduce((sum, { importedCount }) => sum + Number(importedCount), 0), 1)
    }))

  it.effect("keeps the same content of two tenants apart", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      for (const { claims: [claim], tenantId } of [yield* claimed("a"), yield* claimed("a")]) {
        if (claim === undefined) return assert.fail()
        yield* ledger.openFolder(claim, place, open(2))
        yield* ledger.importMail(claim, place, mailOf(1, attachment("shared")), 2)
        assert.strictEqual((yield* mailedInvoices(tenantId)).length, 1)
      }
    }))

  it.effect("does not make an invoice of what a person has uploaded and had read", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const sql = yield* SqlClient.SqlClient
      const { claims: [claim], tenantId } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey", "fileName") VALUES ('uploaded', ${tenantId}, 'k', 'u.pdf')`
      yield* sql`INSERT INTO tt_worker.invoice_claims ("tenantId", "invoiceId", sha256) VALUES (${tenantId}, 'uploaded', 'scan')`
      yield* ledger.openFolder(claim, place, open(2))
      yield* ledger.importMail(claim, place, mailOf(1, attachment("scan")), 2)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 1)
      assert.strictEqual((yield* mailLogOf(tenantId))[0]?.attachments[0]?.invoiceId, "uploaded")
    }))

  it.effect("writes nothing for a sync whose mailbox was taken over", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [old], tenantId } = yield* claimed("a")
      if (old === undefined) return assert.fail()
      yield* ledger.openFolder(old, place, open(2))
      yield* claim(tenantId, old.mailboxId, "job-a")
      for (const write of [ledger.importMail(old, place, mailOf(1, attachment("late")), 2), ledger.settle(old, place, [nothing(1)], 2), ledger.openFolder(old, place, open(2))]) {
        assert.strictEqual((yield* Effect.flip(write)).reason, "claim-lost")
      }
      assert.deepStrictEqual(yield* mailedInvoices(tenantId), [])
      assert.deepStrictEqual(yield* mailLogOf(tenantId), [])
    }))

  it.effect.skipIf(isNarrowed)("takes no invoice, no file's record and no cursor back or forth when the job cannot be enqueued", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const sql = yield* SqlClient.SqlClient
      const { claims: [claim], tenantId } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      yield* ledger.openFolder(claim, place, open(2))
      yield* sql`ALTER TABLE tt_worker.outbox ADD CONSTRAINT refused CHECK (queue <> 'invoice-processing') NOT VALID`
      yield* Effect.flip(ledger.importMail(claim, place, mailOf(1, attachment("unlucky")), 2))
      yield* sql`ALTER TABLE tt_worker.outbox DROP CONSTRAINT refused`
      assert.deepStrictEqual(yield* mailedInvoices(tenantId), [])
      assert.strictEqual((yield* ledger.known(tenantId, ["unlucky"])).size, 0)
      assert.strictEqual((yield* ledger.openFolder(claim, place, open(2))).cursor, 1)
      yield* ledger.importMail(claim, place, mailOf(1, attachment("unlucky")), 2)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 1)
    }))

  it.effect("tells a mail that cannot be stored from tables that do not fit, and shortens names that an API's column would refuse", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [claim], tenantId } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      yield* ledger.openFolder(claim, place, open(4))
      const what = mailOf(1, attachment("odd"))
      const refused = yield* Effect.flip(ledger.importMail(claim, place, { ...what, mail: { ...what.mail, subject: "a\0b" } }, 2))
      assert.strictEqual(refused.reason, "refused")
      assert.deepStrictEqual(yield* mailedInvoices(tenantId), [])
      yield* ledger.importMail(claim, place, mailOf(1, { ...attachment("long"), name: `${"f".repeat(250)}.pdf` }), 2)
      const [invoice] = yield* mailedInvoices(tenantId)
      assert.match(invoice?.fileName ?? "", /^f{186}\.pdf$/)
    }))

  it.effect("begins again in another numbering and where the next UID has gone back, and keeps its look-back day", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [claim] } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      const first = yield* ledger.openFolder(claim, place, open(6))
      assert.strictEqual(first.firstUidNext, 6)
      yield* ledger.settle(claim, place, [1, 2, 3, 4, 5].map(nothing), 6)
      assert.strictEqual((yield* ledger.openFolder(claim, place, open(6))).cursor, 6)
      assert.strictEqual((yield* ledger.openFolder(claim, place, open(0))).cursor, 6)
      const back = yield* ledger.openFolder(claim, place, open(3))
      assert.deepStrictEqual([back.cursor, back.firstUidNext, back.since], [1, 3, first.since])
      assert.strictEqual((yield* ledger.states(claim, place, 1)).settled.size, 0)
      const anew = yield* ledger.openFolder(claim, { ...place, uidValidity: 8n }, open(4, Duration.days(1)))
      assert.strictEqual(anew.cursor, 1)
      assert.deepStrictEqual(anew.since, first.since)
      assert.strictEqual((yield* ledger.states(claim, { ...place, uidValidity: 8n }, 1)).settled.size, 0)
    }))

  it.effect("never moves the cursor past a mail that failed or was asked for again", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [claim], tenantId } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      yield* ledger.openFolder(claim, place, open(6))
      yield* ledger.settle(claim, place, [nothing(1), { ...nothing(2), state: "failed", attempts: 1, nextTry: Duration.hours(1) }, nothing(3)], 4)
      assert.strictEqual((yield* ledger.openFolder(claim, place, open(6))).cursor, 2)
      const states = yield* ledger.states(claim, place, 2)
      assert.deepStrictEqual(states.failed.get(2), { attempts: 1, due: false })
      assert.isTrue(yield* ledger.askAgain(tenantId, claim.mailboxId, place, 1))
      yield* ledger.settle(claim, place, [nothing(2)], 4)
      assert.strictEqual((yield* ledger.openFolder(claim, place, open(6))).cursor, 1)
      assert.isFalse(yield* ledger.askAgain(tenantId, claim.mailboxId, place, 99))
    }))

  it.effect("keeps the day's limits of a mailbox and of the tenant, and lets a single mail beyond one through", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [a, b] } = yield* claimed("a", "b")
      if (a === undefined || b === undefined) return assert.fail()
      const limited = (uid: number, limits: object, ...found: ReadonlyArray<StoredAttachment>): MailImport => ({ ...mailOf(uid, ...found), limits: { ...noLimits, ...limits } })
      for (const claim of [a, b]) yield* ledger.openFolder(claim, place, open(9))
      assert.strictEqual((yield* ledger.importMail(a, place, limited(1, { mailboxImports: 1 }, attachment("l1"), attachment("l2")), 2))._tag, "Imported")
      assert.deepStrictEqual({ ...(yield* ledger.importMail(a, place, limited(2, { mailboxImports: 2 }, attachment("l3")), 3)) }, { _tag: "LimitReached", limit: "2 invoices a day from this mailbox" })
      assert.strictEqual((yield* ledger.importMail(b, place, limited(1, { mailboxBytes: 100, tenantBytes: 250 }, attachment("l4")), 2))._tag, "LimitReached")
      assert.strictEqual((yield* ledger.importMail(b, place, limited(1, { tenantImports: 3 }, attachment("l4")), 2))._tag, "Imported")
      // What is known already counts for nothing.
      assert.strictEqual((yield* ledger.importMail(b, place, limited(2, { tenantImports: 3 }, attachment("l1")), 3))._tag, "Imported")
    }))

  it.effect("forgets old settled mails below the cursor, and never what content was imported", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const sql = yield* SqlClient.SqlClient
      const { claims: [claim], tenantId } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      yield* ledger.openFolder(claim, place, open(9))
      yield* ledger.importMail(claim, place, mailOf(1, attachment("kept")), 2)
      yield* ledger.settle(claim, place, [nothing(2), { ...nothing(3), state: "failed", attempts: 1 }], 3)
      yield* sql`UPDATE tt_worker.mail_messages SET "updatedAt" = "updatedAt" - interval '2 years' WHERE "tenantId" = ${tenantId}`
      const stores = yield* RetentionStores.useSync(({ all }) => all).pipe(Effect.provide(PostgresRetention))
      const mails = stores.find(({ name }) => name === "mails") ?? assert.fail()
      assert.strictEqual(yield* mails.forget({ olderThan: Duration.days(400), limit: 100 }), 2)
      assert.deepStrictEqual((yield* mailLogOf(tenantId)).map(({ uid }) => uid), [3])
      assert.isTrue((yield* ledger.known(tenantId, ["kept"])).has("kept"))
    }))

  it.effect("shows each tenant its own only", () =>
    Effect.gen(function*() {
      const ledger = yield* MailLedger
      const { claims: [claim] } = yield* claimed("a")
      const { tenantId: other } = yield* claimed("a")
      if (claim === undefined) return assert.fail()
      yield* ledger.openFolder(claim, place, open(2))
      yield* ledger.importMail(claim, place, mailOf(1, attachment("private")), 2)
      assert.strictEqual((yield* ledger.known(other, ["private"])).size, 0)
      assert.isFalse(yield* ledger.askAgain(other, claim.mailboxId, place, 1))
      assert.deepStrictEqual(yield* mailLogOf(other), [])
    }))
})
