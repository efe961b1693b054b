import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { defaultFeatures } from "../../../src/domain/Features.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { Tenants } from "../../../src/services/Tenants.ts"
import { ownTables } from "../../support/invoiceTables.ts"

const featuresFrom = Effect.fnUntraced(function*(json: string | null) {
  const sql = yield* SqlClient.SqlClient
  const id = TenantId.make(`tenant-${yield* Effect.sync(() => crypto.randomUUID())}`)
  yield* sql`INSERT INTO tenants (id, features) VALUES (${id}, ${json}::text::jsonb)`
  return yield* (yield* Tenants).features(id)
})

layer(ownTables, { excludeTestServices: true })("the tenants table", (it) => {
  it.effect("says that there is no such tenant", () =>
    Effect.gen(function*() {
      assert.isNull(yield* (yield* Tenants).features(TenantId.make("nobody")))
    }))

  it.effect("takes a missing key for its default, and leaves keys aside that it does not know", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* featuresFrom("{}"), defaultFeatures)
      assert.deepStrictEqual(yield* featuresFrom('{"invoices": true, "drones": {"max": 3}}'), { ...defaultFeatures, invoices: true })
    }))

  it.effect("takes no features at all for the defaults, where the API allows null", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* featuresFrom("null"), defaultFeatures)
      yield* sql`ALTER TABLE tenants ALTER COLUMN features DROP NOT NULL`
      assert.deepStrictEqual(yield* featuresFrom(null), defaultFeatures)
    }))

  for (const json of ['{"invoices": "yes"}', '{"invoices": 1}', "[]", '"invoices"', "true"]) {
    it.effect(`does not guess what ${json} means`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(featuresFrom(json))
        assert.deepInclude(error, { code: "features-unreadable" })
      }))
  }
})
