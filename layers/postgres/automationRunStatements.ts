import type * as SqlClient from "effect/sql/SqlClient"

const millis = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`

export interface RunId {
  readonly tenantId: string
  readonly tenantUserId: string
  readonly automationId: string
  /** ISO 8601. */
  readonly occurrence: string
}

const theRun = (sql: SqlClient.SqlClient, run: RunId) =>
  sql`"tenantUserId" = ${run.tenantUserId} AND "tenantId" = ${run.tenantId} AND "automationId" = ${run.automationId} AND occurrence = ${run.occurrence}::timestamptz`

/** As one document: the API's table may lack columns that are only looked at. */
export const userRow = (sql: SqlClient.SqlClient, tenantId: string, tenantUserId: string) =>
  sql`SELECT to_jsonb(u) AS "user" FROM tenant_users u WHERE u."tenantId" = ${tenantId} AND u.id = ${tenantUserId}`

/** Two automations of one user at the same time: the second sees what the first has written. */
export const lockUser = (sql: SqlClient.SqlClient, tenantId: string, tenantUserId: string) =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(${tenantId} || '/' || ${tenantUserId}, 7824))`

/** One row when this run has not happened; one that has failed may be done after all. */
export const beginRun = (sql: SqlClient.SqlClient, run: RunId, missed: number, jobId: string) =>
  sql`INSERT INTO tt_worker.automation_runs AS r ("tenantUserId", "tenantId", "automationId", occurrence, missed, outcome, "jobId")
    VALUES (${run.tenantUserId}, ${run.tenantId}, ${run.automationId}, ${run.occurrence}::timestamptz, ${missed}, 'running', ${jobId})
    ON CONFLICT ("tenantUserId", "tenantId", "automationId", occurrence) DO UPDATE SET outcome = 'running', "jobId" = excluded."jobId"
    WHERE r.outcome = 'failed'
    RETURNING 1`

export const endRun = (
  sql: SqlClient.SqlClient,
  run: RunId,
  result: { readonly outcome: string; readonly note: string | null; readonly entries: number; readonly events: number }
) =>
  sql`UPDATE tt_worker.automation_runs SET outcome = ${result.outcome}, note = ${result.note}, entries = ${result.entries}, events = ${result.events}
    WHERE ${theRun(sql, run)}`

export const failRun = (sql: SqlClient.SqlClient, run: RunId, missed: number, jobId: string, note: string) =>
  sql`INSERT INTO tt_worker.automation_runs ("tenantUserId", "tenantId", "automationId", occurrence, missed, outcome, note, "jobId")
    VALUES (${run.tenantUserId}, ${run.tenantId}, ${run.automationId}, ${run.occurrence}::timestamptz, ${missed}, 'failed', ${note}, ${jobId})
    ON CONFLICT DO NOTHING RETURNING 1`

/** What the admin page shows. An action that was off and now works is on again. */
export const noteOutcome = (
  sql: SqlClient.SqlClient,
  run: RunId,
  outcome: string,
  note: string | null,
  off: boolean
) =>
  sql`UPDATE tt_worker.automations SET "lastOccurrence" = ${run.occurrence}::timestamptz, "lastOutcome" = ${outcome}, "lastNote" = ${note},
      state = CASE WHEN state NOT IN ('active', 'action-off') THEN state WHEN ${off} THEN 'action-off' WHEN ${outcome} = 'failed' THEN state ELSE 'active' END,
      reason = CASE WHEN state NOT IN ('active', 'action-off') THEN reason WHEN ${off} THEN ${note} WHEN ${outcome} = 'failed' THEN reason ELSE NULL END,
      "updatedAt" = now()
    WHERE "tenantUserId" = ${run.tenantUserId} AND "tenantId" = ${run.tenantId} AND "automationId" = ${run.automationId}
      AND ("lastOccurrence" IS NULL OR "lastOccurrence" <= ${run.occurrence}::timestamptz)`

/** The user's schedules, by a stretch of the index: every key that begins with the prefix. */
const ofUser = (sql: SqlClient.SqlClient, tenantId: string, prefix: string) =>
  sql`s."tenantId" = ${tenantId} AND s.kind = 'automation' AND s.key > ${prefix} AND s.key < ${prefix} || chr(1114111)`

export const openRuns = (sql: SqlClient.SqlClient, tenantId: string, prefix: string) =>
  sql`SELECT substr(s.key, length(${prefix}) + 1) AS "automationId", s.id::text AS schedule, ${sql.literal(millis(`o."occursAt"`))} AS at, o.missed
    FROM tt_worker.schedules s JOIN tt_worker.occurrences o ON o."scheduleId" = s.id AND o."tenantId" = s."tenantId"
    WHERE ${ofUser(sql, tenantId, prefix)} AND o.state = 'enqueued' AND (o."leaseUntil" IS NULL OR o."leaseUntil" < now())
    ORDER BY o."occursAt" LIMIT 200`

export const dueSchedules = (sql: SqlClient.SqlClient, tenantId: string, prefix: string) =>
  sql`SELECT substr(s.key, length(${prefix}) + 1) AS "automationId", s.key, s.spec, s."catchUp", ${sql.literal(millis(`s."nextRunAt"`))} AS "nextRunAt"
    FROM tt_worker.schedules s WHERE ${ofUser(sql, tenantId, prefix)} AND s.enabled AND s."nextRunAt" <= now()`

export const databaseNow = (sql: SqlClient.SqlClient) => sql`SELECT ${sql.literal(millis("now()"))} AS now`
