import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { followSettings } from "../../../programs/email-sync/followSettings.ts"
import { listenForMail } from "../../../programs/email-sync/listenForMail.ts"
import { StorageKey, type TenantId } from "../../../src/domain/ids.ts"
import { MailboxId } from "../../../src/domain/mailbox/MailboxSettings.ts"
import { answerRequest } from "../../../src/pipeline/mail/answerRequest.ts"
import { MailLedger } from "../../../src/services/MailLedger.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { Schedules } from "../../../src/services/Schedules.ts"
import { imapServersAt } from "../../support/imapServers.ts"
import { invoiceMail, mailWith, somePdf } from "../../support/mails.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, mailLogOf, newMailTenant, ownMailTables, setMailSettings, statusOf } from "../../support/mailTables.ts"
import { type MailAccount, OwnDovecot } from "../../support/ownDovecot.ts"
import { until } from "../../support/until.ts"

const ready = Layer.unwrap(Effect.map(OwnDovecot, ({ port }) => imapServersAt([port]))).pipe(
  Layer.provideMerge(mailServices()),
  Layer.provideMerge(Layer.merge(OwnDovecot.layer(), ownMailTables))
)

const entryFor = (dovecot: OwnDovecot["Service"], account: MailAccount, change: object = {}) => ({
  id: `box-${account.user}`,
  email: `${account.user}@example.test`,
  host: "localhost",
  port: dovecot.port,
  tls: { ca: dovecot.ca },
  ...account,
  ...change
})

const withMails = Effect.fnUntraced(function*(mails: ReadonlyArray<string>, change: object = {}) {
  const dovecot = yield* OwnDovecot
  const account = yield* dovecot.addUser
  yield* dovecot.deliver(account.user, mails)
  const entry = entryFor(dovecot, account, change)
  return { dovecot, account, entry, tenantId: yield* newMailTenant(entry) }
})

const synced = Effect.fnUntraced(function*(tenantId: TenantId) {
  const verdict = yield* runEmailSync(tenantId)
  assert.strictEqual(verdict._tag, "Complete", JSON.stringify(verdict))
  return verdict._tag === "Complete" ? verdict.summary : {}
})

