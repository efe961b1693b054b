import type * as SqlClient from "effect/sql/SqlClient"

/** Told by the triggers on the API's tables. */
export const automationChannel = "tt_worker_automations"

/** Any number that no other part of the worker locks by. */
const applyLock = 7824

/** What decides about the schedules of a user: another text means that they are to be looked at again. */
const fingerprint = `md5(coalesce(u.automations::text, '') || '|' || coalesce(u.archived, false)::text || '|' || (t.id IS NOT NULL)::text)`
const hasAutomations = `(u.automations IS NOT NULL AND u.automations::text NOT IN ('[]', 'null'))`

/** Whether the triggers are there and fire. */
export const triggersFire = (sql: SqlClient.SqlClient) =>
  sql`SELECT count(*) = 3 AS fire FROM pg_trigger WHERE tgrelid = 'tenant_users'::regclass AND tgname LIKE 'tt_worker_automations_%' AND tgenabled IN ('O', 'A')`

/** One row when nobody has compared for this long; this process does it then. */
export const claimComparison = (sql: SqlClient.SqlClient, everyMillis: number) =>
  sql`INSERT INTO tt_worker.settings AS s (key, value) VALUES ('automations_compared_at', now()::text)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, "updatedAt" = now()
    WHERE s."updatedAt" < now() - ${everyMillis}::float8 * interval '1 millisecond'
    RETURNING 1`

/** Notes those of one page of users that differ; where the page ends, null after the last. */
export const comparePage = (sql: SqlClient.SqlClient, after: string, limit: number) =>
  sql`WITH page AS MATERIALIZED (
      SELECT u.id, u."tenantId", ${sql.literal(fingerprint)} AS hash, ${sql.literal(hasAutomations)} AS has
      FROM (SELECT * FROM tenant_users WHERE id > ${after} ORDER BY id LIMIT ${limit}) u
      LEFT JOIN tenants t ON t.id = u."tenantId"
    ), noted AS (
      INSERT INTO tt_worker.automation_changes ("tenantUserId", "tenantId")
      SELECT p.id, p."tenantId" FROM page p
      LEFT JOIN tt_worker.automation_users a ON a."tenantUserId" = p.id AND a."tenantId" = p."tenantId"
      WHERE CASE WHEN a.hash IS NULL THEN p.has ELSE a.hash <> p.hash END
      ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT max(id) FROM page) AS last, (SELECT count(*) FROM noted)::int AS noted`

/** Notes users that are registered and no longer there. */
export const noteGone = (sql: SqlClient.SqlClient) =>
  sql`INSERT INTO tt_worker.automation_changes ("tenantUserId", "tenantId")
    SELECT a."tenantUserId", a."tenantId" FROM tt_worker.automation_users a
    WHERE NOT EXISTS (SELECT 1 FROM tenant_users u WHERE u.id = a."tenantUserId" AND u."tenantId" = a."tenantId")
    ON CONFLICT DO NOTHING RETURNING 1`

export const tryApplyLock = (sql: SqlClient.SqlClient) => sql`SELECT pg_try_advisory_xact_lock(${applyLock}) AS got`

/** Ids only, as text that stays exact: a later change has another time, and is not crossed off with this one. */
export const notedUsers = (sql: SqlClient.SqlClient, limit: number) =>
  sql`SELECT "tenantUserId", "tenantId", "changedAt"::text AS "changedAt" FROM tt_worker.automation_changes ORDER BY "changedAt" LIMIT ${limit}`

const noted = (sql: SqlClient.SqlClient, json: string) =>
  sql`jsonb_to_recordset(${json}::text::jsonb) AS d("tenantUserId" text, "tenantId" text, "changedAt" timestamptz)`

