import type * as SqlClient from "effect/sql/SqlClient"
import type { Column, EntryShape } from "./entryShape.ts"

/** Times of the API are in UTC, with a zone or without: sessions of this worker speak UTC. */
const millis = (column: string): string => `round(extract(epoch FROM (${column})::timestamp) * 1000)::float8`
const document = (alias: string, column: string): string => `(to_jsonb(${alias})->>'${column}')`

export interface UserIds {
  readonly tenantId: string
  readonly tenantUserId: string
}

/** What is only looked at, and a table may lack, is read by way of the row's document. */
const entryColumns = `e.id::text AS id, ${millis(`e."startDate"`)} AS start, ${millis(`e."endDate"`)} AS "end", e.status::text AS status,
  ${document("e", "projectId")} AS "projectId", ${document("e", "taskId")} AS "taskId", round(${document("e", "breakMinutes")}::numeric)::int AS "breakMinutes",
  ${document("e", "note")} AS note, ${document("e", "exportedAt")} IS NOT NULL AS exported`

/** More than anybody works in two months; a table that has more is not read whole. */
const mostEntries = 2_000

/** The newest entry that was exported. */
export const lastExported = (sql: SqlClient.SqlClient, { tenantId, tenantUserId }: UserIds) =>
  sql`SELECT ${sql.literal(millis(`e."startDate"`))} AS start FROM entries e
    WHERE e."tenantId" = ${tenantId} AND e."tenantUserId" = ${tenantUserId} AND e."exportedAt" IS NOT NULL
    ORDER BY e."startDate" DESC LIMIT 1`

/** Entries that touch the time between two instants (ISO 8601). */
export const entriesOf = (sql: SqlClient.SqlClient, { tenantId, tenantUserId }: UserIds, from: string, to: string) =>
  sql`SELECT ${sql.literal(entryColumns)} FROM entries e
    WHERE e."tenantId" = ${tenantId} AND e."tenantUserId" = ${tenantUserId}
      AND e."startDate" < ${to}::timestamptz AT TIME ZONE 'UTC' AND e."startDate" >= (${from}::timestamptz AT TIME ZONE 'UTC') - interval '7 days'
      AND (e."endDate" IS NULL OR e."endDate" > ${from}::timestamptz AT TIME ZONE 'UTC')
    ORDER BY e."startDate" DESC LIMIT ${mostEntries}`

/** Dates as the user's calendar has them, whether the column is a date or an instant. */
const localDate = (column: Column | undefined, name: string): string =>
  column?.type === "date" ? `a."${name}"::text` : `to_char((a."${name}"::timestamp AT TIME ZONE 'UTC') AT TIME ZONE d.zone, 'YYYY-MM-DD')`

/** Absences that touch the dates; those that were refused are none, one without an end goes on. */
export const absencesOf = (
  sql: SqlClient.SqlClient,
  shape: EntryShape,
  { tenantId, tenantUserId }: UserIds,
  dates: { readonly from: string; readonly to: string; readonly timeZone: string }
) =>
  sql`SELECT "from", "to" FROM (
      SELECT ${sql.literal(localDate(shape.absences.get("startDate"), "startDate"))} AS "from",
        coalesce(${sql.literal(localDate(shape.absences.get("endDate"), "endDate"))}, ${dates.to}) AS "to"
      FROM absences a, (SELECT ${dates.timeZone}::text AS zone) d
      WHERE a."tenantId" = ${tenantId} AND a."tenantUserId" = ${tenantUserId}
        AND lower(coalesce(${sql.literal(document("a", "status"))}, '')) NOT IN ('rejected', 'refused', 'cancelled', 'canceled', 'draft')
    ) found WHERE "from" <= ${dates.to} AND "to" >= ${dates.from} LIMIT 500`

export const projectsOf = (sql: SqlClient.SqlClient, tenantId: string, ids: ReadonlyArray<string>) =>
  sql`SELECT p.id::text AS id, (coalesce(${sql.literal(document("p", "archived"))}, 'false') = 'true' OR ${sql.literal(document("p", "archivedAt"))} IS NOT NULL) AS archived
    FROM projects p WHERE p."tenantId" = ${tenantId} AND p.id::text IN (SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`

export const waitingInvoices = (
  sql: SqlClient.SqlClient,
  { tenantId, tenantUserId }: UserIds,
  query: { readonly of: "firm" | "user"; readonly before: string }
) =>
  sql`SELECT count(*)::int AS waiting, min(${sql.literal(millis(`i."createdAt"`))}) AS oldest FROM invoices i
    WHERE i."tenantId" = ${tenantId} AND i.status::text IN ('processed', 'error') AND NOT coalesce(i.archived, false)
      AND i."createdAt" < ${query.before}::timestamptz AT TIME ZONE 'UTC'
      AND (${query.of} = 'firm' OR coalesce(${sql.literal(document("i", "tenantUserId"))}, ${sql.literal(document("i", "uploadedById"))}) = ${tenantUserId})`

