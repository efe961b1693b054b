import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** Jobs that yield to others of their tenant, enqueued in the caller's transaction like all others. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE tt_worker.outbox ADD COLUMN priority integer NOT NULL DEFAULT 0`
  yield* sql`COMMENT ON COLUMN tt_worker.outbox.priority IS 'BullMQ''s: 0 goes first, then 1, 2 …'`

  // The columns are those that BullMQ's own add with a priority writes.
  yield* sql`CREATE FUNCTION tt_worker.enqueue_job_behind(
      p_priority integer,
      p_queue text,
      p_data text,
      p_job_id text,
      p_tenant text,
      p_delay_ms bigint,
      p_traceparent text
    ) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      v_id text := tt_worker.enqueue_job(p_queue, p_data, p_job_id, p_tenant, p_delay_ms, p_traceparent);
    BEGIN
      IF (SELECT value FROM tt_worker.settings WHERE key = 'queue_backend') IS NOT DISTINCT FROM 'postgres' THEN
        UPDATE bullmq.job SET priority = p_priority, opts = opts || jsonb_build_object('priority', p_priority)
          WHERE queue = p_queue AND id = v_id AND attempts_started = 0 AND state IN ('waiting', 'delayed');
      ELSE
        UPDATE tt_worker.outbox SET priority = p_priority WHERE queue = p_queue AND "jobId" = v_id;
      END IF;
      RETURN v_id;
    END
    $$`
  yield* sql`REVOKE ALL ON FUNCTION tt_worker.enqueue_job_behind(integer, text, text, text, text, bigint, text) FROM PUBLIC`
  yield* sql`COMMENT ON FUNCTION tt_worker.enqueue_job_behind(integer, text, text, text, text, bigint, text)
    IS 'enqueue_job, for a job that yields to those of its tenant with a lower priority (0 is that of people''s uploads)'`
})
