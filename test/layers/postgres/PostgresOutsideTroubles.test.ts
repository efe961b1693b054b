import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresOutsideTroubles } from "../../../layers/postgres/PostgresOutsideTroubles.ts"
import { OutsideTroubles } from "../../../src/services/OutsideTroubles.ts"
import { newWebhook, ownWebhookTables } from "../../support/webhookTables.ts"

const secretUrl = "https://hooks.example.org:8443/services/T0/SECRET?token=x"

layer(ownWebhookTables, { excludeTestServices: true })("what of the tenants' own servers is in trouble", (it) => {
  const troubles = Effect.map(Layer.build(PostgresOutsideTroubles), (context) => Context.get(context, OutsideTroubles))

  it.effect("are webhooks that fail, have asked for a pause or were switched off by the worker; not the others, and no path of an address", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { endpoints } = yield* troubles
      const [failing, slowed, disabled, recovered, off] = [
        yield* newWebhook({ url: secretUrl }), yield* newWebhook({ url: secretUrl }), yield* newWebhook({ url: secretUrl, active: false }),
        yield* newWebhook({ url: secretUrl }), yield* newWebhook({ url: secretUrl, active: false })
      ]
      const health = (hook: typeof failing, columns: string, values: string) =>
        sql.unsafe(`INSERT INTO tt_worker.webhook_health ("tenantId", "webhookId", ${columns}) VALUES ('${hook.tenantId}', '${hook.webhookId}', ${values})`)
      yield* health(failing, `"failingSince", failures, "lastFailureAt", "lastErrorClass"`, `now() - interval '1 hour', 12, now(), 'timeout'`)
      yield* health(slowed, `"failingSince", failures, "lastFailureAt", "pausedUntil"`, `NULL, 1, now() - interval '1 minute', now() + interval '1 hour'`)
      yield* health(disabled, `failures, "lastFailureAt"`, `40, now() - interval '2 minutes'`)
      yield* sql`UPDATE webhooks SET "disabledAt" = (now() AT TIME ZONE 'UTC') - interval '1 day', "disabledReason" = ${`It failed at ${secretUrl}`} WHERE id = ${disabled.webhookId}`
      yield* health(recovered, `failures, successes`, `0, 3`)
      const found = yield* endpoints(10)
      assert.deepStrictEqual(found.map(({ failures, host, state, webhookId }) => [webhookId, host, state, failures]), [
        [failing.webhookId, "https://hooks.example.org:8443", "failing", 12],
        [slowed.webhookId, "https://hooks.example.org:8443", "slowed", 1],
        [disabled.webhookId, "https://hooks.example.org:8443", "disabled", 40]
      ])
      assert.isFalse(found.some(({ webhookId }) => webhookId === off.webhookId))
      assert.approximately((found[0]?.since ?? 0) - Date.now(), -3_600_000, 60_000)
      assert.approximately((found[1]?.until ?? 0) - Date.now(), 3_600_000, 60_000)
      assert.approximately((found[2]?.since ?? 0) - Date.now(), -86_400_000, 60_000)
      assert.notMatch(JSON.stringify(found), /SECRET|token=/)
      assert.lengthOf(yield* endpoints(1), 1)
    }).pipe(Effect.scoped))

  it.effect("are mailboxes that were refused or are paused; not those that are well, switched off or gone", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { mailboxes } = yield* troubles
      const add = (id: string, columns: string, values: string) =>
        sql.unsafe(`INSERT INTO tt_worker.mailboxes ("tenantId", "mailboxId", email, host, enabled, credentials${columns}) VALUES ('t', '${id}', 'a@firm.example', 'imap.example.org', ${id !== "off"}, 'digest'${values})`)
      yield* add("well", "", "")
      yield* add("refused", `, status, "lastError", "lastErrorAt", "notBefore"`, `, 'error', 'the password of a@firm.example was refused', now(), now() + interval '15 minutes'`)
      yield* add("paused", `, status, paused, "lastErrorAt"`, `, 'error', true, now() - interval '1 hour'`)
      yield* add("off", `, status`, `, 'error'`)
      yield* add("gone", `, status, "removedAt"`, `, 'error', now()`)
      const found = yield* mailboxes(10)
      assert.deepStrictEqual(found.map(({ host, mailboxId, reason, state }) => [mailboxId, host, state, reason]), [
        ["refused", "imap.example.org", "error", "the password of …@… was refused"],
        ["paused", "imap.example.org", "paused", null]
      ])
      assert.approximately((found[0]?.until ?? 0) - Date.now(), 900_000, 60_000)
    }).pipe(Effect.scoped))
})