/** What an entry looks like to people: as long as it is the same, nobody has changed it. */
const print = (alias: string): string =>
  `md5(concat_ws('|', ${millis(`${alias}."startDate"`)}, coalesce(${millis(`${alias}."endDate"`)}::text, '-'), ${alias}.status::text,
    coalesce(${document(alias, "projectId")}, '-'), coalesce(${document(alias, "taskId")}, '-'), coalesce(${document(alias, "breakMinutes")}, '-'), coalesce(${document(alias, "note")}, '-')))`

export interface EffectId extends UserIds {
  readonly automationId: string
  /** ISO 8601. */
  readonly occurrence: string
}

const noteEffects = (sql: SqlClient.SqlClient, { automationId, occurrence, tenantId, tenantUserId }: EffectId, effect: "created" | "closed" | "submitted") =>
  sql`INSERT INTO tt_worker.automation_effects ("tenantUserId", "tenantId", "automationId", occurrence, "entryId", effect, print)
    SELECT ${tenantUserId}, ${tenantId}, ${automationId}, ${occurrence}::timestamptz, written.id, ${effect}, written.print FROM written`

/** Instants as milliseconds since the epoch. */
export interface NewEntryRow {
  readonly n: number
  readonly start: number
  readonly end: number
  readonly breakMinutes: number | null
  readonly projectId: string | null
  readonly taskId: string | null
  readonly note: string | null
  readonly status: string
}

const instant = (of: string): string => `to_timestamp(${of} / 1000) AT TIME ZONE 'UTC'`
const touched = (shape: EntryShape): string => shape.entries.has("updatedAt") ? `, "updatedAt" = (clock_timestamp() AT TIME ZONE 'UTC')` : ""

/**
 * Logs entries where none is in the way, and notes each as an effect of the run. Its id comes from the run and its place
 * in it, in the shape of the API's own; columns that the table lacks are left out.
 */
export const createEntries = (sql: SqlClient.SqlClient, shape: EntryShape, id: EffectId, rows: ReadonlyArray<NewEntryRow>) => {
  const key = `md5(concat_ws('|', k.tenant, k."user", k.automation, k.at, d.n))`
  const values: Readonly<Record<string, string>> = {
    id: shape.entries.get("id")?.type === "uuid" ? key : `'c' || substr(${key}, 1, 24)`,
    tenantId: "k.tenant",
    tenantUserId: `k."user"`,
    projectId: `d."projectId"`,
    taskId: `d."taskId"`,
    startDate: instant("d.start"),
    endDate: instant(`d."end"`),
    status: "d.status",
    note: "d.note",
    breakMinutes: `d."breakMinutes"`,
    source: "'automation'",
    automationId: "k.automation",
    occurrence: "k.at AT TIME ZONE 'UTC'",
    occurrenceItem: "d.n",
    createdAt: "clock_timestamp() AT TIME ZONE 'UTC'",
    updatedAt: "clock_timestamp() AT TIME ZONE 'UTC'"
  }
  const columns = Object.entries(values).flatMap(([name, value]) => {
    const column = shape.entries.get(name)
    return column === undefined ? [] : [{ name: `"${name}"`, value: `(${value})::${column.type}` }]
  })
  return sql`WITH written AS (
      INSERT INTO entries AS e (${sql.literal(columns.map(({ name }) => name).join(", "))})
      SELECT ${sql.literal(columns.map(({ value }) => value).join(", "))}
      FROM (SELECT ${id.tenantId}::text AS tenant, ${id.tenantUserId}::text AS "user", ${id.automationId}::text AS automation, ${id.occurrence}::timestamptz AS at) k,
        jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          AS d(n integer, start float8, "end" float8, "breakMinutes" integer, "projectId" text, "taskId" text, note text, status text)
      WHERE NOT EXISTS (
        SELECT 1 FROM entries o WHERE o."tenantId" = k.tenant AND o."tenantUserId" = k."user"
          AND o."startDate" < ${sql.literal(instant(`d."end"`))} AND o."startDate" > ${sql.literal(instant("d.start"))} - interval '31 days'
          AND coalesce(o."endDate", o."startDate" + interval '24 hours') > ${sql.literal(instant("d.start"))}
      )
      ORDER BY d.n
      RETURNING e.id::text AS id, ${sql.literal(print("e"))} AS print
    ) ${noteEffects(sql, id, "created")} RETURNING 1`
}