export const userAutomations = (sql: SqlClient.SqlClient, json: string) =>
  sql`SELECT d."tenantUserId", d."tenantId", u.automations::jsonb AS automations, ${sql.literal(fingerprint)} AS hash, u.id IS NOT NULL AS present,
      (u.id IS NOT NULL AND NOT coalesce(u.archived, false) AND t.id IS NOT NULL) AS live
    FROM ${noted(sql, json)}
    LEFT JOIN tenant_users u ON u.id = d."tenantUserId" AND u."tenantId" = d."tenantId"
    LEFT JOIN tenants t ON t.id = u."tenantId"`

/** What is known of these users' automations. Looked up one user at a time, whatever the statistics say: the table may be empty or huge. */
export const knownAutomations = (sql: SqlClient.SqlClient, json: string) =>
  sql`SELECT k.* FROM ${noted(sql, json)} CROSS JOIN LATERAL (
      SELECT a."tenantUserId", a."tenantId", a."automationId", a."scheduleKey" FROM tt_worker.automations a
      WHERE a."tenantUserId" = d."tenantUserId" AND a."tenantId" = d."tenantId" OFFSET 0
    ) k`

export interface StatusRow {
  readonly tenantUserId: string
  readonly tenantId: string
  readonly automationId: string
  readonly name: string
  readonly state: string
  readonly reason: string | null
  readonly scheduleKey: string | null
}

/** Writes statuses; what is known of their last runs stays. */
export const writeStatuses = (sql: SqlClient.SqlClient, statuses: ReadonlyArray<StatusRow>) =>
  sql`INSERT INTO tt_worker.automations AS a ("tenantUserId", "tenantId", "automationId", name, state, reason, "scheduleKey")
    SELECT "tenantUserId", "tenantId", "automationId", name, state, reason, "scheduleKey"
    FROM jsonb_to_recordset(${JSON.stringify(statuses)}::text::jsonb)
      AS s("tenantUserId" text, "tenantId" text, "automationId" text, name text, state text, reason text, "scheduleKey" text)
    ON CONFLICT ("tenantUserId", "tenantId", "automationId") DO UPDATE SET
      name = excluded.name, state = excluded.state, reason = excluded.reason, "scheduleKey" = excluded."scheduleKey", "updatedAt" = now()
    WHERE (a.name, a.state, a.reason, a."scheduleKey") IS DISTINCT FROM (excluded.name, excluded.state, excluded.reason, excluded."scheduleKey")`

export const deleteStatuses = (sql: SqlClient.SqlClient, gone: ReadonlyArray<Pick<StatusRow, "tenantUserId" | "tenantId" | "automationId">>) =>
  sql`DELETE FROM tt_worker.automations a USING jsonb_to_recordset(${JSON.stringify(gone)}::text::jsonb) AS g("tenantUserId" text, "tenantId" text, "automationId" text)
    WHERE a."tenantUserId" = g."tenantUserId" AND a."tenantId" = g."tenantId" AND a."automationId" = g."automationId"`

/** Remembers what they looked like; forgets those that are gone. */
export const rememberUsers = (sql: SqlClient.SqlClient, users: string) =>
  sql`WITH d AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${users}::text::jsonb) AS d("tenantUserId" text, "tenantId" text, hash text)
    ), gone AS (
      DELETE FROM tt_worker.automation_users a USING d WHERE d.hash IS NULL AND a."tenantUserId" = d."tenantUserId" AND a."tenantId" = d."tenantId"
    )
    INSERT INTO tt_worker.automation_users ("tenantUserId", "tenantId", hash)
    SELECT "tenantUserId", "tenantId", hash FROM d WHERE hash IS NOT NULL
    ON CONFLICT ("tenantUserId", "tenantId") DO UPDATE SET hash = excluded.hash, "takenAt" = now()`

/** The last thing of the transaction, so that nobody who writes a user waits for it. */
export const crossOff = (sql: SqlClient.SqlClient, json: string) =>
  sql`DELETE FROM tt_worker.automation_changes c USING ${noted(sql, json)}
    WHERE c."tenantUserId" = d."tenantUserId" AND c."tenantId" = d."tenantId" AND c."changedAt" = d."changedAt"`
