import { readFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { type Column, readSharedSchema, schemaMarkdown, sharedColumnsPrisma, sharedColumnsSql } from "../../docs/schema.ts"
import { columnsOfEveryApi, sharedTables } from "../../docs/sharedColumns.ts"
import { runMigrations } from "../../layers/postgres/Migrations.ts"
import * as Postgres from "../../layers/postgres/Postgres.ts"
import { columnsOfTheApiAlone, sharedColumns } from "../../layers/postgres/sharedColumns.ts"
import { apiSchema } from "../support/apiSchema.ts"
import { databaseAt } from "../support/invoiceTables.ts"
import { OwnPostgres } from "../support/ownPostgres.ts"

const file = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8")

/** An empty database of its own for each use. */
const emptyDatabase = Layer.fresh(Layer.unwrap(Effect.map(
  OwnPostgres.use(({ makeDatabase }) => makeDatabase),
  (url) => Postgres.layer({ database: databaseAt(url), migrate: false, waits: false })
)))

/** What the database looks like after these steps, without regard to the order of columns. */
const after = (...steps: ReadonlyArray<Effect.Effect<unknown, unknown, SqlClient.SqlClient>>) =>
  Effect.gen(function*() {
    for (const step of steps) yield* step
    const { columns, indexes } = yield* readSharedSchema
    return { indexes, columns: [...columns].sort((one, other) => placeOf(one) < placeOf(other) ? -1 : 1) }
  }).pipe(Effect.provide(emptyDatabase), Effect.orDie)

const placeOf = ({ name, table }: Column): string => `${table}.${name}`
const run = (text: string) =>
  SqlClient.SqlClient.use((sql) => Effect.forEach(text.split(/;\n/).filter((statement) => statement.replaceAll(/^--.*$/gm, "").trim() !== ""), (statement) => sql.unsafe(statement), { discard: true }))

const sqlFile = run(file("shared-columns.sql"))
const tablesOfTheApi = run(apiSchema("public").replaceAll(/;\s*$/gm, ";\n"))

/** Tables with nothing but what every API has. */
const leastTables = (columns: ReadonlyArray<Column>) =>
  run(Object.entries(columnsOfEveryApi).map(([table, names]) =>
    `CREATE TABLE ${table} (${names.map((name) => `"${name}" ${columns.find((column) => placeOf(column) === `${table}.${name}`)?.type ?? "no such column"}`).join(", ")});\n`
  ).join(""))

layer(OwnPostgres.layer, { excludeTestServices: true })("the page of the shared tables", (it) => {
  it.effect("is what the migrations make; `npm run docs` writes it", () =>
    Effect.gen(function*() {
      yield* runMigrations
      const schema = yield* readSharedSchema
      assert.strictEqual(file("schema.md"), schemaMarkdown(schema))
      assert.strictEqual(file("shared-columns.sql"), sharedColumnsSql(schema))
      assert.strictEqual(file("shared-columns.prisma"), sharedColumnsPrisma(schema))
    }).pipe(Effect.provide(emptyDatabase)))

  it.effect("says of every column who writes it (docs/sharedColumns.ts)", () =>
    Effect.gen(function*() {
      const { columns } = yield* after(runMigrations)
      const known = Object.entries(sharedTables).flatMap(([table, { writers }]) => [...writers.keys()].map((name) => `${table}.${name}`))
      assert.sameMembers(known, columns.map(placeOf))
      assert.notInclude(file("schema.md"), "nobody knows")
      assert.notInclude(file("shared-columns.prisma"), "Unsupported")
    }))

  it("knows the same columns as the check at start: every one is looked at, or the API's alone", () => {
    const looked = (table: string) => sharedColumns.filter((one) => one.table === table).map(({ column }) => column)
    for (const [table, { writers }] of Object.entries(sharedTables)) {
      assert.sameMembers([...new Set([...looked(table), ...columnsOfTheApiAlone[table] ?? []])], [...writers.keys()], table)
      for (const name of columnsOfTheApiAlone[table] ?? []) assert.strictEqual(writers.get(name), "API", `${table}.${name}`)
    }
  })

  it.effect("lists every column that the worker adds, and no other", () =>
    Effect.gen(function*() {
      const made = yield* after(runMigrations)
      const least = yield* after(leastTables(made.columns))
      assert.deepStrictEqual((yield* after(leastTables(made.columns), runMigrations)).columns.map(placeOf), made.columns.map(placeOf))
      const added = made.columns.map(placeOf).filter((place) => !least.columns.map(placeOf).includes(place))
      const listed = [...file("shared-columns.sql").matchAll(/ALTER TABLE (\w+)\n([^;]*);/g)].flatMap(([, table = "", lines = ""]) =>
        [...lines.matchAll(/"(\w+)"/g)].map(([, name = ""]) => `${table}.${name}`))
      assert.sameMembers(listed, added)
    }))

  it.effect("leads to the same tables whether the API's migration or the worker's runs first, or again", () =>
    Effect.gen(function*() {
      const apiFirst = yield* after(tablesOfTheApi, sqlFile, runMigrations)
      const workerFirst = yield* after(tablesOfTheApi, runMigrations, sqlFile)
      assert.deepStrictEqual(apiFirst, workerFirst)
      const before = yield* after(tablesOfTheApi)
      for (const column of before.columns) assert.deepInclude(apiFirst.columns.find((found) => placeOf(found) === placeOf(column)), { type: column.type, nullable: column.nullable, whenMissing: column.whenMissing })
      assert.deepStrictEqual(yield* after(runMigrations, sqlFile, sqlFile), yield* after(runMigrations))
    }))

  it.effect("adds nothing that may not be null and has no default", () =>
    Effect.gen(function*() {
      const { columns } = yield* after(runMigrations)
      for (const column of columns.filter(({ name, table }) => columnsOfEveryApi[table]?.includes(name) !== true)) {
        assert.isTrue(column.nullable || column.whenMissing !== null, placeOf(column))
      }
    }))
})
