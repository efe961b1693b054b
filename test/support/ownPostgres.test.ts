import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { query } from "../../layers/embedded/connection.ts"
import { OwnPostgres } from "./ownPostgres.ts"
import { otherMajor } from "./postgresMajor.ts"

layer(OwnPostgres.layer)("OwnPostgres", (it) => {
  it.effect("gives every caller an empty database of its own, below a TestClock", () =>
    Effect.gen(function*() {
      const { makeDatabase } = yield* OwnPostgres
      const first = yield* makeDatabase
      const second = yield* makeDatabase
      assert.notStrictEqual(Redacted.value(first), Redacted.value(second))
      for (const url of [first, second]) {
        yield* query(url, "create table mine (id int)")
        assert.strictEqual(yield* query(url, "select id from mine"), 0)
      }
    }))

  it.effect("is of the major that was asked for, and then not in UTC", () =>
    Effect.gen(function*() {
      const url = yield* (yield* OwnPostgres).makeDatabase
      const zone = otherMajor === null ? "UTC" : "Europe/Paris"
      assert.strictEqual(yield* query(url, `select 1 where current_setting('server_version_num')::int / 10000 = ${otherMajor ?? 18} and current_setting('TimeZone') = '${zone}'`), 1)
    }))
})
