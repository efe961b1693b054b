import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { StorageKey, type TenantId } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { type Fault, imapFaultProxy } from "../../support/imapFaultProxy.ts"
import { imapServersAt } from "../../support/imapServers.ts"
import { invoiceMail, mailWith, somePdf } from "../../support/mails.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, mailLogOf, newMailTenant, ownMailTables, statusOf } from "../../support/mailTables.ts"
import { OwnDovecot } from "../../support/ownDovecot.ts"

/** Every port: each test has a proxy of its own. */
const anyPort = Array.from({ length: 65_535 }, (_, n) => n + 1)

const ready = imapServersAt(anyPort, Duration.seconds(1)).pipe(
  Layer.provideMerge(mailServices()),
  Layer.provideMerge(Layer.merge(OwnDovecot.layer(), ownMailTables))
)

/** As if the pauses were over. */
const letPass = Effect.fnUntraced(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tt_worker.mailboxes SET "notBefore" = NULL WHERE "tenantId" = ${tenantId}`
  yield* sql`UPDATE tt_worker.mail_messages SET "nextTryAt" = NULL WHERE "tenantId" = ${tenantId}`
})

const steps: ReadonlyArray<readonly [name: string, command: RegExp]> = [
  ["ID", /^ID/],
  ["AUTHENTICATE", /^(AUTHENTICATE|LOGIN)/],
  ["NAMESPACE", /^NAMESPACE/],
  ["LIST", /^LIST/],
  ["EXAMINE", /^EXAMINE/],
  ["SEARCH", /^UID SEARCH/],
  ["FETCH of the structure", /^UID FETCH .*BODYSTRUCTURE/],
  ["FETCH of a part", /^UID FETCH .*BODY\.PEEK\[2\]/],
  ["LOGOUT", /^LOGOUT/]
]
const faults: ReadonlyArray<Fault> = ["cut", "stall", "NO", "BAD", "BYE", "cut-answer"]

layer(ready, { excludeTestServices: true })("a server that goes wrong", (it) => {
  for (const [name, command] of steps) {
    it.effect(`at ${name}, in any way, costs no invoice and makes none twice`, () =>
      Effect.gen(function*() {
        const dovecot = yield* OwnDovecot
        for (const fault of faults) {
          const proxy = yield* imapFaultProxy(dovecot)
          const account = yield* dovecot.addUser
          yield* dovecot.deliver(account.user, [invoiceMail(), mailWith(), invoiceMail(), invoiceMail()])
          const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, ...account })
          proxy.setRule({ command, fault })
          const first = yield* runEmailSync(tenantId)
          assert.isAbove(proxy.struck(), 0, `${fault} at ${name} was not reached: ${JSON.stringify(first)}`)
          proxy.setRule(null)
          yield* letPass(tenantId)
          const second = yield* runEmailSync(tenantId)
          assert.strictEqual(second._tag, "Complete", `${fault}: ${JSON.stringify([first, second])}`)
          const invoices = yield* mailedInvoices(tenantId)
          assert.deepStrictEqual(invoices.map(({ jobs }) => jobs), [1, 1, 1], `${fault} at ${name}`)
          const [status] = yield* statusOf(tenantId)
          assert.strictEqual(status?.status, "active")
          assert.deepStrictEqual((yield* mailLogOf(tenantId)).map(({ state }) => state), ["imported", "nothing", "imported", "imported"])
        }
      }).pipe(Effect.scoped))
  }

  for (const fault of faults.filter((one) => one !== "stall")) {
    it.effect(`when imported mails are moved (${fault}) has them moved with the next sync, and imports none twice`, () =>
      Effect.gen(function*() {
        const dovecot = yield* OwnDovecot
        const proxy = yield* imapFaultProxy(dovecot)
        const account = yield* dovecot.addUser
        yield* dovecot.deliver(account.user, [invoiceMail(), mailWith(), invoiceMail(), invoiceMail()])
        yield* dovecot.deliver(account.user, [], { folder: "Faites" })
        const imported = { moveTo: "Faites" }
        const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, imported, ...account })
        proxy.setRule({ command: /^UID MOVE/, fault })
        assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Complete")
        assert.strictEqual(proxy.struck(), 1)
        assert.strictEqual((yield* mailedInvoices(tenantId)).length, 3)
        assert.include((yield* statusOf(tenantId))[0]?.note, "1 imported mail could not be flagged or moved yet")
        proxy.setRule(null)
        assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Complete")
        assert.strictEqual((yield* dovecot.files(account.user)).length, 1)
        assert.strictEqual((yield* dovecot.files(account.user, "Faites")).length, 3)
        assert.isNull((yield* statusOf(tenantId))[0]?.note)
        assert.deepStrictEqual((yield* mailedInvoices(tenantId)).map(({ jobs }) => jobs), [1, 1, 1])
      }).pipe(Effect.scoped))
  }

  it.effect("when imported mails are flagged has them flagged with the next sync", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      for (const fault of ["NO", "cut", "BYE"] as const) {
        const proxy = yield* imapFaultProxy(dovecot)
        const account = yield* dovecot.addUser
        yield* dovecot.deliver(account.user, [invoiceMail(), invoiceMail(), mailWith()])
        const imported = { flag: "\\Seen" }
        const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, imported, ...account })
        const flagged = Effect.map(dovecot.files(account.user), (files) => files.filter((file) => /:2,.*S/.test(file)).length)
        proxy.setRule({ command: /^UID STORE/, fault })
        yield* runEmailSync(tenantId)
        assert.deepStrictEqual([proxy.struck(), yield* flagged], [1, 1], fault)
        proxy.setRule(null)
        yield* runEmailSync(tenantId)
        assert.strictEqual(yield* flagged, 2, fault)
        assert.strictEqual((yield* mailedInvoices(tenantId)).length, 2)
      }
    }).pipe(Effect.scoped))

  it.effect("in the middle of a large file, in any way, costs nothing of it and makes it no invoice twice", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const storage = yield* ObjectStorage
      for (const fault of faults) {
        const proxy = yield* imapFaultProxy(dovecot)
        const account = yield* dovecot.addUser
        const file = somePdf(3_000_000)
        yield* dovecot.deliver(account.user, [mailWith({ attachments: [{ name: "plan.pdf", bytes: file }] }), invoiceMail()])
        const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, ...account })
        proxy.setRule({ command: /BODY\.PEEK\[2\]<\d{6,}/, fault, nth: 4 })
        const first = yield* runEmailSync(tenantId)
        assert.strictEqual(proxy.struck(), 1, `${fault}: ${JSON.stringify(first)}`)
        proxy.setRule(null)
        yield* letPass(tenantId)
        assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Complete")
        const invoices = yield* mailedInvoices(tenantId)
        assert.deepStrictEqual(invoices.map(({ fileName, jobs }) => [fileName, jobs]), [["facture.pdf", 1], ["plan.pdf", 1]], fault)
        const stored = yield* storage.download(StorageKey.make(invoices[1]?.fileKey ?? ""), { maxBytes: 4_000_000 })
        assert.isTrue(Buffer.from(stored).equals(file), fault)
      }
    }).pipe(Effect.scoped))

  it.effect("goes on in the same sync when the connection was cut between two mails", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const proxy = yield* imapFaultProxy(dovecot)
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, Array.from({ length: 5 }, () => invoiceMail()))
      const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, ...account })
      proxy.setRule({ command: /BODY\.PEEK\[2\]/, fault: "cut", nth: 3 })
      assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Complete")
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 5)
    }).pipe(Effect.scoped))

  it.effect("at one mail only, every time, has that mail tried four times, shown and passed over, and no other held up", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const proxy = yield* imapFaultProxy(dovecot)
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, [invoiceMail(), invoiceMail(), invoiceMail()])
      const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, ...account })
      proxy.setRule({ command: /^UID FETCH 2 .*BODY\.PEEK\[2\]/, fault: "cut", always: true })
      for (let round = 0; round < 4; round++) {
        assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Complete")
        assert.strictEqual((yield* mailedInvoices(tenantId)).length, 2)
        yield* letPass(tenantId)
      }
      const [, second] = yield* mailLogOf(tenantId)
      assert.strictEqual(second?.state, "given-up")
      assert.strictEqual(second?.attempts, 4)
      assert.include(second?.reason, "given up after 4 tries")
      assert.strictEqual((yield* statusOf(tenantId))[0]?.mailsGivenUp, 1)
      const before = proxy.commands.length
      yield* runEmailSync(tenantId)
      assert.notInclude(proxy.commands.slice(before).join(), "FETCH")
    }).pipe(Effect.scoped))

  it.effect("and is silent holds its tenant for a bounded time and no other tenant at all", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const proxy = yield* imapFaultProxy(dovecot)
      proxy.setRule({ command: /^EXAMINE/, fault: "stall", always: true })
      const slow = yield* dovecot.addUser
      const quick = yield* dovecot.addUser
      yield* dovecot.deliver(quick.user, [invoiceMail()])
      const slowTenant = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: proxy.port, tls: { ca: dovecot.ca }, ...slow })
      const quickTenant = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: dovecot.port, tls: { ca: dovecot.ca }, ...quick })
      const began = performance.now()
      const [late, soon] = yield* Effect.all([
        Effect.map(runEmailSync(slowTenant), (verdict) => ({ verdict, after: performance.now() - began })),
        Effect.map(runEmailSync(quickTenant), (verdict) => ({ verdict, after: performance.now() - began }))
      ], { concurrency: 2 })
      assert.strictEqual(soon.verdict._tag, "Complete")
      assert.isBelow(soon.after, late.after)
      assert.isBelow(late.after, 10_000)
      assert.strictEqual(late.verdict._tag, "Retry")
      assert.include((yield* statusOf(slowTenant))[0]?.lastError, "did not answer for 1s")
    }).pipe(Effect.scoped))
})
