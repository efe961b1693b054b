import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { TenantId } from "../../../src/domain/ids.ts"
import type { MailboxId } from "../../../src/domain/mailbox/MailboxSettings.ts"
import { Mailboxes, SyncEnd } from "../../../src/services/Mailboxes.ts"
import { newMailTenant, ownMailTables, setMailSettings, statusOf } from "../../support/mailTables.ts"

const entry = { id: "box", email: "a@b.example", host: "h.example", password: "x" }
const minute = Duration.minutes(1)

/** Takes over what the tenant's settings say now; the digest stands for its credentials. */
const takeOver = Effect.fnUntraced(function*(tenantId: TenantId, digest = "digest") {
  const mailboxes = yield* Mailboxes
  const accounts = yield* mailboxes.accounts(tenantId)
  if (accounts === null) return yield* Effect.die("no such tenant")
  yield* mailboxes.takeOver(tenantId, accounts, new Map(accounts.mailboxes.map(({ id }) => [id, digest])))
  return accounts.mailboxes.map(({ id }) => id)
})

const newBox = Effect.fnUntraced(function*(settings: unknown = entry) {
  const tenantId = yield* newMailTenant(settings)
  const [id] = yield* takeOver(tenantId)
  return id === undefined ? yield* Effect.die("no mailbox") : { tenantId, id }
})

const claim = (tenantId: TenantId, id: MailboxId, jobId: string, lease = minute) => Mailboxes.use((mailboxes) => mailboxes.claim(tenantId, id, { jobId, holder: "test", lease }))
const claimed = Effect.fnUntraced(function*(tenantId: TenantId, id: MailboxId, jobId = "job") {
  const answer = yield* claim(tenantId, id, jobId)
  return answer._tag === "Claimed" ? answer : yield* Effect.die(answer._tag)
})
const refused = (change: Partial<Parameters<typeof SyncEnd.Failed>[0]> = {}) =>
  SyncEnd.Failed({ code: "mail-password-refused", sentence: "the password was refused by h.example", pause: minute, login: "refused", lasting: true, ...change })

