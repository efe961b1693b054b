import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * Email sync. `tenants."emailSettings"` is the admin's and is only read; what the worker knows of a mailbox, of each
 * mail in it and of what became an invoice stands here.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE tt_worker.mail_tenants (
    "tenantId" text PRIMARY KEY,
    fingerprint text NOT NULL,
    "notTakenOver" jsonb NOT NULL DEFAULT '[]',
    "takenOverAt" timestamptz NOT NULL DEFAULT clock_timestamp()
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_tenants.fingerprint IS 'of the settings and features that were taken over last: by it a change is noticed'`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_tenants."notTakenOver" IS 'entries of emailSettings that cannot be used, with the reason: [{"place", "email", "problem"}]'`

  yield* sql`CREATE TABLE tt_worker.mailboxes (
    "tenantId" text NOT NULL,
    "mailboxId" text NOT NULL,
    email text NOT NULL,
    host text NOT NULL,
    enabled boolean NOT NULL,
    idle boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'error', 'disabled')),
    "lastSyncedAt" timestamptz,
    "lastErrorCode" text,
    "lastError" text,
    "lastErrorAt" timestamptz,
    note text,
    "importedCount" bigint NOT NULL DEFAULT 0,
    "loginFailures" integer NOT NULL DEFAULT 0,
    paused boolean NOT NULL DEFAULT false,
    "notBefore" timestamptz,
    credentials text NOT NULL,
    "refreshToken" text,
    "refreshTokenFor" text,
    epoch bigint NOT NULL DEFAULT 0,
    "jobId" text,
    holder text,
    "leaseUntil" timestamptz,
    "removedAt" timestamptz,
    "createdAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    "updatedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", "mailboxId")
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.mailboxes.epoch IS 'fencing token: every write of a sync names it'`
  yield* sql`COMMENT ON COLUMN tt_worker.mailboxes.credentials IS 'digest of host and login: when it changes, a pause after refused logins is over'`
  yield* sql`COMMENT ON COLUMN tt_worker.mailboxes."refreshToken" IS 'rotated by the provider; sealed where the operator has set keys'`
  yield* sql`COMMENT ON COLUMN tt_worker.mailboxes."refreshTokenFor" IS 'digest of the token in the settings that it came from: a new sign-in wins'`
  yield* sql`COMMENT ON COLUMN tt_worker.mailboxes.note IS 'what the admin should know though it is no error: a daily limit is reached, a dry run was made'`

  yield* sql`CREATE TABLE tt_worker.mail_folders (
    "tenantId" text NOT NULL,
    "mailboxId" text NOT NULL,
    folder text NOT NULL,
    "uidValidity" bigint NOT NULL,
    cursor bigint NOT NULL,
    "firstUidNext" bigint NOT NULL,
    since timestamptz NOT NULL,
    "updatedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", "mailboxId", folder)
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_folders.cursor IS 'the lowest UID that is not settled: all below are'`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_folders."firstUidNext" IS 'mails below it were there at the first sync: only those since the look-back day are looked at'`

  yield* sql`CREATE TABLE tt_worker.mail_messages (
    "tenantId" text NOT NULL,
    "mailboxId" text NOT NULL,
    folder text NOT NULL,
    "uidValidity" bigint NOT NULL,
    uid bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('imported', 'nothing', 'failed', 'given-up', 'again')),
    "reasonCode" text,
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    "nextTryAt" timestamptz,
    "messageId" text,
    sender text,
    subject text,
    "sentAt" timestamptz,
    "receivedAt" timestamptz,
    size bigint NOT NULL DEFAULT 0,
    imported integer NOT NULL DEFAULT 0,
    duplicates integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    "createdAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    "updatedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", "mailboxId", folder, "uidValidity", uid)
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_messages.state
    IS 'imported, nothing (to import), failed (tried again at nextTryAt), given-up (passed over), again (somebody asked for it)'`
  yield* sql`CREATE INDEX mail_messages_by_age ON tt_worker.mail_messages ("updatedAt")`

  yield* sql`CREATE TABLE tt_worker.mail_attachments (
    "tenantId" text NOT NULL,
    "mailboxId" text NOT NULL,
    folder text NOT NULL,
    "uidValidity" bigint NOT NULL,
    uid bigint NOT NULL,
    n integer NOT NULL,
    name text NOT NULL,
    "contentType" text,
    size bigint,
    sha256 text,
    outcome text NOT NULL CHECK (outcome IN ('imported', 'duplicate', 'skipped')),
    "reasonCode" text,
    "invoiceId" text,
    PRIMARY KEY ("tenantId", "mailboxId", folder, "uidValidity", uid, n),
    FOREIGN KEY ("tenantId", "mailboxId", folder, "uidValidity", uid) REFERENCES tt_worker.mail_messages ON DELETE CASCADE
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_attachments."invoiceId" IS 'the invoice that it became, or, for a duplicate, the one that has the same content'`

  // One row for each content that ever became an invoice: what decides that it does not become another.
  yield* sql`CREATE TABLE tt_worker.mail_imports (
    "tenantId" text NOT NULL,
    sha256 text NOT NULL,
    "invoiceId" text NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    "mailboxId" text NOT NULL,
    "fileKey" text NOT NULL,
    size bigint NOT NULL,
    "messageId" text,
    sender text,
    "sentAt" timestamptz,
    "importedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", sha256)
  )`
  yield* sql`CREATE INDEX mail_imports_by_day ON tt_worker.mail_imports ("tenantId", "importedAt")`
  yield* sql`CREATE INDEX invoice_claims_by_content ON tt_worker.invoice_claims ("tenantId", sha256) WHERE sha256 IS NOT NULL`

  yield* sql`CREATE TABLE tt_worker.mail_requests (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "tenantId" text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('test-connection', 'dry-run')),
    "mailboxId" text,
    settings jsonb,
    "askedAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    "takenUntil" timestamptz,
    "answeredAt" timestamptz,
    ok boolean,
    step text,
    answer text,
    details jsonb
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_requests.settings IS 'an entry as in emailSettings that is not saved yet; set to null with the answer, since it may hold a password'`
  yield* sql`COMMENT ON COLUMN tt_worker.mail_requests.step IS 'where it ended: settings, dns, connect, tls, login, folder; done when all went well'`
  yield* sql`CREATE INDEX mail_requests_open ON tt_worker.mail_requests ("askedAt") WHERE "answeredAt" IS NULL`

  yield* sql`CREATE FUNCTION tt_worker.request_mail(tenant text, kind text, mailbox text DEFAULT NULL, settings jsonb DEFAULT NULL) RETURNS uuid
    LANGUAGE plpgsql AS $$
    DECLARE asked uuid;
    BEGIN
      INSERT INTO tt_worker.mail_requests ("tenantId", kind, "mailboxId", settings) VALUES (tenant, kind, mailbox, settings) RETURNING id INTO asked;
      PERFORM pg_notify('tt_worker_mail', asked::text);
      RETURN asked;
    END $$`
  yield* sql`COMMENT ON FUNCTION tt_worker.request_mail(text, text, text, jsonb)
    IS 'ask the worker for a test-connection or dry-run of a saved mailbox or of settings; the answer comes in the row of tt_worker.mail_requests'`

  // The cursor goes back to the mail, and the next sync takes it up; the others above it are settled and stay so.
  yield* sql`CREATE FUNCTION tt_worker.request_mail_again(tenant text, mailbox text, in_folder text, validity bigint, mail_uid bigint) RETURNS boolean
    LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE tt_worker.mail_messages SET state = 'again', attempts = 0, "nextTryAt" = NULL, "updatedAt" = clock_timestamp()
        WHERE "tenantId" = tenant AND "mailboxId" = mailbox AND folder = in_folder AND "uidValidity" = validity AND uid = mail_uid;
      IF NOT FOUND THEN RETURN false; END IF;
      UPDATE tt_worker.mail_folders SET cursor = least(cursor, mail_uid)
        WHERE "tenantId" = tenant AND "mailboxId" = mailbox AND folder = in_folder AND "uidValidity" = validity;
      RETURN FOUND;
    END $$`
  yield* sql`COMMENT ON FUNCTION tt_worker.request_mail_again(text, text, text, bigint, bigint)
    IS 'have one mail looked at and imported again at the next sync; false where the worker does not know it. An invoice that exists is not made twice'`

  yield* sql`CREATE VIEW tt_worker.mailbox_status AS
    SELECT m."tenantId", m."mailboxId", m.email, m.host,
      CASE WHEN NOT m.enabled OR m.paused THEN 'disabled' ELSE m.status END AS status,
      m."lastSyncedAt", m."importedCount", m."lastErrorCode", m."lastError", m."lastErrorAt", m.note, m.paused, m."notBefore" AS "nextTryNotBefore",
      (SELECT count(*) FROM tt_worker.mail_messages w WHERE w."tenantId" = m."tenantId" AND w."mailboxId" = m."mailboxId" AND w.state IN ('failed', 'again')) AS "mailsWaiting",
      (SELECT count(*) FROM tt_worker.mail_messages w WHERE w."tenantId" = m."tenantId" AND w."mailboxId" = m."mailboxId" AND w.state = 'given-up') AS "mailsGivenUp"
    FROM tt_worker.mailboxes m WHERE m."removedAt" IS NULL`
  yield* sql`COMMENT ON VIEW tt_worker.mailbox_status IS 'each mailbox as the admin page shows it; always name the tenant'`

  yield* sql`CREATE VIEW tt_worker.mail_log AS
    SELECT m.*, coalesce((SELECT jsonb_agg(jsonb_build_object('name', a.name, 'contentType', a."contentType", 'size', a.size, 'outcome', a.outcome,
        'reasonCode', a."reasonCode", 'invoiceId', a."invoiceId") ORDER BY a.n)
      FROM tt_worker.mail_attachments a
      WHERE a."tenantId" = m."tenantId" AND a."mailboxId" = m."mailboxId" AND a.folder = m.folder AND a."uidValidity" = m."uidValidity" AND a.uid = m.uid), '[]') AS attachments
    FROM tt_worker.mail_messages m`
  yield* sql`COMMENT ON VIEW tt_worker.mail_log IS 'what became of each mail and of each of its attachments; always name the tenant and the mailbox'`
})
