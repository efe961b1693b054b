import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { columnsOfEveryApi, sharedTables } from "./sharedColumns.ts"

export interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** As PostgreSQL writes it. */
  readonly whenMissing: string | null
  readonly comment: string | null
}

export interface SharedSchema {
  readonly columns: ReadonlyArray<Column>
  /** Indexes that the worker adds to shared tables, as statements that may be run again. */
  readonly indexes: ReadonlyArray<string>
}

const names = Object.keys(sharedTables)

/** What is there of the shared tables, in the schema that the connection looks in. */
export const readSharedSchema: Effect.Effect<SharedSchema, unknown, SqlClient.SqlClient> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const columns = yield* sql<Column>`SELECT c.relname::text AS table, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
      pg_get_expr(d.adbin, d.adrelid) AS "whenMissing", col_description(c.oid, a.attnum) AS comment
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND ${sql.in("c.relname", names)} ORDER BY array_position(string_to_array(${names.join(",")}, ','), c.relname::text), a.attnum`
  const indexes = yield* sql<{ readonly text: string }>`SELECT regexp_replace(indexdef, ' ON [^. ]+\\.', ' ON ') AS text
    FROM pg_indexes WHERE schemaname = current_schema() AND ${sql.in("tablename", names)} AND indexname NOT LIKE '%_pkey' ORDER BY indexname`
  return {
    columns: columns.map((column) => ({ ...column })),
    indexes: indexes.map(({ text }) => text.replace(/^CREATE (UNIQUE )?INDEX /, (start) => `${start}IF NOT EXISTS `))
  }
})

const prismaTypes: Readonly<Record<string, string>> = {
  "text": "String",
  "text[]": "String[]",
  "boolean": "Boolean",
  "integer": "Int",
  "integer[]": "Int[]",
  "bigint": "BigInt",
  "jsonb": "Json",
  "real": "Float",
  "date": "DateTime",
  "timestamp(3) without time zone": "DateTime",
  "timestamp with time zone": "DateTime",
  "numeric(14,2)": "Decimal",
  "character(3)": "String"
}
const prismaAttributes: Readonly<Record<string, string>> = {
  "real": "@db.Real",
  "date": "@db.Date",
  "timestamp with time zone": "@db.Timestamptz(6)",
  "numeric(14,2)": "@db.Decimal(14, 2)",
  "character(3)": "@db.Char(3)"
}

const prismaDefault = ({ type, whenMissing }: Column): string | null => {
  if (whenMissing === null) return null
  if (whenMissing === "CURRENT_TIMESTAMP") return "@default(now())"
  if (whenMissing === "'{}'::text[]") return "@default([])"
  const text = /^'([^']*)'::\w+$/.exec(whenMissing)?.[1]
  if (text !== undefined) return `@default(${JSON.stringify(text)})`
  return type === "boolean" || /^-?\d+$/.test(whenMissing) ? `@default(${whenMissing})` : `@default(dbgenerated(${JSON.stringify(whenMissing)}))`
}

/** The column's line in a model of Prisma's. */
export const prismaLine = (column: Column): string => {
  const type = prismaTypes[column.type] ?? `Unsupported(${JSON.stringify(column.type)})`
  const mark = column.nullable && !type.endsWith("[]") ? "?" : ""
  const attributes = [
    ...(column.name === "id" ? ["@id"] : []),
    ...[prismaDefault(column), column.name === "updatedAt" ? "@updatedAt" : null, prismaAttributes[column.type] ?? null].filter((text) => text !== null)
  ]
  return [column.name, `${type}${mark}`, ...attributes].join(" ")
}

const isAdded = ({ name, table }: Column): boolean => columnsOfEveryApi[table]?.includes(name) !== true
const tablesOf = (columns: ReadonlyArray<Column>) => names.flatMap((table) => {
  const own = columns.filter((column) => column.table === table)
  return own.length === 0 ? [] : [{ table, columns: own }]
})