layer(ownMailTables, { excludeTestServices: true })("the tenants' mailboxes", (it) => {
  it.effect("are found when their settings or switches have changed, and not again once these were taken over", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const sql = yield* SqlClient.SqlClient
      const tenantId = yield* newMailTenant(entry)
      const isChanged = Effect.map(mailboxes.changed(1_000), (ids) => ids.includes(tenantId))
      assert.isTrue(yield* isChanged)
      yield* takeOver(tenantId)
      assert.isFalse(yield* isChanged)
      yield* setMailSettings(tenantId, { ...entry, intervalMinutes: 7 })
      assert.isTrue(yield* isChanged)
      yield* takeOver(tenantId)
      yield* sql`UPDATE tenants SET features = '{"invoices": false}' WHERE id = ${tenantId}`
      assert.isTrue(yield* isChanged)
      yield* takeOver(tenantId)
      yield* sql`UPDATE tenants SET "emailSettings" = NULL WHERE id = ${tenantId}`
      assert.isTrue(yield* isChanged)
      yield* takeOver(tenantId)
      assert.isFalse(yield* isChanged)
      const without = yield* newMailTenant(null)
      assert.notInclude(yield* mailboxes.changed(1_000), without)
    }))

  it.effect("are looked at again when the settings changed while they were being taken over", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const tenantId = yield* newMailTenant(entry)
      const accounts = yield* mailboxes.accounts(tenantId)
      yield* setMailSettings(tenantId, { ...entry, host: "other.example" })
      if (accounts !== null) yield* mailboxes.takeOver(tenantId, accounts, new Map())
      assert.include(yield* mailboxes.changed(1_000), tenantId)
    }))

  it.effect("belong to one job until its lease is over, or the same job comes again", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const { id, tenantId } = yield* newBox()
      const first = yield* claimed(tenantId, id, "one")
      assert.strictEqual((yield* claim(tenantId, id, "two"))._tag, "Busy")
      const again = yield* claimed(tenantId, id, "one")
      assert.strictEqual((yield* Effect.flip(mailboxes.renew(first.claim, minute))).reason, "claim-lost")
      assert.strictEqual((yield* Effect.flip(mailboxes.finish(first.claim, SyncEnd.Synced({ note: null, complete: true })))).reason, "claim-lost")
      yield* mailboxes.renew(again.claim, Duration.millis(1))
      yield* Effect.sleep("20 millis")
      assert.strictEqual((yield* claim(tenantId, id, "two"))._tag, "Claimed")
      assert.strictEqual((yield* claim(yield* newMailTenant(null), id, "two"))._tag, "Unknown")
    }))

  it.effect("show how the last sync ended, and keep their last success", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const { id, tenantId } = yield* newBox()
      yield* mailboxes.finish((yield* claimed(tenantId, id)).claim, SyncEnd.Synced({ note: null, complete: true }))
      const [well] = yield* statusOf(tenantId)
      assert.strictEqual(well?.status, "active")
      assert.isNotNull(well?.lastSyncedAt ?? null)
      yield* mailboxes.finish((yield* claimed(tenantId, id)).claim, SyncEnd.PutOff({ note: "h.example asks for fewer connections", pause: minute }))
      const [put] = yield* statusOf(tenantId)
      assert.deepStrictEqual([put?.status, put?.note, put?.lastError], ["active", "h.example asks for fewer connections", null])
      const waiting = yield* claimed(tenantId, id)
      assert.isTrue(waiting.state.waits !== null && Duration.toSeconds(waiting.state.waits) > 50)
      yield* mailboxes.finish(waiting.claim, refused())
      const [failed] = yield* statusOf(tenantId)
      assert.deepStrictEqual([failed?.status, failed?.lastErrorCode], ["error", "mail-password-refused"])
      assert.deepStrictEqual(failed?.lastSyncedAt, well?.lastSyncedAt)
    }))

  it.effect("end their pause when the credentials change, and only then", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const { id, tenantId } = yield* newBox()
      yield* mailboxes.finish((yield* claimed(tenantId, id)).claim, refused({ login: "paused" }))
      yield* takeOver(tenantId)
      assert.strictEqual((yield* statusOf(tenantId))[0]?.status, "disabled")
      yield* takeOver(tenantId, "other")
      const { state } = yield* claimed(tenantId, id)
      assert.deepStrictEqual([state.paused, state.loginFailures, state.waits], [false, 0, null])
      assert.strictEqual((yield* statusOf(tenantId))[0]?.status, "active")
    }))

  it.effect("tell the tenant's webhooks once when somebody has to do something, and once more when the sync pauses", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const sql = yield* SqlClient.SqlClient
      const { id, tenantId } = yield* newBox()
      yield* sql`INSERT INTO webhooks (id, "tenantId", url, events) VALUES (${`hook-${tenantId}`}, ${tenantId}, 'https://example.test/', ARRAY['email-sync.error'])`
      const told = sql<{ readonly code: string }>`SELECT payload->'data'->>'errorCode' AS code FROM webhook_deliveries WHERE "tenantId" = ${tenantId}`
      const end = (change: Parameters<typeof refused>[0]) => Effect.flatMap(claimed(tenantId, id), ({ claim }) => mailboxes.finish(claim, refused(change)))
      yield* end({ code: "mail-connection-lost", login: "not-to-blame", lasting: false })
      assert.strictEqual((yield* told).length, 0)
      yield* end({})
      yield* end({})
      assert.strictEqual((yield* told).length, 1)
      yield* end({ login: "paused" })
      assert.strictEqual((yield* told).length, 2)
    }))

  it.effect("keep a rotated token for the one it came from", () =>
    Effect.gen(function*() {
      const mailboxes = yield* Mailboxes
      const { id, tenantId } = yield* newBox()
      const { claim } = yield* claimed(tenantId, id)
      yield* mailboxes.keepRefreshToken(claim, Redacted.make("enc:v1:k:x"), "seed")
      assert.deepStrictEqual((yield* claimed(tenantId, id)).state.refreshToken, { stored: "enc:v1:k:x", madeFrom: "seed" })
    }))
})
