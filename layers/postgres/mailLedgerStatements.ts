import type * as SqlClient from "effect/sql/SqlClient"
import type { MailboxClaim } from "../../src/services/Mailboxes.ts"
import type { FolderPlace } from "../../src/services/MailLedger.ts"

type Sql = SqlClient.SqlClient

const inFolder = (sql: Sql, { mailboxId, tenantId }: MailboxClaim, folder: string) =>
  sql`"tenantId" = ${tenantId} AND "mailboxId" = ${mailboxId} AND folder = ${folder}`

const inPlace = (sql: Sql, claim: MailboxClaim, { folder, uidValidity }: FolderPlace) =>
  sql`${inFolder(sql, claim, folder)} AND "uidValidity" = ${String(uidValidity)}::text::bigint`

export const loadFolder = (sql: Sql, claim: MailboxClaim, folder: string) =>
  sql`SELECT "uidValidity"::text AS "uidValidity", cursor::float8 AS cursor, "firstUidNext"::float8 AS "firstUidNext",
      floor(extract(epoch FROM since) * 1000)::float8 AS since
    FROM tt_worker.mail_folders WHERE ${inFolder(sql, claim, folder)}`

/** The first time the look-back day is set; in another numbering it stays the same. */
export const beginFolder = (sql: Sql, claim: MailboxClaim, { folder, uidValidity }: FolderPlace, uidNext: number, lookBackMillis: number) =>
  sql`INSERT INTO tt_worker.mail_folders AS f ("tenantId", "mailboxId", folder, "uidValidity", cursor, "firstUidNext", since)
    VALUES (${claim.tenantId}, ${claim.mailboxId}, ${folder}, ${String(uidValidity)}::text::bigint, 1, ${uidNext}, clock_timestamp() - ${lookBackMillis} * interval '1 millisecond')
    ON CONFLICT ("tenantId", "mailboxId", folder) DO UPDATE
      SET "uidValidity" = excluded."uidValidity", cursor = 1, "firstUidNext" = excluded."firstUidNext", "updatedAt" = clock_timestamp()
    RETURNING "uidValidity"::text AS "uidValidity", cursor::float8 AS cursor, "firstUidNext"::float8 AS "firstUidNext", floor(extract(epoch FROM since) * 1000)::float8 AS since`

/** The server counts from below what it had counted to: what stands there now is not what stood there. */
export const forgetMails = (sql: Sql, claim: MailboxClaim, place: FolderPlace) => sql`DELETE FROM tt_worker.mail_messages WHERE ${inPlace(sql, claim, place)}`

/** The cursor goes forward only as far as nothing was asked for again meanwhile. */
export const advanceCursor = (sql: Sql, claim: MailboxClaim, place: FolderPlace, cursor: number) =>
  sql`UPDATE tt_worker.mail_folders SET "updatedAt" = clock_timestamp(),
      cursor = least(${cursor}, coalesce((SELECT min(uid) FROM tt_worker.mail_messages WHERE ${inPlace(sql, claim, place)} AND state IN ('failed', 'again')), ${cursor}))
    WHERE ${inPlace(sql, claim, place)}`

export const loadStates = (sql: Sql, claim: MailboxClaim, place: FolderPlace, from: number) =>
  sql`SELECT uid::float8 AS uid, state, attempts, coalesce("nextTryAt" <= clock_timestamp(), true) AS due FROM tt_worker.mail_messages
    WHERE ${inPlace(sql, claim, place)} AND uid >= ${from}`

export const writeMails = (sql: Sql, claim: MailboxClaim, { folder, uidValidity }: FolderPlace, rows: string) =>
  sql`INSERT INTO tt_worker.mail_messages AS m ("tenantId", "mailboxId", folder, "uidValidity", uid, state, "reasonCode", reason, attempts, "nextTryAt",
      "messageId", sender, subject, "sentAt", "receivedAt", size, imported, duplicates, skipped)
    SELECT ${claim.tenantId}, ${claim.mailboxId}, ${folder}, ${String(uidValidity)}::text::bigint, r.uid, r.state, r."reasonCode", r.reason, r.attempts,
      clock_timestamp() + r."nextTryMillis" * interval '1 millisecond', r."messageId", r.sender, r.subject, r."sentAt", r."receivedAt", r.size, r.imported, r.duplicates, r.skipped
    FROM json_to_recordset(${rows}::text::json) AS r(uid bigint, state text, "reasonCode" text, reason text, attempts integer, "nextTryMillis" float8, "messageId" text, sender text,
      subject text, "sentAt" timestamptz, "receivedAt" timestamptz, size bigint, imported integer, duplicates integer, skipped integer)
    ON CONFLICT ("tenantId", "mailboxId", folder, "uidValidity", uid) DO UPDATE SET state = excluded.state, "reasonCode" = excluded."reasonCode", reason = excluded.reason,
      attempts = excluded.attempts, "nextTryAt" = excluded."nextTryAt", "messageId" = excluded."messageId", sender = excluded.sender, subject = excluded.subject,
      "sentAt" = excluded."sentAt", "receivedAt" = excluded."receivedAt", size = excluded.size, imported = excluded.imported, duplicates = excluded.duplicates,
      skipped = excluded.skipped, "updatedAt" = clock_timestamp()`

