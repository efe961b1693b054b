import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * Answers of paid readers hold the words of an invoice: they go with the last invoice of the tenant that has the file,
 * in the transaction that deletes it. It may never be in the way of that; where no trigger may be made, and for what
 * it missed, the hourly retention does the same.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE FUNCTION tt_worker.forget_answers_of_deleted() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
      WITH readers AS (
        DELETE FROM tt_worker.invoice_readers r USING gone g WHERE r."tenantId" = g."tenantId"::text AND r."invoiceId" = g.id::text
        RETURNING r."tenantId", r."invoiceId", r.sha256
      )
      DELETE FROM tt_worker.kept_answers k WHERE k."callId" IS NULL
        AND (k."tenantId", k.sha256) IN (SELECT "tenantId", sha256 FROM readers)
        AND NOT EXISTS (
          SELECT 1 FROM tt_worker.invoice_readers o WHERE o."tenantId" = k."tenantId" AND o.sha256 = k.sha256
            AND NOT EXISTS (SELECT 1 FROM readers r WHERE r."tenantId" = o."tenantId" AND r."invoiceId" = o."invoiceId")
        );
      RETURN NULL;
    EXCEPTION WHEN OTHERS THEN
      RETURN NULL;
    END
    $$`
  yield* sql`COMMENT ON FUNCTION tt_worker.forget_answers_of_deleted() IS 'kept answers of paid readers go with the last invoice that has the file'`
  yield* sql`DO $allowed$ BEGIN
      CREATE TRIGGER tt_worker_answers_gone AFTER DELETE ON invoices REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION tt_worker.forget_answers_of_deleted();
    EXCEPTION WHEN insufficient_privilege THEN RAISE NOTICE '%', SQLERRM; END $allowed$`
})
