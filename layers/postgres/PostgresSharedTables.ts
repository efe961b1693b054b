import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import type { QueueName } from "../../src/contract/index.ts"
import { type ColumnMisfit, SharedTables, SharedTablesError } from "../../src/services/SharedTables.ts"
import { neededInWords, rowsAdded, type SharedColumn, sharedColumns, typeInWords } from "./sharedColumns.ts"
import { serverMessageOf } from "./sqlState.ts"

const Found = Schema.Struct({
  table: Schema.String,
  column: Schema.String,
  type: Schema.String,
  notNull: Schema.Boolean,
  /** A row that says nothing about it is filled: a default, an identity, a generated value. */
  filled: Schema.Boolean,
  /** Of an enum or a list of one; null for any other type. */
  labels: Schema.NullOr(Schema.Array(Schema.String)),
  /** Of a numeric that has one. */
  scale: Schema.NullOr(Schema.Int)
})
type Found = typeof Found.Type
const decodeFound = Schema.decodeUnknownEffect(Schema.Array(Found))

/** What keeps a statement from working on this column, in words; null when it fits. A domain counts as the type below it. */
const problemOf = (needed: SharedColumn, found: Found | undefined): string | null => {
  if (found === undefined) return needed.optional ? null : "missing"
  if (found.labels !== null) {
    if (needed.labels === null) return `enum ${found.type}`
    const lacking = needed.labels.filter((label) => found.labels?.includes(label) === false)
    if (lacking.length > 0) return `enum ${found.type} without ${lacking.map((label) => `'${label}'`).join(", ")}`
    return needed.nullable && found.notNull ? `enum ${found.type} NOT NULL` : null
  }
  const type = typeInWords(found.type)
  if (!needed.types.includes(found.type)) return type
  if (needed.scale !== null && found.scale !== null && found.scale < needed.scale) return `${type} with ${found.scale} places`
  return needed.nullable && found.notNull ? `${type} NOT NULL` : null
}

/** Columns that keep a program from adding a row: they must have a value, and it knows none. */
const unknownOnes = (found: Iterable<Found>, program: QueueName | null): ReadonlyArray<ColumnMisfit> =>
  rowsAdded.filter(({ programs }) => program === null || programs.includes(program)).flatMap(({ programs, table }) =>
    Array.from(found).filter((one) =>
      one.table === table && one.notNull && !one.filled && !sharedColumns.some((known) => known.table === table && known.column === one.column)
    ).map(({ column, type }) => ({ programs, table, column, found: `${typeInWords(type)} NOT NULL`, expected: "nullable or with a default: rows are added that do not have it" })))

/** `SharedTables` in PostgreSQL's own catalogue. */
export const PostgresSharedTables: Layer.Layer<SharedTables, never, SqlClient.SqlClient> = Layer.effect(
  SharedTables,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const look = (tables: ReadonlyArray<string>) =>
      sql`SELECT c.relname::text AS "table", a.attname::text AS "column", coalesce(b.typname, t.typname)::text AS type, a.attnotnull AS "notNull",
          a.atthasdef OR a.attidentity <> '' AS filled,
          (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e
            WHERE e.enumtypid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE coalesce(b.oid, t.oid) END) AS labels,
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
      const misfits = needed.flatMap((one): ReadonlyArray<ColumnMisfit> => {
        const problem = problemOf(one, found.get(`${one.table}.${one.column}`))
        const { column, programs, table } = one
        return problem === null ? [] : [{ programs, table, column, found: problem, expected: neededInWords(one) }]
      })
      return [...misfits, ...unknownOnes(found.values(), program)]
    }, Effect.mapError((cause: unknown) =>
      new SharedTablesError({ detail: isSqlError(cause) ? serverMessageOf(cause) : "the catalogue's answer does not fit", cause })
    ))
    return SharedTables.of({ misfits })
  })
)
