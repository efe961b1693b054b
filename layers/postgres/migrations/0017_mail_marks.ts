import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** Imported mails that are still to be flagged or moved in their mailbox, as its settings want it. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.mail_marks (
    "tenantId" text NOT NULL,
    "mailboxId" text NOT NULL,
    folder text NOT NULL,
    "uidValidity" bigint NOT NULL,
    uid bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    "createdAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY ("tenantId", "mailboxId", folder, "uidValidity", uid),
    FOREIGN KEY ("tenantId", "mailboxId", folder, "uidValidity", uid) REFERENCES tt_worker.mail_messages ON DELETE CASCADE
  )`
  yield* sql`COMMENT ON TABLE tt_worker.mail_marks IS 'imported mails that the settings want flagged or moved and that are not yet; tried with each sync, a few times'`
})
