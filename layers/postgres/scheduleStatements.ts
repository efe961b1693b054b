import type * as SqlClient from "effect/sql/SqlClient"

/** Told when a schedule is added or changed; see `DueRuns.changed`. */
export const changesChannel = "tt_worker_schedules"

/** The same id for a kind and key, in every process and after removal. */
const idOf = "md5(d.kind || '/' || d.key)::uuid"

/** Milliseconds since the epoch: what a timestamptz holds of JavaScript's times, exactly. */
const millis = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`

export const databaseNow = (sql: SqlClient.SqlClient) => sql`SELECT ${sql.literal(millis("now()"))} AS now`

const registrationRows = `d(kind text, key text, "tenantId" text, "tenantSlot" integer, queue text, data jsonb, task text, spec jsonb, "catchUp" text, enabled boolean, "nextRunAt" timestamptz)`

/**
 * In the order of the keys, so that two replicas that register the same lists at their start wait for one another
 * instead of blocking each other. The next run is kept where spec and switch are as they were.
 */
export const upsertSchedules = (sql: SqlClient.SqlClient, json: string) =>
  sql`INSERT INTO tt_worker.schedules AS s (id, kind, key, "tenantId", "tenantSlot", queue, data, task, spec, "catchUp", enabled, "nextRunAt", "dueAt")
    SELECT ${sql.literal(idOf)}, d.kind, d.key, d."tenantId", d."tenantSlot", d.queue, d.data, d.task, d.spec, d."catchUp", d.enabled, d."nextRunAt", d."nextRunAt"
    FROM jsonb_to_recordset(${json}::text::jsonb) AS ${sql.literal(registrationRows)}
    ORDER BY d.kind, d.key
    ON CONFLICT (id) DO UPDATE SET
      queue = excluded.queue, data = excluded.data, task = excluded.task, spec = excluded.spec, "catchUp" = excluded."catchUp",
      enabled = excluded.enabled, fault = NULL, "updatedAt" = now(),
      "nextRunAt" = CASE WHEN ${sql.literal(keepsGrid)} THEN s."nextRunAt" ELSE excluded."nextRunAt" END,
      "dueAt" = CASE WHEN ${sql.literal(keepsGrid)} THEN s."dueAt" ELSE excluded."dueAt" END
    WHERE s."tenantId" IS NOT DISTINCT FROM excluded."tenantId"
      AND (s.queue, s.data, s.task, s.spec, s."catchUp", s.enabled, s.fault)
        IS DISTINCT FROM (excluded.queue, excluded.data, excluded.task, excluded.spec, excluded."catchUp", excluded.enabled, NULL::text)
    RETURNING 1`

const keepsGrid = `s.spec = excluded.spec AND s.enabled AND excluded.enabled AND s.fault IS NULL`

/** Keys of the list that belong to another tenant. */
export const foreignKeys = (sql: SqlClient.SqlClient, json: string) =>
  sql`SELECT d.kind || '/' || d.key AS key
    FROM jsonb_to_recordset(${json}::text::jsonb) AS ${sql.literal(registrationRows)}
    JOIN tt_worker.schedules s ON s.id = ${sql.literal(idOf)}
    WHERE s."tenantId" IS DISTINCT FROM d."tenantId" LIMIT 3`

export const tellChange = (sql: SqlClient.SqlClient) => sql`SELECT pg_notify(${changesChannel}, '')`

export const removeSchedules = (
  sql: SqlClient.SqlClient,
  tenantId: string | null,
  selection: { readonly kind: string | null; readonly key: string | null; readonly keyPrefix: string | null }
) =>
  sql`DELETE FROM tt_worker.schedules WHERE ${ofTenant(sql, tenantId)}
    AND (${selection.kind}::text IS NULL OR kind = ${selection.kind}::text)
    AND (${selection.key}::text IS NULL OR key = ${selection.key}::text)
    AND (${selection.keyPrefix}::text IS NULL OR starts_with(key, ${selection.keyPrefix}::text))
    RETURNING 1`

/** `=` where there is a tenant, so that the index serves. */
const ofTenant = (sql: SqlClient.SqlClient, tenantId: string | null) => tenantId === null ? sql`"tenantId" IS NULL` : sql`"tenantId" = ${tenantId}`

export const listSchedules = (sql: SqlClient.SqlClient, tenantId: string | null) =>
  sql`SELECT kind, key, "tenantId", queue, data, task, spec, "catchUp", enabled, fault,
      ${sql.literal(millis(`"nextRunAt"`))} AS "nextRunAt", ${sql.literal(millis(`"lastRunAt"`))} AS "lastRunAt"
    FROM tt_worker.schedules WHERE ${ofTenant(sql, tenantId)} ORDER BY kind, key`

export interface RunId {
  readonly schedule: string
  /** ISO 8601. */
  readonly at: string
}

const theRun = (sql: SqlClient.SqlClient, tenantId: string | null, run: RunId) =>
  sql`"scheduleId" = ${run.schedule}::uuid AND "occursAt" = ${run.at}::timestamptz AND "tenantId" IS NOT DISTINCT FROM ${tenantId}::text`

export const beginRun = (sql: SqlClient.SqlClient, tenantId: string | null, run: RunId, holder: string, leaseMillis: number) =>
  sql`UPDATE tt_worker.occurrences SET holder = ${holder}, "startedAt" = coalesce("startedAt", now()),
      "leaseUntil" = clock_timestamp() + ${leaseMillis}::float8 * interval '1 millisecond'
    WHERE ${theRun(sql, tenantId, run)} AND state IN ('enqueued', 'failed')
      AND (holder IS NULL OR holder = ${holder} OR "leaseUntil" IS NULL OR "leaseUntil" < clock_timestamp())
    RETURNING 1`

export const stateOfRun = (sql: SqlClient.SqlClient, tenantId: string | null, run: RunId) =>
  sql`SELECT state FROM tt_worker.occurrences WHERE ${theRun(sql, tenantId, run)}`

/** A failure does not undo what was done; doing it at last does undo a failure. */
export const finishRun = (sql: SqlClient.SqlClient, tenantId: string | null, run: RunId, holder: string, state: "done" | "failed", reason: string | null) =>
  sql`UPDATE tt_worker.occurrences SET state = ${state}, reason = ${reason}, "finishedAt" = now(), holder = ${holder}, "leaseUntil" = NULL
    WHERE ${theRun(sql, tenantId, run)} AND (state = 'enqueued' OR (state = 'failed' AND ${state} = 'done'))
      AND (holder IS NULL OR holder = ${holder})
    RETURNING 1`
