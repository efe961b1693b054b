import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * Each reading looks for another invoice of the tenant with its number (`sameNumber` in invoiceStatements.ts has the same
 * expression). A large table is the API's to index.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DO $allowed$ BEGIN
      IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'invoices'::regclass AND attname = 'invoiceNumber' AND NOT attisdropped)
        AND (SELECT reltuples < 100000 FROM pg_class WHERE oid = 'invoices'::regclass) THEN
        CREATE INDEX IF NOT EXISTS invoices_of_number ON invoices ("tenantId", upper(regexp_replace("invoiceNumber", '\\s', '', 'g')));
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN RAISE NOTICE '%', SQLERRM; END $allowed$`
})
