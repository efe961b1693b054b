import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * What the reconciler knows of rows that wait for a job: when it enqueued one, under which id, and in which incarnation
 * of the queue. The API's tables get no index and no trigger.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  // Rows from before the worker moved in may have waited for years, with files long gone: they are left alone.
  yield* sql`INSERT INTO tt_worker.settings (key, value)
    SELECT 'moved_in_at', to_char(coalesce(min(created_at), now()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM tt_worker.migrations
    ON CONFLICT (key) DO NOTHING`

  yield* sql`ALTER TABLE tt_worker.invoice_claims
    ADD COLUMN "reconciledAt" timestamptz,
    ADD COLUMN "reconcileCount" integer NOT NULL DEFAULT 0,
    ADD COLUMN "reconcileJobId" text,
    ADD COLUMN "reconcileIncarnation" text,
    ADD COLUMN "reconcileCheckedAt" timestamptz,
    ADD COLUMN "skippedReason" text,
    ADD COLUMN "skippedAt" timestamptz`
  yield* sql`COMMENT ON COLUMN tt_worker.invoice_claims."reconcileCount" IS 'how often in that incarnation of the queue'`

  yield* sql`CREATE TABLE tt_worker.delivery_reconciliation (
    "tenantId" text NOT NULL,
    "deliveryId" text NOT NULL,
    "reconciledAt" timestamptz,
    "reconcileCount" integer NOT NULL DEFAULT 0,
    "reconcileJobId" text,
    "reconcileIncarnation" text,
    "reconcileCheckedAt" timestamptz,
    PRIMARY KEY ("tenantId", "deliveryId")
  )`

  // Nullable: a row that was there before has no time, and so counts as one from before the worker moved in.
  for (const table of ["invoices", "webhook_deliveries"]) {
    yield* sql.unsafe(`DO $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attname = 'createdAt' AND NOT attisdropped) THEN
        ALTER TABLE ${table} ADD COLUMN "createdAt" timestamp(3);
        ALTER TABLE ${table} ALTER COLUMN "createdAt" SET DEFAULT (clock_timestamp() AT TIME ZONE 'UTC');
      END IF;
    END $$`)
  }
})
