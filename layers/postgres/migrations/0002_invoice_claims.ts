import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * The worker's own record of each invoice: who is at it (with the fencing token), how often it was asked for, the
 * last error and the next try, and the last values that the machine wrote, by which a person's are told apart.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.invoice_claims (
    "tenantId" text NOT NULL,
    "invoiceId" text NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    generation integer NOT NULL DEFAULT 1,
    "processedGeneration" integer NOT NULL DEFAULT 0,
    "jobId" text,
    holder text,
    "leaseUntil" timestamptz,
    "lastErrorCode" text,
    "lastErrorMessage" text,
    "lastErrorAt" timestamptz,
    "nextAttemptAt" timestamptz,
    "writtenFields" jsonb NOT NULL DEFAULT '{}',
    sha256 text,
    "createdAt" timestamptz NOT NULL DEFAULT now(),
    "updatedAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenantId", "invoiceId")
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.invoice_claims.epoch IS 'fencing token: every write of a job names it'`

  // Raised only when the last generation has ended, so that a double click asks once.
  yield* sql`CREATE FUNCTION tt_worker.request_invoice_reprocessing(tenant text, invoice text) RETURNS integer
    LANGUAGE sql AS $$
      INSERT INTO tt_worker.invoice_claims AS c ("tenantId", "invoiceId", generation)
      VALUES (tenant, invoice, 2)
      ON CONFLICT ("tenantId", "invoiceId") DO UPDATE
        SET generation = CASE WHEN c."processedGeneration" >= c.generation THEN c.generation + 1 ELSE c.generation END,
            "updatedAt" = now()
      RETURNING generation
    $$`
  yield* sql`COMMENT ON FUNCTION tt_worker.request_invoice_reprocessing(text, text)
    IS 'ask on purpose for a processed invoice to be read again; enqueue invoice-processing with the generation it returns'`
})
