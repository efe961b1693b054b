import { assert, layer } from "@effect/vitest"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { serverMessageOf } from "../../../layers/postgres/sqlState.ts"
import { OwnPostgres } from "../../support/ownPostgres.ts"

const database = Layer.unwrap(OwnPostgres.use(({ makeDatabase }) => Effect.map(makeDatabase, (url) => PgClient.layer({ url, maxConnections: 1 })))).pipe(Layer.provide(OwnPostgres.layer))

layer(database, { excludeTestServices: true })("what the database says of a failure", (it) => {
  const said = (statement: string) => SqlClient.SqlClient.pipe(Effect.flatMap((sql) => Effect.flip(sql.unsafe(statement))), Effect.map(serverMessageOf))

  it.effect.each([
    ["SELECT 'Toitures Martin SARL'::int", "invalid input syntax for type integer"],
    ["SELECT 'Toitures Martin SARL'::date", "invalid input syntax for type date"],
    ["SELECT '{Toitures Martin SARL}'::json", "invalid input syntax for type json"],
    ["SELECT 'Toitures Martin SARL'::varchar::char(3)::name::numeric", "invalid input syntax for type numeric"],
    ["DO $$ BEGIN RAISE EXCEPTION 'refused: Toitures Martin SARL'; END $$", "a function or trigger of the database refused it (SQLSTATE P0001)"],
    ["DO $$ BEGIN RAISE EXCEPTION 'refused: Toitures Martin SARL' USING ERRCODE = 'APP01'; END $$", "a function or trigger of the database refused it (SQLSTATE APP01)"]
  ] as const)("is told without the values that it quotes: %s", ([statement, expected]) =>
    Effect.gen(function*() {
      const message = yield* said(statement)
      assert.notInclude(message, "Toitures")
      assert.strictEqual(message, expected)
    }))

  it.effect("names what is missing in the tables, which holds no values", () =>
    Effect.gen(function*() {
      assert.include(yield* said("SELECT nothing_like_it FROM pg_class"), `column "nothing_like_it" does not exist`)
      assert.include(yield* said("SELECT 1 FROM no_such_table"), `relation "no_such_table" does not exist`)
    }))
})