/** docs/shared-columns.sql: what the worker's migrations add to the API's tables, for a migration of the API's own. */
export const sharedColumnsSql = ({ columns, indexes }: SharedSchema): string =>
  [
    "-- Written by `npm run docs`. What the worker's migrations add to tables of the API's where it is missing. May be run before",
    "-- them or after them, and again: the outcome is the same. docs/shared-columns.prisma says the same to Prisma.",
    "",
    ...tablesOf(columns.filter(isAdded)).map(({ columns, table }) =>
      `ALTER TABLE ${table}\n${columns.map(({ name, nullable, type, whenMissing }) => `  ADD COLUMN IF NOT EXISTS "${name}" ${type}${nullable ? "" : " NOT NULL"}${whenMissing === null ? "" : ` DEFAULT ${whenMissing}`}`).join(",\n")};\n`
    ),
    ...indexes.map((index) => `${index};`),
    ""
  ].join("\n")

/** docs/shared-columns.prisma: the same as lines of the API's models. */
export const sharedColumnsPrisma = ({ columns }: SharedSchema): string =>
  [
    "// Written by `npm run docs`. Lines for the API's models: what the worker's migrations add to its tables where it is missing.",
    "// docs/shared-columns.sql says the same in SQL; the indexes are there only, since Prisma has no partial ones.",
    "",
    ...tablesOf(columns.filter(isAdded)).map(({ columns, table }) =>
      `model ${sharedTables[table]?.model ?? table} {\n  // …\n${columns.map((column) => `  ${prismaLine(column)}\n`).join("")}\n  @@map("${table}")\n}\n`
    )
  ].join("\n")

const cell = (text: string): string => text.replaceAll("|", "\\|")

/** docs/schema.md, for people. */
export const schemaMarkdown = ({ columns, indexes }: SharedSchema): string =>
  [
    "# The shared tables",
    "",
    "<!-- written by `npm run docs` from the database that the migrations make -->",
    "",
    "Tables that the API owns and the worker reads or writes, in the schema that `DATABASE_URL` names. On an empty database the",
    "worker's migrations make them as below; where the API has made them, its columns stay as they are (`Decimal(65,30)`, native",
    "enums and `\"updatedAt\"` without a default are honoured), and what is missing is added, nullable or with a default. A column",
    "marked + is one of these: [shared-columns.prisma](shared-columns.prisma) has them for the API's models, and",
    "[shared-columns.sql](shared-columns.sql) for a migration of its own. Either order of the API's migrations and the worker's",
    "gives the same tables. The settings in jsonb (`features`, `emailSettings`, `automations`) are the API's alone.",
    "",
    "Everything else of the worker's is in the schemas `tt_worker` and `bullmq` and changes without notice; the functions",
    "`tt_worker.enqueue_job`, `emit_event` and `process_again` are for everybody ([From your API](from-your-api.md)).",
    "",
    ...tablesOf(columns).map(({ columns, table }) =>
      [
        `## \`${table}\``,
        "",
        "| column | type | null | default | written by | Prisma |",
        "|---|---|---|---|---|---|",
        ...columns.map((column) =>
          `| \`${column.name}\`${isAdded(column) ? " +" : ""} | ${column.type} | ${column.nullable ? "yes" : "no"} | ${column.whenMissing === null ? "–" : `\`${cell(column.whenMissing)}\``} | ${sharedTables[table]?.writers.get(column.name) ?? "nobody knows"} | \`${cell(prismaLine(column))}\` |`
        ),
        "",
        ...columns.flatMap(({ comment, name }) => comment === null ? [] : [`- \`${name}\`: ${comment}`]),
        ...(columns.some(({ comment }) => comment !== null) ? [""] : [])
      ].join("\n")
    ),
    "## Indexes that the worker adds",
    "",
    ...indexes.map((index) => `- \`${index.replace(" IF NOT EXISTS", "")}\``),
    ""
  ].join("\n")