export const clearAttachments = (sql: Sql, claim: MailboxClaim, place: FolderPlace, uids: string) =>
  sql`DELETE FROM tt_worker.mail_attachments WHERE ${inPlace(sql, claim, place)} AND uid IN (SELECT value::bigint FROM json_array_elements_text(${uids}::text::json))`

export const writeAttachments = (sql: Sql, claim: MailboxClaim, { folder, uidValidity }: FolderPlace, rows: string) =>
  sql`INSERT INTO tt_worker.mail_attachments ("tenantId", "mailboxId", folder, "uidValidity", uid, n, name, "contentType", size, sha256, outcome, "reasonCode", "invoiceId")
    SELECT ${claim.tenantId}, ${claim.mailboxId}, ${folder}, ${String(uidValidity)}::text::bigint, r.uid, r.n, r.name, r."contentType", r.size, r.sha256, r.outcome, r."reasonCode", r."invoiceId"
    FROM json_to_recordset(${rows}::text::json) AS r(uid bigint, n integer, name text, "contentType" text, size bigint, sha256 text, outcome text, "reasonCode" text, "invoiceId" text)`

/** One tenant's imports come one after the other, so that its day's limits hold over all its mailboxes. */
export const lockTenant = (sql: Sql, tenantId: string) => sql`SELECT pg_advisory_xact_lock(hashtextextended(${`mail:${tenantId}`}::text, 7824))`

/** Content that the tenant has by mail, or that a person has uploaded and that was read. */
export const knownContent = (sql: Sql, tenantId: string, hashes: string) =>
  sql`WITH asked AS (SELECT value AS sha256 FROM json_array_elements_text(${hashes}::text::json))
    SELECT m.sha256, m."invoiceId", m.generation, i.id IS NOT NULL AS exists
    FROM asked JOIN tt_worker.mail_imports m ON m."tenantId" = ${tenantId} AND m.sha256 = asked.sha256
    LEFT JOIN invoices i ON i."tenantId" = m."tenantId" AND i.id = m."invoiceId"
    UNION ALL
    SELECT DISTINCT ON (c.sha256) c.sha256, c."invoiceId", 0, true
    FROM asked JOIN tt_worker.invoice_claims c ON c."tenantId" = ${tenantId} AND c.sha256 = asked.sha256
    JOIN invoices i ON i."tenantId" = c."tenantId" AND i.id = c."invoiceId"
    WHERE NOT EXISTS (SELECT 1 FROM tt_worker.mail_imports m WHERE m."tenantId" = ${tenantId} AND m.sha256 = c.sha256)
    ORDER BY sha256`

/** One row for each content that is new, or that is taken up again on purpose. Called with the tenant's lock held. */
export const claimContent = (sql: Sql, { mailboxId, tenantId }: MailboxClaim, rows: string) =>
  sql`INSERT INTO tt_worker.mail_imports AS m ("tenantId", sha256, "invoiceId", generation, "mailboxId", "fileKey", size, "messageId", sender, "sentAt")
    SELECT ${tenantId}, r.sha256, r."invoiceId", r.generation, ${mailboxId}, r."fileKey", r.size, r."messageId", r.sender, r."sentAt"
    FROM json_to_recordset(${rows}::text::json) AS r(sha256 text, "invoiceId" text, generation integer, "fileKey" text, size bigint, "messageId" text, sender text, "sentAt" timestamptz)
    ON CONFLICT ("tenantId", sha256) DO UPDATE SET "invoiceId" = excluded."invoiceId", generation = excluded.generation, "mailboxId" = excluded."mailboxId",
      "fileKey" = excluded."fileKey", "messageId" = excluded."messageId", sender = excluded.sender, "sentAt" = excluded."sentAt", "importedAt" = clock_timestamp()
      WHERE m.generation < excluded.generation`

