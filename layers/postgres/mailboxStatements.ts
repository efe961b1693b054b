import type * as SqlClient from "effect/sql/SqlClient"
import type { MailboxClaim } from "../../src/services/Mailboxes.ts"

type Sql = SqlClient.SqlClient

/** Of everything that says whether, how often and what is synced. */
const fingerprint = `md5(coalesce(t."emailSettings"::text, '') || '|' || coalesce(t.features->>'emailSync', '') || '|' || coalesce(t.features->>'invoices', ''))`

export const loadSettings = (sql: Sql, tenantId: string) =>
  sql`SELECT t."emailSettings" AS settings, coalesce(m.fingerprint = ${sql.literal(fingerprint)}, false) AS "takenOver"
    FROM tenants t LEFT JOIN tt_worker.mail_tenants m ON m."tenantId" = t.id WHERE t.id = ${tenantId}`

/** Tenants with settings, or that once had some: ids only. */
export const changedTenants = (sql: Sql, limit: number) =>
  sql`SELECT t.id FROM tenants t LEFT JOIN tt_worker.mail_tenants m ON m."tenantId" = t.id
    WHERE (m."tenantId" IS NOT NULL OR coalesce(t."emailSettings", 'null') NOT IN ('null', '[]', '{}'))
      AND m.fingerprint IS DISTINCT FROM ${sql.literal(fingerprint)}
    ORDER BY m."takenOverAt" NULLS FIRST LIMIT ${limit}`

/** Notes what was taken over, unless the settings have changed again since they were read: then it is done again. */
export const noteTakenOver = (sql: Sql, tenantId: string, notTakenOver: string, settings: string) =>
  sql`INSERT INTO tt_worker.mail_tenants AS m ("tenantId", fingerprint, "notTakenOver")
    SELECT t.id, CASE WHEN coalesce(t."emailSettings", 'null') = ${settings}::text::jsonb THEN ${sql.literal(fingerprint)} ELSE '' END, ${notTakenOver}::text::jsonb
    FROM tenants t WHERE t.id = ${tenantId}
    ON CONFLICT ("tenantId") DO UPDATE SET fingerprint = excluded.fingerprint, "notTakenOver" = excluded."notTakenOver", "takenOverAt" = clock_timestamp()`

/** New credentials end a pause and whatever was wrong with the old ones. */
export const upsertMailboxes = (sql: Sql, tenantId: string, rows: string) =>
  sql`INSERT INTO tt_worker.mailboxes AS m ("tenantId", "mailboxId", email, host, enabled, idle, credentials)
    SELECT ${tenantId}, r.id, r.email, r.host, r.enabled, r.idle, r.credentials
    FROM json_to_recordset(${rows}::text::json) AS r(id text, email text, host text, enabled boolean, idle boolean, credentials text)
    ON CONFLICT ("tenantId", "mailboxId") DO UPDATE SET
      email = excluded.email, host = excluded.host, enabled = excluded.enabled, idle = excluded.idle, "removedAt" = NULL, "updatedAt" = clock_timestamp(),
      credentials = excluded.credentials,
      paused = m.paused AND m.credentials = excluded.credentials,
      "loginFailures" = CASE WHEN m.credentials = excluded.credentials THEN m."loginFailures" ELSE 0 END,
      "notBefore" = CASE WHEN m.credentials = excluded.credentials THEN m."notBefore" END,
      status = CASE WHEN m.credentials = excluded.credentials THEN m.status ELSE 'active' END,
      "lastErrorCode" = CASE WHEN m.credentials = excluded.credentials THEN m."lastErrorCode" END,
      "lastError" = CASE WHEN m.credentials = excluded.credentials THEN m."lastError" END,
      "lastErrorAt" = CASE WHEN m.credentials = excluded.credentials THEN m."lastErrorAt" END
    WHERE (m.email, m.host, m.enabled, m.idle, m.credentials, m."removedAt") IS DISTINCT FROM (excluded.email, excluded.host, excluded.enabled, excluded.idle, excluded.credentials, NULL)`

/** Ids only: mailboxes to keep a connection to, of tenants that have both switches on. */
export const idleMailboxes = (sql: Sql, limit: number) =>
  sql`SELECT m."tenantId", m."mailboxId" FROM tt_worker.mailboxes m JOIN tenants t ON t.id = m."tenantId"
    WHERE m.idle AND m.enabled AND NOT m.paused AND m."removedAt" IS NULL AND (m."notBefore" IS NULL OR m."notBefore" <= clock_timestamp())
      AND t.features->'invoices' = 'true'::jsonb AND t.features->'emailSync' IS DISTINCT FROM 'false'::jsonb
    ORDER BY m."createdAt", m."tenantId", m."mailboxId" LIMIT ${limit}`

export const markRemoved = (sql: Sql, tenantId: string, kept: string) =>
  sql`UPDATE tt_worker.mailboxes SET "removedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE "tenantId" = ${tenantId} AND "removedAt" IS NULL
      AND "mailboxId" NOT IN (SELECT value FROM json_array_elements_text(${kept}::text::json))`

