import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { StorageKey, type TenantId } from "../../src/domain/ids.ts"
import { SchemaOwner } from "../../src/services/SchemaOwner.ts"
import { type InvoiceFile, type RowCount, TenantErasureError, TenantRows } from "../../src/services/TenantErasure.ts"
import { serverMessageOf } from "./sqlState.ts"
import { invoiceTable, keyColumn, keyTables, recordTables, sharedTables, sources, type TenantTable } from "./tenantTables.ts"

/** The action of the line that stays. */
const erased = "EraseTenant"

const decodeCount = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ rows: Schema.Int })]))
const decodePresent = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ table: Schema.String })))
const decodeKeys = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ key: StorageKey })))
const decodeInvoices = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ invoiceId: Schema.String, fileKey: Schema.NullOr(Schema.String) })))

const toError = (cause: unknown) =>
  cause instanceof TenantErasureError ? cause : new TenantErasureError({ detail: isSqlError(cause) ? `the database: ${serverMessageOf(cause)}` : cause instanceof Error ? cause.message : "unknown error", cause })

/** A key names the tenant where its id stands between other characters than those of ids. */
const keyPattern = (tenantId: string): string => `(^|[^A-Za-z0-9_-])${tenantId.replaceAll(/[^A-Za-z0-9_-]/gu, (character) => `\\${character}`)}($|[^A-Za-z0-9_-])`

