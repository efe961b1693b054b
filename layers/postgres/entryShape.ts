import { Effect, Schema } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { Action } from "../../src/domain/automation/Action.ts"

const Column = Schema.Struct({
  name: Schema.String,
  /** As SQL writes it, ready for a cast. */
  type: Schema.String,
  labels: Schema.NullOr(Schema.Array(Schema.String)),
  wanted: Schema.Boolean
})
export type Column = typeof Column.Type
const decodeColumns = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ ...Column.fields, table: Schema.String })))

/** How the API has made the tables that automations use: column by column. A table that does not exist has none. */
export interface EntryShape {
  readonly entries: ReadonlyMap<string, Column>
  readonly absences: ReadonlyMap<string, Column>
}

/** Native enums with their labels; `wanted`: may not be null and has no default. */
const columnsOf = (sql: SqlClient.SqlClient) =>
  sql`SELECT t.name AS "table", a.attname AS name, format_type(a.atttypid, NULL) AS type,
      a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS wanted,
      (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid) AS labels
    FROM (VALUES ('entries'), ('absences')) AS t(name)
    JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped`

export const readShape = (sql: SqlClient.SqlClient) =>
  columnsOf(sql).pipe(
    Effect.flatMap(decodeColumns),
    Effect.map((columns): EntryShape => {
      const of = (table: string) => new Map(columns.filter((column) => column.table === table).map((column) => [column.name, column]))
      return { entries: of("entries"), absences: of("absences") }
    })
  )

/** Columns of `entries` that an automation fills when it logs one. */
const created = ["id", "tenantId", "tenantUserId", "startDate", "endDate", "status", "source", "automationId", "occurrence", "occurrenceItem"]
const known = new Set([...created, "projectId", "taskId", "note", "breakMinutes", "closedBy", "exportedAt", "createdAt", "updatedAt"])

const lacksLabel = (columns: ReadonlyMap<string, Column>, column: string, labels: ReadonlyArray<string>): string | null => {
  const known = columns.get(column)?.labels ?? null
  const missing = known === null ? undefined : labels.find((label) => !known.includes(label))
  return missing === undefined ? null : `the type of entries."${column}" has no value "${missing}"`
}

const lacksColumn = (columns: ReadonlyMap<string, Column>, names: ReadonlyArray<string>): string | null => {
  const missing = names.find((name) => !columns.has(name))
  return missing === undefined ? null : `the table entries has no column "${missing}"`
}

/** Where there is a table of absences, it must be one that can be read: nobody is logged as working while away. */
const lacksAbsences = ({ absences }: EntryShape): string | null => {
  if (absences.size === 0) return null
  const missing = ["tenantId", "tenantUserId", "startDate", "endDate"].find((name) => !absences.has(name))
  return missing === undefined ? null : `the table absences has no column "${missing}"`
}

const lacksToCreate = (shape: EntryShape, columns: ReadonlyArray<string>, draft: boolean): string | null => {
  const strange = [...shape.entries.values()].find(({ name, wanted }) => wanted && !known.has(name))
  return lacksColumn(shape.entries, [...created, ...columns])
    ?? lacksLabel(shape.entries, "status", draft ? ["draft"] : ["pending", "approved"])
    ?? lacksLabel(shape.entries, "source", ["automation"])
    ?? (strange === undefined ? null : `the table entries wants "${strange.name}", which this worker does not know`)
    ?? lacksAbsences(shape)
}

/** What these tables lack for this action, in plain words; null when it can be done. */
export const lacksFor = (shape: EntryShape, action: Action): string | null => {
  switch (action.type) {
    case "create-entry":
      return lacksToCreate(shape, [
        ...(action.breakMinutes === undefined ? [] : ["breakMinutes"]),
        ...(action.projectId === undefined ? [] : ["projectId"]),
        ...(action.taskId === undefined ? [] : ["taskId"]),
        ...(action.note === undefined ? [] : ["note"])
      ], action.as === "draft")
    case "copy-last-week":
      return lacksToCreate(shape, [], action.as === "draft")
    case "close-open-entry":
      return lacksColumn(shape.entries, ["endDate", "closedBy"]) ?? lacksLabel(shape.entries, "closedBy", ["automation"])
    case "submit-pending":
      return lacksLabel(shape.entries, "status", ["draft", "pending", "approved"])
    case "remind":
      return action.event === "entry.draft" ? lacksLabel(shape.entries, "status", ["draft"]) : action.event === "entry.missing" ? lacksAbsences(shape) : null
    case "emit-event":
      return null
  }
}
