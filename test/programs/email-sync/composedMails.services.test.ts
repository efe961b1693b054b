import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { StorageKey } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { imapServersAt } from "../../support/imapServers.ts"
import { joined } from "../../support/mail/composeMail.ts"
import { everydayMails } from "../../support/mail/everydayMails.ts"
import { type HardMail, hardMails } from "../../support/mail/hardMails.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, mailLogOf, newMailTenant, ownMailTables } from "../../support/mailTables.ts"
import { OwnDovecot } from "../../support/ownDovecot.ts"

const ready = Layer.unwrap(Effect.map(OwnDovecot, ({ port }) => imapServersAt([port]))).pipe(
  Layer.provideMerge(mailServices()),
  Layer.provideMerge(Layer.merge(OwnDovecot.layer(), ownMailTables))
)

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Each mail from a real server, in a mailbox of its own: name and bytes of what became an invoice, and the reasons of what did not. */
const outcomeOf = Effect.fnUntraced(function*({ pieces }: HardMail) {
  const dovecot = yield* OwnDovecot
  const account = yield* dovecot.addUser
  yield* dovecot.deliver(account.user, [joined(pieces())])
  const limits = { importsPerDay: 100_000 }
  const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: dovecot.port, tls: { ca: dovecot.ca }, limits, ...account })
  const verdict = yield* runEmailSync(tenantId)
  assert.strictEqual(verdict._tag, "Complete", JSON.stringify(verdict))
  const storage = yield* ObjectStorage
  const invoices = yield* mailedInvoices(tenantId)
  const found = yield* Effect.forEach(invoices, ({ fileKey, fileName }) =>
    Effect.map(storage.download(StorageKey.make(fileKey), { maxBytes: 30_000_000 }), (bytes) => `${fileName} ${hash(bytes).slice(0, 12)}`))
  const log = yield* mailLogOf(tenantId)
  return { found: found.sort(), reasons: new Set(log.flatMap(({ attachments, reasonCode }) => [reasonCode, ...attachments.map((one) => one.reasonCode)])) }
})

layer(ready, { excludeTestServices: true })("from a real server, every invoice is imported with its bytes and name, and nothing else", (it) => {
  for (const hard of [...everydayMails(), ...hardMails()]) {
    if (hard.isHuge === true) continue
    it.effect(hard.title, () =>
      Effect.gen(function*() {
        const { found, reasons } = yield* outcomeOf(hard)
        assert.deepStrictEqual(found, hard.imports.map(({ bytes, name }) => `${name} ${hash(bytes).slice(0, 12)}`).sort())
        for (const reason of hard.skips ?? []) assert.isTrue(reasons.has(reason), `${reason} is not among ${[...reasons].join()}`)
      }), 120_000)
  }
})
