import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Redacted, Stream } from "effect"
import { MailServers, type MailTarget } from "../../../src/services/MailServers.ts"
import { imapServersAt, targetOn } from "../../support/imapServers.ts"
import { OwnDovecot } from "../../support/ownDovecot.ts"

const mail = (subject: string, body = "Bonjour") => `From: a@example.test\r\nTo: b@example.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.test>\r\n\r\n${body}\r\n`

const withPdf = (pdf: Buffer) =>
  [
    "From: fournisseur@example.test",
    "Subject: Facture",
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="b"`,
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Voir la facture.",
    "--b",
    `Content-Type: application/pdf; name="facture.pdf"`,
    "Content-Transfer-Encoding: base64",
    "Content-Disposition: attachment; filename=facture.pdf",
    "",
    pdf.toString("base64").replaceAll(/.{76}/g, "$&\r\n"),
    "--b--",
    ""
  ].join("\r\n")

const ready = Layer.unwrap(Effect.map(OwnDovecot, ({ port, startTlsPort }) => imapServersAt([port, startTlsPort], Duration.seconds(3)))).pipe(Layer.provideMerge(OwnDovecot.layer()))

const connect = (target: MailTarget) => MailServers.use((servers) => servers.connect(target))
const refusal = (target: MailTarget) => Effect.flip(Effect.scoped(connect(target)))

layer(ready, { excludeTestServices: true })("a mailbox on a real server", (it) => {
  it.effect("is read by TLS from the first byte and by STARTTLS, with the certificate checked", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, [mail("one"), mail("two")])
      for (const target of [targetOn(dovecot, account), targetOn(dovecot, account, { port: dovecot.startTlsPort, security: "starttls" })]) {
        const session = yield* connect(target)
        const folder = yield* session.open("INBOX", { writable: false })
        assert.strictEqual(folder.exists, 2)
        assert.deepStrictEqual(yield* session.list({ from: 1, to: null, since: null }), [1, 2])
      }
    }).pipe(Effect.scoped))

  it.effect("is not used when its certificate is not trusted, unless the settings name the certificate", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      const strange = yield* refusal(targetOn(dovecot, account, { ca: null }))
      assert.strictEqual(strange.reason._tag, "TlsRefused")
      assert.strictEqual(strange.step, "tls")
      const overStartTls = yield* refusal(targetOn(dovecot, account, { ca: null, port: dovecot.startTlsPort, security: "starttls" }))
      assert.strictEqual(overStartTls.reason._tag, "TlsRefused")
      const otherName = yield* refusal(targetOn(dovecot, account, { host: "imap.other.test" }))
      assert.include(otherName.plainWords, "another name")

      const pinned = targetOn(dovecot, account, { ca: null, host: "imap.other.test", fingerprint: dovecot.fingerprint })
      yield* Effect.scoped(connect(pinned))
      yield* Effect.scoped(connect({ ...pinned, port: dovecot.startTlsPort, security: "starttls" }))
      const wrongPin = yield* refusal({ ...pinned, fingerprint: "AB".repeat(32) })
      assert.include(wrongPin.plainWords, "another fingerprint")
    }))

  it.effect("says at which step a connection failed, in plain words and without the password", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      const wrong = yield* refusal(targetOn(dovecot, { ...account, password: "hunter2" }))
      assert.strictEqual(wrong.reason._tag, "PasswordRefused")
      assert.strictEqual(wrong.step, "login")
      assert.strictEqual(wrong.plainWords, "the password was refused by localhost")
      assert.notInclude(JSON.stringify(wrong) + wrong.message, "hunter2")
      assert.strictEqual((yield* refusal(targetOn(dovecot, account, { port: 4143 }))).reason._tag, "PortRefused")
      assert.strictEqual((yield* refusal(targetOn(dovecot, account, { security: "starttls" }))).retry._tag, "Transient")
      const session = yield* connect(targetOn(dovecot, account))
      const missing = yield* Effect.flip(session.open("Factures", { writable: false }))
      assert.deepStrictEqual({ ...missing.reason }, { _tag: "FolderMissing", folder: "Factures" })
    }).pipe(Effect.scoped))

  it.effect("gives structure, headers and single parts, marks nothing as read, and leaves out what is gone", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      const pdf = Buffer.concat([Buffer.from("%PDF-1.4\n"), Buffer.alloc(1_500_000, "0123456789")])
      yield* dovecot.deliver(account.user, [withPdf(pdf), mail("two")], { receivedAt: new Date("2026-03-01T12:00:00Z") })
      const session = yield* connect(targetOn(dovecot, account))
      yield* session.open("INBOX", { writable: false })
      const [first, ...others] = yield* session.look([1, 2, 77])
      assert.strictEqual(others.length, 1)
      assert.strictEqual(first?.structure?.childNodes?.[1]?.type, "application/pdf")
      assert.strictEqual(first?.structure?.childNodes?.[1]?.dispositionParameters?.["filename"], "facture.pdf")
      assert.include(Buffer.from(first?.headers ?? []).toString(), "Subject: Facture")
      assert.strictEqual(first?.receivedAt === null || first === undefined ? null : DateTime.formatIso(first.receivedAt), "2026-03-01T12:00:00.000Z")
      const start = yield* session.start(1, "2", 10_000)
      const rest = (maxBytes: number, uid = 1, from = 10_000) => Stream.runCollect(session.rest(uid, "2", { from, size: null, maxBytes }))
      const part = Buffer.concat([start?.bytes ?? new Uint8Array(), ...(yield* rest(5_000_000))])
      assert.isTrue(Buffer.from(part.toString(), "base64").equals(pdf))
      assert.include(Buffer.from(start?.header ?? []).toString(), "filename=facture.pdf")
      assert.deepInclude(yield* Effect.flip(rest(1_000_000)), { reason: "too-large" })
      assert.deepInclude(yield* Effect.flip(rest(1_000, 77, 0)), { reason: "gone" })
      assert.isNull(yield* session.start(77, "1", 1_000))
      const whole = yield* session.start(2, "", 1_000)
      assert.include(Buffer.from(whole?.bytes ?? []).toString(), "Bonjour")
      assert.deepStrictEqual([...(yield* session.reaching(1, [{ section: "1", offset: 0 }, { section: "2", offset: part.length - 1 }]))], ["1", "2"])
      assert.deepStrictEqual([...(yield* session.reaching(1, [{ section: "1", offset: 5_000 }, { section: "2", offset: part.length }]))], [])
      assert.deepStrictEqual(yield* session.list({ from: 3, to: null, since: null }), [])
      assert.deepStrictEqual(yield* session.list({ from: 1, to: null, since: DateTime.makeUnsafe("2026-03-03T00:00:00Z") }), [])
      assert.deepStrictEqual((yield* dovecot.files(account.user)).filter((file) => /:2,.*S/.test(file)), [])
    }).pipe(Effect.scoped))

  it.effect("flags and moves when asked, and tells when mail has come", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, [mail("one"), mail("two")])
      yield* dovecot.deliver(account.user, [], { folder: "Done" })
      const session = yield* connect(targetOn(dovecot, account))
      yield* session.open("INBOX", { writable: true })
      yield* session.flag(1, "\\Seen")
      yield* session.move(2, "Done")
      assert.match((yield* dovecot.files(account.user)).join(), /:2,S$/)
      assert.strictEqual((yield* dovecot.files(account.user, "Done")).length, 1)
      yield* Effect.forkChild(Effect.andThen(Effect.sleep("300 millis"), dovecot.deliver(account.user, [mail("three")])))
      const began = performance.now()
      assert.isTrue(yield* session.awaitMail(Duration.seconds(20)))
      assert.isBelow(performance.now() - began, 10_000)
      assert.isFalse(yield* session.awaitMail(Duration.millis(100)))
      assert.strictEqual((yield* session.list({ from: 1, to: null, since: null })).length, 2)
    }).pipe(Effect.scoped))

  it.effect("goes on telling when mail has come after a quiet while, in which it looked whether the server is there", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      yield* dovecot.deliver(account.user, [mail("one")])
      const session = yield* connect(targetOn(dovecot, account))
      yield* session.open("INBOX", { writable: false })
      // Twice as long as it takes until the client asks.
      yield* Effect.forkChild(Effect.andThen(Effect.sleep("13 seconds"), dovecot.deliver(account.user, [mail("two")])))
      assert.isTrue(yield* session.awaitMail(Duration.seconds(25)))
    }).pipe(Effect.scoped), 40_000)

  it.effect("tells a server's limit on connections from a wrong password", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const account = yield* dovecot.addUser
      const target = targetOn(dovecot, account)
      for (let n = 0; n < 10; n++) yield* connect(target)
      const error = yield* refusal(target)
      assert.strictEqual(error.reason._tag, "Throttled")
      assert.strictEqual(error.retry._tag, "RateLimited")
    }).pipe(Effect.scoped))

  it.effect("refuses a login with no such user like a wrong password", () =>
    Effect.gen(function*() {
      const dovecot = yield* OwnDovecot
      const target = targetOn(dovecot, { user: "nobody-here", password: "x" })
      assert.strictEqual((yield* refusal(target)).reason._tag, "PasswordRefused")
      assert.strictEqual((yield* refusal({ ...target, login: { _tag: "AccessToken", user: "a", token: Redacted.make("t") } })).step, "login")
    }))
})