export const usedToday = (sql: Sql, { mailboxId, tenantId }: MailboxClaim) =>
  sql`SELECT count(*)::int AS "tenantImports", coalesce(sum(size), 0)::float8 AS "tenantBytes",
      count(*) FILTER (WHERE "mailboxId" = ${mailboxId})::int AS "mailboxImports", coalesce(sum(size) FILTER (WHERE "mailboxId" = ${mailboxId}), 0)::float8 AS "mailboxBytes"
    FROM tt_worker.mail_imports WHERE "tenantId" = ${tenantId} AND "importedAt" > clock_timestamp() - interval '24 hours'`

export const insertInvoices = (sql: Sql, tenantId: string, rows: string) =>
  sql`INSERT INTO invoices (id, "tenantId", "fileKey", "fileName", "contentType", status, "updatedAt")
    SELECT r.id, ${tenantId}, r."fileKey", r."fileName", r."contentType", 'nouveau', clock_timestamp() AT TIME ZONE 'UTC'
    FROM json_to_recordset(${rows}::text::json) AS r(id text, "fileKey" text, "fileName" text, "contentType" text)`

/** What came in, as it came in. */
export const noteReceived = (sql: Sql, tenantId: string, rows: string) =>
  sql`INSERT INTO tt_worker.received_files ("tenantId", "fileKey", sha256, bytes)
    SELECT ${tenantId}, r."fileKey", r.sha256, r.size FROM json_to_recordset(${rows}::text::json) AS r("fileKey" text, sha256 text, size bigint)
    ON CONFLICT ("tenantId", "fileKey") DO NOTHING`

export const addMark = (sql: Sql, claim: MailboxClaim, { folder, uidValidity }: FolderPlace, uid: number) =>
  sql`INSERT INTO tt_worker.mail_marks ("tenantId", "mailboxId", folder, "uidValidity", uid)
    VALUES (${claim.tenantId}, ${claim.mailboxId}, ${folder}, ${String(uidValidity)}::text::bigint, ${uid}) ON CONFLICT DO NOTHING`

export const loadMarks = (sql: Sql, claim: MailboxClaim, place: FolderPlace, most: number) =>
  sql`SELECT uid::float8 AS uid FROM tt_worker.mail_marks WHERE ${inPlace(sql, claim, place)} ORDER BY uid LIMIT ${most}`

export const removeMark = (sql: Sql, claim: MailboxClaim, place: FolderPlace, uid: number) =>
  sql`DELETE FROM tt_worker.mail_marks WHERE ${inPlace(sql, claim, place)} AND uid = ${uid}`

/** Once more in vain; the last time it is let go. */
export const countMark = (sql: Sql, claim: MailboxClaim, place: FolderPlace, uid: number, most: number) =>
  sql`WITH given_up AS (DELETE FROM tt_worker.mail_marks WHERE ${inPlace(sql, claim, place)} AND uid = ${uid} AND attempts + 1 >= ${most})
    UPDATE tt_worker.mail_marks SET attempts = attempts + 1 WHERE ${inPlace(sql, claim, place)} AND uid = ${uid} AND attempts + 1 < ${most}`

/** The job that reads it, so that the reconciler asks the queue about it and makes no second one. */
export const noteJobs = (sql: Sql, tenantId: string, rows: string) =>
  sql`INSERT INTO tt_worker.invoice_claims ("tenantId", "invoiceId", "jobId")
    SELECT ${tenantId}, r.id, r."jobId" FROM json_to_recordset(${rows}::text::json) AS r(id text, "jobId" text)
    ON CONFLICT ("tenantId", "invoiceId") DO NOTHING`

export const countImports = (sql: Sql, { mailboxId, tenantId }: MailboxClaim, count: number) =>
  sql`UPDATE tt_worker.mailboxes SET "importedCount" = "importedCount" + ${count} WHERE "tenantId" = ${tenantId} AND "mailboxId" = ${mailboxId}`

export const askAgain = (sql: Sql, tenantId: string, mailboxId: string, folder: string, uidValidity: bigint, uid: number) =>
  sql`SELECT tt_worker.request_mail_again(${tenantId}, ${mailboxId}, ${folder}, ${String(uidValidity)}::text::bigint, ${uid}) AS asked`
