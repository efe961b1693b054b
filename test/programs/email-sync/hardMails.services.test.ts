import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { zipSync } from "fflate"
import { createHash } from "node:crypto"
import { StorageKey } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { imapServersAt } from "../../support/imapServers.ts"
import { invoiceMail, mailWith, somePdf } from "../../support/mails.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, mailLogOf, newMailTenant, ownMailTables } from "../../support/mailTables.ts"
import { OwnDovecot } from "../../support/ownDovecot.ts"

const ready = Layer.unwrap(Effect.map(OwnDovecot, ({ port }) => imapServersAt([port]))).pipe(
  Layer.provideMerge(mailServices()),
  Layer.provideMerge(Layer.merge(OwnDovecot.layer(), ownMailTables))
)

const sync = Effect.fnUntraced(function*(mails: ReadonlyArray<string | Uint8Array>, settings: object = {}) {
  const dovecot = yield* OwnDovecot
  const account = yield* dovecot.addUser
  yield* dovecot.deliver(account.user, mails)
  const tenantId = yield* newMailTenant({ email: "a@example.test", host: "localhost", port: dovecot.port, tls: { ca: dovecot.ca }, ...account, ...settings })
  const verdict = yield* runEmailSync(tenantId)
  assert.strictEqual(verdict._tag, "Complete", JSON.stringify(verdict))
  return { tenantId, invoices: yield* mailedInvoices(tenantId), log: yield* mailLogOf(tenantId) }
})

const contents = Effect.fnUntraced(function*(keys: ReadonlyArray<string>) {
  const storage = yield* ObjectStorage
  const all = yield* Effect.forEach(keys, (key) => storage.download(StorageKey.make(key), { maxBytes: 30_000_000 }))
  return new Set(all.map((bytes) => createHash("sha256").update(bytes).digest("hex")))
})
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** A mail whose text is this. */
const raw = (body: string, ...headers: ReadonlyArray<string>): string => ["From: a@b.example", "Subject: x", "MIME-Version: 1.0", ...headers, "", body, ""].join("\r\n")

