import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { StorageKey } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { corpusFolder } from "../../support/corpus.ts"
import { imapServersAt } from "../../support/imapServers.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, mailLogOf, newMailTenant, ownMailTables, statusOf } from "../../support/mailTables.ts"
import { OwnDovecot } from "../../support/ownDovecot.ts"

const folder = corpusFolder("mail")
const corpus = folder === null ? "" : fileURLToPath(folder)

interface Truth {
  readonly file: string
  readonly attachments: ReadonlyArray<{ readonly class: string; readonly filename: string | null; readonly filename_alt?: ReadonlyArray<string>; readonly sha256: string; readonly size: number }>
}

const ready = Layer.unwrap(Effect.map(OwnDovecot, ({ port }) => imapServersAt([port]))).pipe(
  Layer.provideMerge(mailServices()),
  Layer.provideMerge(Layer.merge(OwnDovecot.layer(), ownMailTables))
)

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

layer(ready, { excludeTestServices: true })("a mailbox of real mails", (it) => {
  it.effect.skipIf(folder === null)("gives every invoice once, with the right bytes and name, and nothing else", () =>
    Effect.gen(function*() {
      const truth: ReadonlyArray<Truth> = JSON.parse(readFileSync(path.join(corpus, "truth.json"), "utf8"))
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, truth.map(({ file }) => readFileSync(path.join(corpus, file))))
      const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: dovecot.port, tls: { ca: dovecot.ca }, ...account })
      const verdict = yield* runEmailSync(tenantId)
      assert.strictEqual(verdict._tag, "Complete", JSON.stringify(verdict))

      const storage = yield* ObjectStorage
      const invoices = yield* mailedInvoices(tenantId)
      const found = new Map<string, string>()
      for (const { fileKey, fileName, jobs } of invoices) {
        const bytes = yield* storage.download(StorageKey.make(fileKey), { maxBytes: 21_000_000 })
        assert.isFalse(found.has(hash(bytes)), `${fileName} twice`)
        assert.strictEqual(jobs, 1)
        found.set(hash(bytes), fileName)
      }
      const all = truth.flatMap(({ attachments }) => attachments)
      const names = (sha256: string) => all.filter((one) => one.sha256 === sha256).flatMap((one) => [one.filename, ...(one.filename_alt ?? [])])
      const missing = all.filter((one) => (one.class === "must" || one.class === "stretch") && !found.has(one.sha256))
      assert.deepStrictEqual(missing.map(({ class: of, filename }) => `${of} ${filename}`), [])
      const allowed = new Set(all.filter((one) => one.class !== "ignore").map(({ sha256 }) => sha256))
      assert.deepStrictEqual([...found].filter(([sha256]) => !allowed.has(sha256)), [])
      for (const [sha256, name] of found) {
        assert.include(names(sha256).map((one) => one?.normalize("NFC").split(/[/\\]/).at(-1)), name)
      }

      const [status] = yield* statusOf(tenantId)
      assert.strictEqual(status?.status, "active")
      assert.strictEqual(Number(status?.importedCount), invoices.length)
      const log = yield* mailLogOf(tenantId)
      assert.strictEqual(log.length, truth.length)
      for (const row of log) assert.strictEqual(row.attachments.length, row.imported + row.duplicates + row.skipped)

      const again = yield* runEmailSync(tenantId)
      assert.strictEqual(again._tag === "Complete" && again.summary["mails"], 0)
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, invoices.length)
    }))
})
