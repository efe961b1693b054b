import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { StorageKey } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { emulatedMailbox, type Quirks } from "../../emulators/imap.ts"
import { imapServersAt } from "../../support/imapServers.ts"
import { jpeg } from "../../support/mail/files.ts"
import { mailWith, somePdf } from "../../support/mails.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, mailLogOf, newMailTenant, ownMailTables, statusOf } from "../../support/mailTables.ts"

/** Every port: each test has a server of its own. */
const ready = imapServersAt(Array.from({ length: 65_535 }, (_, n) => n + 1)).pipe(Layer.provideMerge(mailServices()), Layer.provideMerge(ownMailTables))

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const mailOf = (...files: ReadonlyArray<Uint8Array>): Buffer => Buffer.from(mailWith({ attachments: files.map((bytes, n) => ({ name: `${n}.pdf`, bytes })) }))

const withServer = Effect.fnUntraced(function*(mails: ReadonlyArray<Uint8Array>, quirks: Quirks) {
  const { ca, host, password, port, user } = yield* emulatedMailbox(mails, quirks)
  const tenantId = yield* newMailTenant({ email: "a@example.test", host, port, tls: { ca }, user, password })
  const sync = Effect.gen(function*() {
    const verdict = yield* runEmailSync(tenantId)
    assert.strictEqual(verdict._tag, "Complete", JSON.stringify(verdict))
    return verdict._tag === "Complete" ? verdict.summary : {}
  })
  const contents = Effect.gen(function*() {
    const storage = yield* ObjectStorage
    const invoices = yield* mailedInvoices(tenantId)
    return (yield* Effect.forEach(invoices, ({ fileKey }) => Effect.map(storage.download(StorageKey.make(fileKey), { maxBytes: 30_000_000 }), hash))).sort()
  })
  return { tenantId, sync, contents }
})

const pdf = somePdf(900_000)
const photo = jpeg(3_000, 4_000, 60_000)

layer(ready, { excludeTestServices: true })("a server that does not go by the standard", (it) => {
  const kinds: ReadonlyArray<readonly [string, Quirks]> = [
    ["says a mail has no bytes", { size: 0 }],
    ["says a mail has more bytes than there are", { size: 4_000_000_000 }],
    ["says parts have no bytes", { bodyStructure: (honest) => honest.replaceAll(/"base64" \d+/g, `"base64" 0`) }],
    ["says parts have one byte", { bodyStructure: (honest) => honest.replaceAll(/"base64" \d+/g, `"base64" 1`) }],
    ["says parts have more bytes than there are", { bodyStructure: (honest) => honest.replaceAll(/"base64" \d+/g, `"base64" 3000000000`) }],
    ["has no description of a mail", { bodyStructure: () => "NIL" }],
    ["has a description that ends in the middle", { bodyStructure: (honest) => honest.slice(0, honest.length / 2) }],
    ["has a description that is nonsense", { bodyStructure: () => `("text" (("plain" NIL 7)) (())` }],
    ["describes a multipart as one text", { bodyStructure: () => `("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 2000000 30000)` }],
    ["knows no pieces of a section", { knowsNoParts: true }],
    ["refuses to give the headers of parts", { knowsNoHeaders: true }],
    ["gives a little at a time", { mostBytes: 100_000 }]
  ]
  for (const [name, quirks] of kinds) {
    it.effect(`${name} hands over every invoice, with the right bytes`, () =>
      Effect.gen(function*() {
        const { contents, sync } = yield* withServer([mailOf(pdf, photo)], quirks)
        yield* sync
        assert.deepStrictEqual(yield* contents, [hash(pdf), hash(photo)].sort())
      }).pipe(Effect.scoped))
  }

  it.effect("and gives the last mail again and again has it looked at once", () =>
    Effect.gen(function*() {
      const { sync, tenantId } = yield* withServer([mailOf(somePdf()), mailOf(somePdf())], { givesLastMail: true, uids: [7, 9] })
      assert.strictEqual((yield* sync)["imported"], 2)
      for (let n = 0; n < 3; n++) assert.strictEqual((yield* sync)["mails"], 0)
      assert.strictEqual((yield* mailLogOf(tenantId)).length, 2)
    }).pipe(Effect.scoped))

  it.effect("and does not say its next UID, or one that is too low or too high, costs no mail", () =>
    Effect.gen(function*() {
      for (const uidNext of [null, 1, 8, 1_000_000]) {
        const mails = [mailOf(somePdf()), mailOf(somePdf())]
        const quirks: Quirks = { uids: [7, 9], uidNext }
        const { sync } = yield* withServer(mails, quirks)
        assert.strictEqual((yield* sync)["imported"], 2, `${uidNext}`)
        assert.strictEqual((yield* sync)["mails"], 0)
        mails.push(mailOf(somePdf()))
        quirks.uids = [7, 9, 10]
        assert.strictEqual((yield* sync)["imported"], 1, `${uidNext}`)
      }
    }).pipe(Effect.scoped))

  it.effect("and counts from below where it was has its new mails imported, and the others not again", () =>
    Effect.gen(function*() {
      const kept = mailOf(somePdf())
      const mails = [kept, mailOf(somePdf()), mailOf(somePdf())]
      const quirks: Quirks = { uids: [5, 40, 41] }
      const { contents, sync, tenantId } = yield* withServer(mails, quirks)
      assert.strictEqual((yield* sync)["imported"], 3)
      // As after a backup was put back that is older than the last sync.
      const fresh = somePdf()
      mails.splice(1, 2, mailOf(fresh))
      quirks.uids = [5, 6]
      quirks.uidNext = 7
      assert.strictEqual((yield* sync)["imported"], 1)
      assert.include(yield* contents, hash(fresh))
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 4)
      assert.strictEqual((yield* statusOf(tenantId))[0]?.status, "active")
    }).pipe(Effect.scoped))
})