/** `TenantRows` in PostgreSQL, as the role that owns the tables: the worker's own may not remove invoices. */
export const PostgresTenantRows: Layer.Layer<TenantRows, never, SchemaOwner> = Layer.effect(
  TenantRows,
  Effect.map(SchemaOwner, ({ run }) => {
    const asOwner = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) => run(effect).pipe(Effect.mapError(toError))

    const theirs = (sql: SqlClient.SqlClient, { also, column, table }: TenantTable, tenantId: string) => {
      const other = also === undefined ? sql`false` : sql`${sql.literal(also.split("$tenant")[0] ?? "")}${tenantId}${sql.literal(also.split("$tenant")[1] ?? "")}`
      const kept = table === "tt_worker.control_log" ? sql`AND t.action <> ${erased}` : sql``
      return sql`FROM ${sql.literal(table)} t WHERE (t.${sql.literal(column)} = ${tenantId} OR ${other}) ${kept}`
    }
    const keyed = (sql: SqlClient.SqlClient, table: string, tenantId: string) =>
      sql`FROM ${sql.literal(table)} t WHERE t.${sql.literal(keyColumn)} ~ ${keyPattern(tenantId)}`

    /** Only those that are there: some come with the queues' backend. */
    const present = (sql: SqlClient.SqlClient, tables: ReadonlyArray<string>) =>
      sql`SELECT name AS "table" FROM unnest(${tables}::text[]) WITH ORDINALITY AS n (name, place) WHERE to_regclass(name) IS NOT NULL ORDER BY place`.pipe(
        Effect.flatMap(decodePresent),
        Effect.map((rows) => new Set(rows.map(({ table }) => table)))
      )

    const remove = (sql: SqlClient.SqlClient, tables: ReadonlyArray<TenantTable>, tenantId: string) =>
      Effect.gen(function*() {
        const there = yield* present(sql, tables.map(({ table }) => table))
        const removed: Array<RowCount> = []
        for (const one of tables.filter(({ table }) => there.has(table))) {
          const [{ rows }] = yield* sql`WITH gone AS (DELETE ${theirs(sql, one, tenantId)} RETURNING 1) SELECT count(*)::int AS rows FROM gone`.pipe(Effect.flatMap(decodeCount))
          if (rows > 0) removed.push({ table: one.table, rows })
        }
        return removed
      })
    const removeKeyed = (sql: SqlClient.SqlClient, tenantId: string) =>
      Effect.forEach(keyTables, (table) =>
        sql`WITH gone AS (DELETE ${keyed(sql, table, tenantId)} RETURNING 1) SELECT count(*)::int AS rows FROM gone`.pipe(
          Effect.flatMap(decodeCount),
          Effect.map(([{ rows }]): RowCount => ({ table, rows }))
        ))

    return TenantRows.of({
      count: Effect.fn("TenantRows.count")((tenantId: TenantId) =>
        asOwner(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const tables = [...sources, ...sharedTables, invoiceTable, ...recordTables]
          const there = yield* present(sql, tables.map(({ table }) => table))
          const of = (table: string, from: ReturnType<typeof theirs>) =>
            sql`SELECT count(*)::int AS rows ${from}`.pipe(Effect.flatMap(decodeCount), Effect.map(([{ rows }]): RowCount => ({ table, rows })))
          const counts = [
            ...yield* Effect.forEach(tables.filter(({ table }) => there.has(table)), (one) => of(one.table, theirs(sql, one, tenantId))),
            ...yield* Effect.forEach(keyTables, (table) => of(table, keyed(sql, table, tenantId)))
          ]
          return counts.filter(({ rows }) => rows > 0)
        }))
      ),
      stop: Effect.fn("TenantRows.stop")((tenantId: TenantId) =>
        asOwner(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* sql`INSERT INTO tt_worker.tenant_pauses ("tenantId", queue) VALUES (${tenantId}, '*') ON CONFLICT DO NOTHING`
          return yield* remove(sql, sources, tenantId)
        }))
      ),
      invoices: Effect.fn("TenantRows.invoices")((tenantId: TenantId, most: number) =>
        asOwner(SqlClient.SqlClient.use((sql) =>
          sql`SELECT i.id AS "invoiceId", CASE WHEN EXISTS (
                SELECT 1 FROM invoices o WHERE o."fileKey" = i."fileKey" AND o."tenantId" <> i."tenantId") THEN NULL ELSE nullif(i."fileKey", '') END AS "fileKey"
            FROM invoices i WHERE i."tenantId" = ${tenantId} ORDER BY i.id LIMIT ${most}`.pipe(
            Effect.flatMap(decodeInvoices),
            Effect.map((rows) => rows.map(({ fileKey, invoiceId }): InvoiceFile => ({ invoiceId, fileKey: fileKey === null ? null : StorageKey.make(fileKey) })))
          )))
      ),
      removeInvoices: Effect.fn("TenantRows.removeInvoices")((tenantId: TenantId, invoiceIds: ReadonlyArray<string>) =>
        asOwner(SqlClient.SqlClient.use((sql) =>
          sql`WITH gone AS (DELETE FROM invoices WHERE "tenantId" = ${tenantId} AND ${sql.in("id", invoiceIds)} RETURNING 1) SELECT count(*)::int AS rows FROM gone`.pipe(
            Effect.flatMap(decodeCount),
            Effect.map(([{ rows }]) => rows)
          )))
      ),
      strayFiles: Effect.fn("TenantRows.strayFiles")((tenantId: TenantId, found: ReadonlyArray<StorageKey>) =>
        asOwner(SqlClient.SqlClient.use((sql) =>
          sql`SELECT k.key FROM (
              SELECT "fileKey" AS key FROM tt_worker.received_files WHERE "tenantId" = ${tenantId}
              UNION SELECT "fileKey" FROM tt_worker.mail_imports WHERE "tenantId" = ${tenantId}
              UNION SELECT unnest(${found}::text[])) k
            WHERE k.key <> '' AND NOT EXISTS (SELECT 1 FROM invoices o WHERE o."fileKey" = k.key)
              AND NOT EXISTS (SELECT 1 FROM tt_worker.received_files o WHERE o."fileKey" = k.key AND o."tenantId" <> ${tenantId})
              AND NOT EXISTS (SELECT 1 FROM tt_worker.mail_imports o WHERE o."fileKey" = k.key AND o."tenantId" <> ${tenantId})
            ORDER BY k.key`.pipe(
            Effect.flatMap(decodeKeys),
            Effect.map((rows) => rows.map(({ key }) => key))
          )))
      ),
      finish: Effect.fn("TenantRows.finish")((tenantId: TenantId, by: string, before: ReadonlyArray<RowCount>) =>
        asOwner(SqlClient.SqlClient.use((sql) =>
          sql.withTransaction(Effect.gen(function*() {
            const removed = [
              ...yield* remove(sql, [...sources, ...sharedTables, ...recordTables], tenantId),
              ...(yield* removeKeyed(sql, tenantId)).filter(({ rows }) => rows > 0)
            ]
            const value = [...before, ...removed].map(({ rows, table }) => `${table} ${rows}`).join(", ")
            yield* sql`INSERT INTO tt_worker.control_log ("by", action, "tenantId", value) VALUES (${by}, ${erased}, ${tenantId}, ${value})`
            return removed
          }))))
      )
    })
  })
)
