import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { imapServersAt } from "../../support/imapServers.ts"
import { invoiceMail } from "../../support/mails.ts"
import { mailServices, runEmailSync } from "../../support/mailServices.ts"
import { mailedInvoices, newMailTenant, ownMailTables, setMailSettings, statusOf } from "../../support/mailTables.ts"
import { OwnDovecot } from "../../support/ownDovecot.ts"
import { TokenServer } from "../../support/tokenServer.ts"

const ready = Layer.unwrap(Effect.gen(function*() {
  const { port } = yield* OwnDovecot
  const { tokenUrl } = yield* TokenServer
  return Layer.merge(
    imapServersAt([port]),
    mailServices({ providers: [{ name: "microsoft", tokenUrl, clientId: "our-client", clientSecret: Redacted.make("our-secret") }] })
  )
})).pipe(
  Layer.provideMerge(Layer.merge(Layer.unwrap(Effect.map(TokenServer, ({ tokenInfoUrl }) => OwnDovecot.layer({ tokenInfoUrl }))), ownMailTables)),
  Layer.provideMerge(TokenServer.layer)
)

const signedIn = Effect.gen(function*() {
  const dovecot = yield* OwnDovecot
  const server = yield* TokenServer
  const { user } = yield* dovecot.addUser
  yield* dovecot.deliver(user, [invoiceMail()])
  const entry = (refreshToken: string, provider = "microsoft") => ({
    id: "box",
    email: `${user}@example.test`,
    user,
    host: "localhost",
    port: dovecot.port,
    tls: { ca: dovecot.ca },
    oauth2: { provider, refreshToken }
  })
  const refreshToken = server.signIn(user)
  return { dovecot, server, user, entry, refreshToken, tenantId: yield* newMailTenant(entry(refreshToken)) }
})

layer(ready, { excludeTestServices: true })("a mailbox that is signed in to by OAuth", (it) => {
  it.effect("is read with access tokens, and the refresh token that the provider rotates is kept, sealed", () =>
    Effect.gen(function*() {
      const { dovecot, server, tenantId, user } = yield* signedIn
      const sql = yield* SqlClient.SqlClient
      const first = yield* runEmailSync(tenantId)
      assert.strictEqual(first._tag, "Complete", JSON.stringify(first))
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 1)
      const before = server.refreshes()
      yield* runEmailSync(tenantId)
      assert.strictEqual(server.refreshes(), before)

      const stored = sql<{ readonly refreshToken: string }>`SELECT "refreshToken" FROM tt_worker.mailboxes WHERE "tenantId" = ${tenantId}`
      const [one] = yield* stored
      assert.match(one?.refreshToken ?? "", /^enc:v1:k1:/)
      // The settings still hold the first token, which is spent: the stored one works, and is rotated again.
      server.withdrawAccess()
      yield* dovecot.deliver(user, [invoiceMail()])
      const second = yield* runEmailSync(tenantId)
      assert.strictEqual(second._tag, "Complete", JSON.stringify(second))
      assert.strictEqual((yield* mailedInvoices(tenantId)).length, 2)
      const [two] = yield* stored
      assert.notStrictEqual(two?.refreshToken, one?.refreshToken)
    }))

  it.effect("asks for a new sign-in when the provider has withdrawn it, and goes on with that", () =>
    Effect.gen(function*() {
      const { entry, server, tenantId, user } = yield* signedIn
      server.revoke(user)
      assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Fail")
      const [status] = yield* statusOf(tenantId)
      assert.strictEqual(status?.lastErrorCode, "mail-token-refused")
      assert.include(status?.lastError, "please sign in again")
      yield* setMailSettings(tenantId, entry(server.signIn(user)))
      assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Complete")
      assert.strictEqual((yield* statusOf(tenantId))[0]?.status, "active")
    }))

  it.effect("is put off, and not blamed, while the provider's token endpoint is busy or away", () =>
    Effect.gen(function*() {
      const { server, tenantId } = yield* signedIn
      for (const status of [429, 503]) {
        server.failWith(status)
        const sql = yield* SqlClient.SqlClient
        yield* sql`UPDATE tt_worker.mailboxes SET "notBefore" = NULL WHERE "tenantId" = ${tenantId}`
        assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Postpone")
        assert.strictEqual((yield* statusOf(tenantId))[0]?.status, "active")
      }
      server.failWith(null)
    }))

  it.effect("says so where the operator has not set up the provider, and never takes an endpoint from the tenant", () =>
    Effect.gen(function*() {
      const { entry, refreshToken, server, tenantId } = yield* signedIn
      const before = server.refreshes()
      yield* setMailSettings(tenantId, { ...entry(refreshToken, "yahoo"), oauth2: { provider: "yahoo", refreshToken, tokenUrl: server.tokenUrl.href, clientId: "our-client" } })
      assert.strictEqual((yield* runEmailSync(tenantId))._tag, "Fail")
      assert.include((yield* statusOf(tenantId))[0]?.lastError, `sign-in with "yahoo" is not set up here`)
      assert.strictEqual(server.refreshes(), before)
    }))
})
