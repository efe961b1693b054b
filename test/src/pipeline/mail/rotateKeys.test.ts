import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as AesSealedSecrets from "../../../../layers/secrets/AesSealedSecrets.ts"
import { PostgresStoredMailSecrets } from "../../../../layers/postgres/PostgresStoredMailSecrets.ts"
import { rotateKeys } from "../../../../src/pipeline/mail/rotateKeys.ts"
import { SealedSecrets } from "../../../../src/services/SealedSecrets.ts"
import { testKey } from "../../../support/mailServices.ts"
import { newMailTenant, ownMailTables } from "../../../support/mailTables.ts"

const settingsOf = Effect.fnUntraced(function*(tenantId: string) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly settings: ReadonlyArray<Record<string, string>> }>`SELECT "emailSettings" AS settings FROM tenants WHERE id = ${tenantId}`
  return row?.settings ?? []
})
const withKeys = (...ids: ReadonlyArray<string>) => Effect.provide(AesSealedSecrets.layer(ids.map(testKey)))

layer(Layer.provideMerge(PostgresStoredMailSecrets, ownMailTables))("changing the keys of mail secrets", (it) => {
  it.effect("seals what is under an older key anew, plain text only when asked, and touches nothing else", () =>
    Effect.gen(function*() {
      const old = yield* SealedSecrets.use(({ seal }) => seal(Redacted.make("one"), { tenantId: "mail-tenant-1", mailboxId: "a" })).pipe(withKeys("k1"))
      const entries = [
        { id: "a", email: "a@b.example", host: "h.example", password: Redacted.value(old), theirs: "kept" },
        { id: "b", email: "b@b.example", host: "h.example", password: "plain" },
        { unknown: "shape" }
      ]
      const tenantId = yield* newMailTenant(entries)
      assert.deepStrictEqual(yield* rotateKeys({ plain: false }).pipe(withKeys("k2", "k1")), { sealed: 1, left: 0 })
      const [first, second, third] = yield* settingsOf(tenantId)
      assert.match(first?.["password"] ?? "", /^enc:v1:k2:/)
      assert.strictEqual(first?.["theirs"], "kept")
      assert.deepStrictEqual([second, third], entries.slice(1))
      assert.deepStrictEqual(yield* rotateKeys({ plain: true }).pipe(withKeys("k2")), { sealed: 1, left: 0 })
      assert.deepStrictEqual(yield* rotateKeys({ plain: true }).pipe(withKeys("k2")), { sealed: 0, left: 0 })
      const [, sealed] = yield* settingsOf(tenantId)
      const opened = yield* SealedSecrets.use(({ open }) => open(Redacted.make(sealed?.["password"] ?? ""), { tenantId, mailboxId: "b" })).pipe(withKeys("k2"))
      assert.strictEqual(Redacted.value(opened), "plain")
    }))
})