/** Taken when it is free, when its lease is over, or when the same job held it: that holder is dead. */
export const takeMailbox = (sql: Sql, tenantId: string, mailboxId: string, jobId: string, holder: string, leaseMillis: number) =>
  sql`UPDATE tt_worker.mailboxes SET epoch = epoch + 1, "jobId" = ${jobId}, holder = ${holder},
      "leaseUntil" = clock_timestamp() + ${leaseMillis} * interval '1 millisecond', "updatedAt" = clock_timestamp()
    WHERE "tenantId" = ${tenantId} AND "mailboxId" = ${mailboxId} AND "removedAt" IS NULL
      AND ("leaseUntil" IS NULL OR "leaseUntil" < clock_timestamp() OR "jobId" = ${jobId})
    RETURNING epoch::text AS epoch, (extract(epoch FROM clock_timestamp() - "lastSyncedAt") * 1000)::float8 AS "syncedAgoMillis", "loginFailures", paused,
      greatest(0, extract(epoch FROM "notBefore" - clock_timestamp()) * 1000)::float8 AS "waitMillis", "lastError", "refreshToken", "refreshTokenFor"`

export const leaseOf = (sql: Sql, tenantId: string, mailboxId: string) =>
  sql`SELECT greatest(0, extract(epoch FROM "leaseUntil" - clock_timestamp()) * 1000)::float8 AS "leaseMillis" FROM tt_worker.mailboxes
    WHERE "tenantId" = ${tenantId} AND "mailboxId" = ${mailboxId} AND "removedAt" IS NULL`

const isHeld = (sql: Sql, { epoch, mailboxId, tenantId }: MailboxClaim) =>
  sql`"tenantId" = ${tenantId} AND "mailboxId" = ${mailboxId} AND epoch = ${String(epoch)}::text::bigint`

export const renewLease = (sql: Sql, claim: MailboxClaim, leaseMillis: number) =>
  sql`UPDATE tt_worker.mailboxes SET "leaseUntil" = clock_timestamp() + ${leaseMillis} * interval '1 millisecond' WHERE ${isHeld(sql, claim)} RETURNING 1`

export const letGo = (sql: Sql, claim: MailboxClaim) =>
  sql`UPDATE tt_worker.mailboxes SET "leaseUntil" = NULL, "jobId" = NULL WHERE ${isHeld(sql, claim)}`

export const markSynced = (sql: Sql, claim: MailboxClaim, note: string | null, complete: boolean) =>
  sql`UPDATE tt_worker.mailboxes SET status = 'active', "lastSyncedAt" = CASE WHEN ${complete} THEN clock_timestamp() ELSE "lastSyncedAt" END, "lastErrorCode" = NULL, "lastError" = NULL, "lastErrorAt" = NULL,
      note = ${note}, "loginFailures" = 0, "notBefore" = NULL, "leaseUntil" = NULL, "jobId" = NULL, "updatedAt" = clock_timestamp()
    WHERE ${isHeld(sql, claim)} RETURNING 1`

export const markPutOff = (sql: Sql, claim: MailboxClaim, note: string, pauseMillis: number) =>
  sql`UPDATE tt_worker.mailboxes SET note = ${note}, "notBefore" = clock_timestamp() + ${pauseMillis} * interval '1 millisecond',
      "leaseUntil" = NULL, "jobId" = NULL, "updatedAt" = clock_timestamp()
    WHERE ${isHeld(sql, claim)} RETURNING 1`

export interface Failing {
  readonly code: string
  readonly sentence: string
  readonly pauseMillis: number | null
  readonly refused: boolean
  readonly paused: boolean
}

export const markFailed = (sql: Sql, claim: MailboxClaim, { code, paused, pauseMillis, refused, sentence }: Failing) =>
  sql`UPDATE tt_worker.mailboxes SET status = 'error', "lastErrorCode" = ${code}, "lastError" = ${sentence}, "lastErrorAt" = clock_timestamp(),
      "loginFailures" = "loginFailures" + ${refused ? 1 : 0}, paused = paused OR ${paused},
      "notBefore" = clock_timestamp() + ${pauseMillis} * interval '1 millisecond', "leaseUntil" = NULL, "jobId" = NULL, "updatedAt" = clock_timestamp()
    WHERE ${isHeld(sql, claim)} RETURNING 1`

export const writeRefreshToken = (sql: Sql, claim: MailboxClaim, stored: string, madeFrom: string) =>
  sql`UPDATE tt_worker.mailboxes SET "refreshToken" = ${stored}, "refreshTokenFor" = ${madeFrom} WHERE ${isHeld(sql, claim)} RETURNING 1`

/** Locks the row, so that nobody takes it over before the transaction ends. */
export const lockClaim = (sql: Sql, claim: MailboxClaim) => sql`SELECT "lastErrorCode", paused FROM tt_worker.mailboxes WHERE ${isHeld(sql, claim)} FOR UPDATE`