/** Ends entries that still run and are as they were seen. */
export const closeEntries = (
  sql: SqlClient.SqlClient,
  shape: EntryShape,
  id: EffectId,
  rows: ReadonlyArray<{ readonly entryId: string; readonly status: string; readonly end: number }>
) =>
  sql`WITH written AS (
      UPDATE entries e SET "endDate" = ${sql.literal(instant(`d."end"`))}, "closedBy" = 'automation'${sql.literal(touched(shape))}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS d("entryId" text, status text, "end" float8)
      WHERE e."tenantId" = ${id.tenantId} AND e."tenantUserId" = ${id.tenantUserId} AND e.id::text = d."entryId"
        AND e."endDate" IS NULL AND e.status::text = d.status
      RETURNING e.id::text AS id, ${sql.literal(print("e"))} AS print
    ) ${noteEffects(sql, id, "closed")} RETURNING 1`

/** Hands drafts over that are still drafts. */
export const submitEntries = (
  sql: SqlClient.SqlClient,
  shape: EntryShape,
  id: EffectId,
  rows: ReadonlyArray<{ readonly entryId: string; readonly status: string }>
) =>
  sql`WITH written AS (
      UPDATE entries e SET status = d.status::${sql.literal(shape.entries.get("status")?.type ?? "text")}${sql.literal(touched(shape))}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS d("entryId" text, status text)
      WHERE e."tenantId" = ${id.tenantId} AND e."tenantUserId" = ${id.tenantUserId} AND e.id::text = d."entryId" AND e.status::text = 'draft'
      RETURNING e.id::text AS id, ${sql.literal(print("e"))} AS print
    ) ${noteEffects(sql, id, "submitted")} RETURNING 1`

/** Locks the runs that are to be undone: one, or all that are remembered of an automation. */
export const runsToUndo = (sql: SqlClient.SqlClient, { tenantId, tenantUserId }: UserIds, automationId: string, occurrence: string | null) =>
  sql`SELECT occurrence::text AS occurrence FROM tt_worker.automation_runs
    WHERE "tenantUserId" = ${tenantUserId} AND "tenantId" = ${tenantId} AND "automationId" = ${automationId} AND "undoneAt" IS NULL
      AND outcome = 'done' AND (${occurrence}::text IS NULL OR occurrence = ${occurrence}::timestamptz)
    ORDER BY occurrence FOR UPDATE`

const untouched = `e."tenantId" = f."tenantId" AND e."tenantUserId" = f."tenantUserId" AND e.id::text = f."entryId"
  AND ${print("e")} = f.print AND ${document("e", "exportedAt")} IS NULL`

/** Takes effects back whose entries nobody has changed or exported since; how many there were and how many were taken back. */
export const undoEffects = (sql: SqlClient.SqlClient, shape: EntryShape, { tenantId, tenantUserId }: UserIds, automationId: string, occurrences: ReadonlyArray<string>) => {
  const own = sql`f."tenantUserId" = ${tenantUserId} AND f."tenantId" = ${tenantId} AND f."automationId" = ${automationId}
    AND f.occurrence IN (SELECT jsonb_array_elements_text(${JSON.stringify(occurrences)}::text::jsonb)::timestamptz)`
  const update = (change: string, effect: string) =>
    sql`UPDATE entries e SET ${sql.literal(change)}${sql.literal(touched(shape))} FROM tt_worker.automation_effects f
      WHERE ${own} AND f.effect = ${effect} AND ${sql.literal(untouched)} RETURNING 1`
  const closedBy = shape.entries.has("closedBy") ? `, "closedBy" = NULL` : ""
  // A type without drafts has none that were handed over.
  const draft = shape.entries.get("status")?.labels?.includes("draft") === false ? "e.status" : "'draft'"
  return sql`WITH deleted AS (
      DELETE FROM entries e USING tt_worker.automation_effects f WHERE ${own} AND f.effect = 'created' AND ${sql.literal(untouched)} RETURNING 1
    ), reopened AS (${update(`"endDate" = NULL${closedBy}`, "closed")}
    ), drafted AS (${update(`status = ${draft}`, "submitted")}
    ), finished AS (
      UPDATE tt_worker.automation_runs f SET "undoneAt" = now() WHERE ${own}
    )
    SELECT ((SELECT count(*) FROM deleted) + (SELECT count(*) FROM reopened) + (SELECT count(*) FROM drafted))::int AS entries,
      (SELECT count(*) FROM tt_worker.automation_effects f WHERE ${own})::int AS effects`
}