layer(ready, { excludeTestServices: true })("mails that nobody should write", (it) => {
  it.effect("stop no sync, and the invoices around them come in", () =>
    Effect.gen(function*() {
      const inParts = somePdf()
      const inDepth = somePdf()
      const pdf = (bytes: Buffer) => `Content-Type: application/pdf; name="f.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes.toString("base64").replaceAll(/.{76}/g, "$&\r\n")}`
      const tenThousandParts = raw(
        `${Array.from({ length: 9_990 }, (_, n) => `--b\r\nContent-Type: text/plain\r\n\r\n${n}`).join("\r\n")}\r\n--b\r\n${pdf(inParts)}\r\n--b--`,
        "Content-Type: multipart/mixed; boundary=b"
      )
      const fiftyLevels = Array.from({ length: 50 }, (_, n) => n).reduce(
        (inner, n) => `Content-Type: multipart/mixed; boundary=l${n}\r\n\r\n--l${n}\r\n${inner}\r\n--l${n}--`,
        pdf(inDepth)
      )
      const before = invoiceMail()
      const after = invoiceMail()
      const { invoices, log } = yield* sync([
        before,
        tenThousandParts,
        `From: a@b.example\r\nMIME-Version: 1.0\r\n${fiftyLevels}\r\n`,
        raw("Bonjour", `X-Long: ${"a".repeat(1_000_000)}`),
        mailWith({ subject: "s".repeat(500_000) }),
        raw("--b\r\nContent-Type: text/plain\r\n\r\nno end", "Content-Type: multipart/mixed"),
        raw("%PDF-1.4 is only said here", "Content-Type: application/pdf"),
        raw("\0\0\0", "X-Nul: a\0b"),
        Buffer.from(raw("Été", "Subject: Facture n\xb0 \xe9t\xe9"), "latin1"),
        "",
        "\r\n\r\n",
        "no header at all",
        after
      ])
      assert.strictEqual(log.length, 13)
      assert.isTrue(log.every(({ state }) => state === "imported" || state === "nothing"), JSON.stringify(log.map(({ reason, state, uid }) => ({ uid, state, reason }))))
      const found = yield* contents(invoices.map(({ fileKey }) => fileKey))
      assert.isTrue(found.has(hash(inParts)), "the one among ten thousand parts")
      assert.isTrue(found.has(hash(inDepth)), "the one fifty levels down")
      assert.isAtLeast(invoices.length, 4)
      assert.notInclude(JSON.stringify(log), "\\u0000")
    }), 120_000)

  it.effect("that lie about what they hold are judged by the bytes, and their names lead nowhere", () =>
    Effect.gen(function*() {
      const asText = somePdf()
      const travelling = somePdf()
      const { invoices, log } = yield* sync([
        mailWith({ attachments: [{ name: "readme.txt", type: "text/plain", bytes: asText }] }),
        mailWith({ attachments: [{ name: "../../../../etc/passwd.pdf", bytes: travelling }] }),
        mailWith({ attachments: [{ name: "virus.pdf", bytes: Buffer.from("MZ this is no PDF".repeat(500)) }] }),
        mailWith({ attachments: [{ name: "facture.pdf", bytes: Buffer.alloc(0) }] })
      ])
      const found = yield* contents(invoices.map(({ fileKey }) => fileKey))
      assert.deepStrictEqual([...found].sort(), [hash(asText), hash(travelling)].sort())
      assert.isTrue(invoices.some(({ fileName }) => fileName === "passwd.pdf"))
      for (const { fileKey } of invoices) assert.match(fileKey, /^[\w-]+\/\d{4}\/\d{2}\/c[0-9a-z]{24}$/)
      assert.deepStrictEqual(log.map(({ attachments }) => attachments[0]?.reasonCode ?? null), [null, null, "text", "empty"])
    }))

  it.effect("such as bombs and mails of hundreds of megabytes are left out without being held in memory", () =>
    Effect.gen(function*() {
      const bomb = zipSync({ "facture.pdf": new Uint8Array(200 * 1024 * 1024) }, { level: 9 })
      const huge = Buffer.alloc(150 * 1024 * 1024, 0x41)
      const wanted = somePdf()
      const mail = Buffer.concat([
        Buffer.from(mailWith({ attachments: [{ name: "facture.pdf", bytes: wanted }] }).replace(/--(=_part_\d+)--\r\n$/, `--$1\r\nContent-Type: application/octet-stream; name="video.mp4"\r\nContent-Transfer-Encoding: base64\r\n\r\n`)),
        Buffer.from(huge.toString("base64").replaceAll(/.{76}/g, "$&\r\n")),
        Buffer.from("\r\n")
      ])
      const before = process.memoryUsage.rss()
      let peak = before
      const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
      const { invoices, log } = yield* sync([mailWith({ attachments: [{ name: "archive.zip", type: "application/zip", bytes: bomb }] }), mail]).pipe(
        Effect.ensuring(Effect.sync(() => clearInterval(watch)))
      )
      const found = yield* contents(invoices.map(({ fileKey }) => fileKey))
      assert.deepStrictEqual([...found], [hash(wanted)])
      assert.strictEqual(log[0]?.state, "nothing")
      assert.include(["suspicious-container", "too-large"], log[0]?.attachments[0]?.reasonCode)
      assert.isBelow(peak - before, 400 * 1024 * 1024)
    }), 120_000)

  it.effect("such as files of 20 MB from many mailboxes at once pass through, and are not held in memory", () =>
    Effect.gen(function*() {
      const file = somePdf(20_000_000)
      const before = process.memoryUsage.rss()
      let peak = before
      const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
      const mail = mailWith({ attachments: [{ name: "plan.pdf", bytes: file }] })
      const all = yield* Effect.forEach(Array.from({ length: 8 }), () => sync([mail]), { concurrency: 8 }).pipe(Effect.ensuring(Effect.sync(() => clearInterval(watch))))
      for (const { invoices } of all) assert.deepStrictEqual([...(yield* contents(invoices.map(({ fileKey }) => fileKey)))], [hash(file)])
      assert.isBelow(peak - before, 250 * 1024 * 1024)
    }), 120_000)

  it.effect("without a Message-ID, or with another mail's, are mails of their own", () =>
    Effect.gen(function*() {
      const { invoices, log } = yield* sync([
        invoiceMail({ messageId: null }),
        invoiceMail({ messageId: null }),
        invoiceMail({ messageId: "same@example.test" }),
        invoiceMail({ messageId: "same@example.test" })
      ])
      assert.strictEqual(invoices.length, 4)
      assert.deepStrictEqual(log.map(({ messageId }) => messageId), [null, null, "<same@example.test>", "<same@example.test>"])
    }))

  it.effect("such as a cut base64 text give what is there, and automatic mail and strangers are left out with a reason", () =>
    Effect.gen(function*() {
      const whole = invoiceMail()
      const { log } = yield* sync([
        whole.slice(0, whole.length - 4_000),
        invoiceMail({ headers: ["Auto-Submitted: auto-replied"] }),
        invoiceMail({ from: "MAILER-DAEMON@mx.example", headers: ["Return-Path: <>", "X-Failed-Recipients: a@b.example"] }),
        invoiceMail({ from: "Voisin <v@ailleurs.example>" }),
        invoiceMail()
      ], { allowedSenders: ["fournisseur.example", "mx.example"] })
      assert.deepStrictEqual(log.map(({ reasonCode, state }) => reasonCode ?? state), ["imported", "automatic-reply", "bounce", "sender-not-allowed", "imported"])
    }))
})
