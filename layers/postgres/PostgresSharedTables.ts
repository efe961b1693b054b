import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import type { QueueName } from "../../src/contract/index.ts"
import { type ColumnMisfit, SharedTables, SharedTablesError } from "../../src/services/SharedTables.ts"
import { neededInWords, type SharedColumn, sharedColumns, typeInWords } from "./sharedColumns.ts"
import { serverMessageOf } from "./sqlState.ts"

const Found = Schema.Struct({
  table: Schema.String,
  column: Schema.String,
  type: Schema.String,
  notNull: Schema.Boolean,
  /** Of an enum; null for any other type. */
  labels: Schema.NullOr(Schema.Array(Schema.String)),
  /** Of a numeric that has one. */
  scale: Schema.NullOr(Schema.Int)
})
type Found = typeof Found.Type
const decodeFound = Schema.decodeUnknownEffect(Schema.Array(Found))

/** What keeps a statement from working on this column, in words; null when it fits. A domain counts as the type below it. */
const problemOf = (needed: SharedColumn, found: Found | undefined): string | null => {
  if (found === undefined) return "missing"
  if (found.labels !== null) {
    if (needed.labels === null) return `enum ${found.type}`
    const lacking = needed.labels.filter((label) => found.labels?.includes(label) === false)
    return lacking.length === 0 ? null : `enum ${found.type} without ${lacking.map((label) => `'${label}'`).join(", ")}`
  }
  const type = typeInWords(found.type)
  if (!needed.types.includes(found.type)) return type
  if (needed.scale !== null && found.scale !== null && found.scale < needed.scale) return `${type} with ${found.scale} places`
  return needed.nullable && found.notNull ? `${type} NOT NULL` : null
}

/** `SharedTables` in PostgreSQL's own catalogue. */
export const PostgresSharedTables: Layer.Layer<SharedTables, never, SqlClient.SqlClient> = Layer.effect(
  SharedTables,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const look = (tables: ReadonlyArray<string>) =>
      sql`SELECT c.relname::text AS "table", a.attname::text AS "column", coalesce(b.typname, t.typname)::text AS type, a.attnotnull AS "notNull",
          CASE WHEN coalesce(b.typtype, t.typtype) = 'e'
            THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = coalesce(b.oid, t.oid) ORDER BY e.enumsortorder) END AS labels,
          CASE WHEN coalesce(b.typname, t.typname) = 'numeric' AND a.atttypmod > 0 THEN (a.atttypmod - 4) & 65535 END AS scale
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
        WHERE c.relnamespace = current_schema()::regnamespace AND ${sql.in("c.relname", tables)} AND a.attnum > 0 AND NOT a.attisdropped`.pipe(
        Effect.flatMap(decodeFound)
      )

    const misfits = Effect.fn("SharedTables.misfits")(function*(program: QueueName | null) {
      const needed = sharedColumns.filter(({ programs }) => program === null || programs.includes(program))
      const tables = [...new Set(needed.map(({ table }) => table))]
      if (tables.length === 0) return []
      const found = new Map((yield* look(tables)).map((one) => [`${one.table}.${one.column}`, one]))
      return needed.flatMap((one): ReadonlyArray<ColumnMisfit> => {
        const problem = problemOf(one, found.get(`${one.table}.${one.column}`))
        const { column, programs, table } = one
        return problem === null ? [] : [{ programs, table, column, found: problem, expected: neededInWords(one) }]
      })
    }, Effect.mapError((cause: unknown) =>
      new SharedTablesError({ detail: isSqlError(cause) ? serverMessageOf(cause) : "the catalogue's answer does not fit", cause })
    ))
    return SharedTables.of({ misfits })
  })
)