/** As if so much time had gone by. */
const makeOlder = Effect.fnUntraced(function*(tenantId: TenantId, interval: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tt_worker.mail_imports SET "importedAt" = "importedAt" - ${interval}::text::interval WHERE "tenantId" = ${tenantId}`
  yield* sql`UPDATE tt_worker.mailboxes SET "notBefore" = "notBefore" - ${interval}::text::interval WHERE "tenantId" = ${tenantId}`
})

layer(ready, { excludeTestServices: true })("a tenant's mailboxes", (it) => {
  it.effect("give each invoice once, by whatever way it comes, and the admin sees why it was not made again", () =>
    Effect.gen(function*() {
      const invoice = somePdf()
      const carbonCopy = mailWith({ attachments: [{ name: "Facture.pdf", bytes: invoice }] })
      const forward = `From: chef@firme.example\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n${carbonCopy}\r\n--f--\r\n`
      const { account, dovecot, entry } = yield* withMails([carbonCopy, forward])
      const second = yield* dovecot.addUser
      yield* dovecot.deliver(second.user, [carbonCopy])
      const tenantId = yield* newMailTenant([entry, entryFor(dovecot, second)])
      yield* synced(tenantId)
      const [made, ...others] = yield* mailedInvoices(tenantId)
      assert.strictEqual(others.length, 0)
      assert.strictEqual(made?.jobs, 1)
      assert.strictEqual(made?.status, "nouveau")
      const log = yield* mailLogOf(tenantId)
      assert.deepStrictEqual(log.map(({ duplicates, imported }) => imported + duplicates), [1, 1, 1])
      const known = log.filter(({ state }) => state === "nothing").flatMap(({ attachments }) => attachments)
      assert.strictEqual(known.length, 2)
      for (const { invoiceId, outcome, reasonCode } of known) assert.deepStrictEqual({ invoiceId, outcome, reasonCode }, { invoiceId: made?.id ?? "", outcome: "duplicate", reasonCode: "same-content" })
      assert.isTrue((yield* dovecot.files(account.user)).every((file) => !/:2,.*S/.test(file)))
    }))

  it.effect("are listed again when the server numbers them anew, and nothing is imported twice", () =>
    Effect.gen(function*() {
      const { account, dovecot, tenantId } = yield* withMails([invoiceMail(), invoiceMail()])
      yield* synced(tenantId)
      // Dovecot takes the second in which it begins to count.
      yield* Effect.sleep("1100 millis")
      yield* dovecot.renumber(account.user)
      yield* dovecot.deliver(account.user, [invoiceMail()])
      const summary = yield* synced(tenantId)
      assert.strictEqual(summary["mails"], 3)
      assert.strictEqual(summary["imported"], 1)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 3)
    }))

  it.effect("look back a number of days at first, and take what comes or is moved in later, however old", () =>
    Effect.gen(function*() {
      const { account, dovecot, tenantId } = yield* withMails([], { lookBackDays: 7 })
      const old = new Date(Date.now() - 40 * 86_400_000)
      yield* dovecot.deliver(account.user, [invoiceMail()], { receivedAt: old })
      yield* dovecot.deliver(account.user, [invoiceMail()])
      assert.strictEqual((yield* synced(tenantId))["imported"], 1)
      yield* dovecot.deliver(account.user, [invoiceMail()], { receivedAt: old })
      assert.strictEqual((yield* synced(tenantId))["imported"], 1)
    }))

  it.effect("are flagged or moved only where the settings say so", () =>
    Effect.gen(function*() {
      const { account, dovecot, tenantId } = yield* withMails([invoiceMail(), mailWith()], { imported: { flag: "\\Seen", moveTo: "Faites" } })
      yield* dovecot.deliver(account.user, [], { folder: "Faites" })
      yield* synced(tenantId)
      assert.strictEqual((yield* dovecot.files(account.user)).length, 1)
      assert.match((yield* dovecot.files(account.user, "Faites")).join(), /:2,S/)
    }))

  it.effect("stop at a day's limit, say so, and go on when the day is over", () =>
    Effect.gen(function*() {
      const { tenantId } = yield* withMails(Array.from({ length: 5 }, () => invoiceMail()), { limits: { importsPerDay: 2 } })
      assert.strictEqual((yield* synced(tenantId))["imported"], 2)
      assert.strictEqual((yield* statusOf(tenantId))[0]?.note, "the limit of 2 invoices a day from this mailbox is reached; the rest is imported by itself later")
      assert.strictEqual((yield* synced(tenantId))["imported"], 0)
      yield* makeOlder(tenantId, "25 hours")
      assert.strictEqual((yield* synced(tenantId))["imported"], 2)
      yield* makeOlder(tenantId, "25 hours")
      assert.strictEqual((yield* synced(tenantId))["imported"], 1)
      assert.isNull((yield* statusOf(tenantId))[0]?.note)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 5)
    }))

  it.effect("are left alone after four wrong passwords, each told with what is left, until the password changes", () =>
    Effect.gen(function*() {
      const { entry, tenantId } = yield* withMails([invoiceMail()], { password: "wrong" })
      const tries = [
        "the password was refused by localhost; 3 more tries, then the sync pauses so that the account is not locked",
        "the password was refused by localhost; 2 more tries, then the sync pauses so that the account is not locked",
        "the password was refused by localhost; 1 more try, then the sync pauses so that the account is not locked",
        "the password was refused by localhost 4 times; the sync is paused so that the account is not locked. Please enter the login again"
      ]
      for (const [n, sentence] of tries.entries()) {
        const verdict = yield* runEmailSync(tenantId)
        assert.strictEqual(verdict._tag, "Fail")
        const [status] = yield* statusOf(tenantId)
        assert.strictEqual(status?.lastError, sentence)
        assert.strictEqual(status?.status, n === 3 ? "disabled" : "error")
        // Within the pause the password is not tried.
        assert.strictEqual((yield* synced(tenantId))["leftOut"], 1)
        yield* makeOlder(tenantId, "7 hours")
      }
      assert.strictEqual((yield* synced(tenantId))["mailboxes"], 0)
      const { account, dovecot } = yield* withMails([])
      yield* setMailSettings(tenantId, { ...entry, ...account, port: dovecot.port })
      assert.strictEqual((yield* synced(tenantId))["mailboxes"], 1)
      assert.strictEqual((yield* statusOf(tenantId))[0]?.status, "active")
    }))

  it.effect("are skipped with a reason while a switch is off, and taken up when the settings change", () =>
    Effect.gen(function*() {
      const { entry } = yield* withMails([invoiceMail()])
      const sql = yield* SqlClient.SqlClient
      const tenantId = yield* newMailTenant([entry, { host: 5 }, { ...entry }], { invoices: true, emailSync: false })
      assert.include(String((yield* synced(tenantId))["reason"]), "emailSync is switched off")
      yield* followSettings
      const jobs = sql<{ readonly n: number }>`SELECT count(*)::int AS n FROM tt_worker.outbox WHERE queue = 'email-sync' AND "tenantId" = ${tenantId}`
      assert.strictEqual((yield* jobs)[0]?.n, 0)
      yield* sql`UPDATE tenants SET features = '{"invoices": true}' WHERE id = ${tenantId}`
      yield* followSettings
      assert.strictEqual((yield* jobs)[0]?.n, 1)
      assert.strictEqual(yield* followSettings, 0)
      const schedules = yield* Schedules
      const [schedule] = yield* schedules.list(tenantId)
      assert.deepStrictEqual(schedule?.spec, { type: "interval", everySeconds: 300, spread: true })
      const [row] = yield* sql<{ readonly notTakenOver: ReadonlyArray<{ readonly place: number; readonly problem: string }> }>`SELECT "notTakenOver" FROM tt_worker.mail_tenants WHERE "tenantId" = ${tenantId}`
      assert.deepStrictEqual(row?.notTakenOver.map(({ place }) => place), [2, 3])
      assert.strictEqual((yield* synced(tenantId))["imported"], 1)

      yield* setMailSettings(tenantId, [])
      yield* followSettings
      assert.deepStrictEqual(yield* schedules.list(tenantId), [])
      assert.deepStrictEqual(yield* statusOf(tenantId), [])
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 1)
    }))

  it.effect("import one mail again when asked: an invoice that was deleted comes back, one that is there does not double", () =>
    Effect.gen(function*() {
      const { account, tenantId } = yield* withMails([invoiceMail()])
      const sql = yield* SqlClient.SqlClient
      yield* synced(tenantId)
      const [place] = yield* sql<{ readonly uidValidity: string }>`SELECT "uidValidity"::text AS "uidValidity" FROM tt_worker.mail_folders WHERE "tenantId" = ${tenantId}`
      const askAgain = MailLedger.use(({ askAgain }) =>
        askAgain(tenantId, MailboxId.make(`box-${account.user}`), { folder: "INBOX", uidValidity: BigInt(place?.uidValidity ?? 0) }, 1))
      assert.isTrue(yield* askAgain)
      yield* synced(tenantId)
      const [first, ...others] = yield* mailedInvoices(tenantId)
      assert.strictEqual(others.length, 0)
      yield* sql`DELETE FROM invoices WHERE "tenantId" = ${tenantId}`
      yield* synced(tenantId)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 0)
      assert.isTrue(yield* askAgain)
      yield* synced(tenantId)
      const [second] = yield* mailedInvoices(tenantId)
      assert.notStrictEqual(second?.id, first?.id)
      assert.strictEqual(second?.jobs, 1)
    }))

  it.effect("lose nothing and double nothing when syncs are stopped anywhere, again and again", () =>
    Effect.gen(function*() {
      const { tenantId } = yield* withMails(Array.from({ length: 12 }, () => invoiceMail()))
      const sql = yield* SqlClient.SqlClient
      let stopped = 0
      for (let wait = 20; wait < 700; wait += 35) {
        const running = yield* Effect.forkChild(runEmailSync(tenantId))
        yield* Effect.sleep(`${wait} millis`)
        stopped += running.pollUnsafe() === undefined ? 1 : 0
        yield* Fiber.interrupt(running)
        // A killed process lets go of nothing.
        yield* sql`UPDATE tt_worker.mailboxes SET "leaseUntil" = clock_timestamp() - interval '1 second' WHERE "tenantId" = ${tenantId}`
      }
      assert.isAbove(stopped, 3)
      yield* synced(tenantId)
      const invoices = yield* mailedInvoices(tenantId)
      assert.strictEqual(invoices.length, 12)
      assert.isTrue(invoices.every(({ jobs }) => jobs === 1))
      const storage = yield* ObjectStorage
      for (const { fileKey } of invoices) assert.isAbove((yield* storage.head(StorageKey.make(fileKey))).size, 20_000)
      assert.strictEqual((yield* statusOf(tenantId))[0]?.importedCount, "12")
    }))

  it.effect("are synced the moment that mail comes, where they ask for it", () =>
    Effect.gen(function*() {
      const { account, dovecot, entry, tenantId } = yield* withMails([], { idle: true })
      const sql = yield* SqlClient.SqlClient
      yield* synced(tenantId)
      const jobs = sql<{ readonly n: number }>`SELECT count(*)::int AS n FROM tt_worker.outbox WHERE queue = 'email-sync' AND "tenantId" = ${tenantId}`
      yield* Effect.forkScoped(listenForMail)
      yield* Effect.sleep("1500 millis")
      yield* dovecot.deliver(account.user, [invoiceMail()])
      yield* until(jobs, ([row]) => row?.n === 1)
      yield* setMailSettings(tenantId, { ...entry, idle: false })
    }).pipe(Effect.scoped))

  it.effect("are synced by one job at a time, over all replicas", () =>
    Effect.gen(function*() {
      const { tenantId } = yield* withMails(Array.from({ length: 20 }, () => invoiceMail()))
      const verdicts = yield* Effect.all(Array.from({ length: 4 }, () => runEmailSync(tenantId)), { concurrency: 4 })
      assert.strictEqual(verdicts.filter(({ _tag }) => _tag === "Complete").length, 1)
      assert.strictEqual(verdicts.filter(({ _tag }) => _tag === "Postpone").length, 3)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 20)
    }))

  it.effect("try a change out before it is saved, say at which step it failed, and import nothing in a dry run", () =>
    Effect.gen(function*() {
      const { entry, tenantId } = yield* withMails([invoiceMail({ subject: "Mars" }), mailWith()], { dryRun: true })
      const ask = (question: "test-connection" | "dry-run", mailboxId: string | null) => answerRequest({ id: "r", tenantId, question, mailboxId, settings: null })
      assert.deepStrictEqual(yield* ask("test-connection", entry.id), { ok: true, step: "done", answer: "The connection works (INBOX: 2 mails).", details: null })
      assert.strictEqual((yield* ask("test-connection", "other")).answer, "There is no such mailbox in the settings.")
      const tried = yield* ask("dry-run", null)
      assert.strictEqual(tried.answer, "Dry run: of 2 mails, 1 invoice would be imported, 0 are known already.")
      assert.include(JSON.stringify(tried.details), "Mars")
      yield* synced(tenantId)
      assert.include((yield* statusOf(tenantId))[0]?.note, "nothing is imported while the dry run is on")
      assert.deepStrictEqual(yield* mailedInvoices(tenantId), [])
      const tooMany = yield* Effect.forEach(Array.from({ length: 10 }), () => ask("test-connection", null))
      assert.include(tooMany.at(-1)?.answer, "Too many tests in a short time")
    }))
})
