import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { QUEUE_NAMES, RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"

const queueNames = Object.values(QUEUE_NAMES).map((name) => `'${name}'`).join(", ")

/** From here on one statement over all of them costs less than a call for each. */
const many = 20

/**
 * Many jobs at once, for the worker's own: what `enqueue_job` does, by one statement for each queue. What that function
 * might refuse is handed to it, so that there is one place with rules and messages. (None of BullMQ's own keys has a digit.)
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe(`CREATE FUNCTION tt_worker.enqueue_jobs(p_jobs json, p_traceparent text DEFAULT NULL) RETURNS SETOF text
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      v_queue text;
      v_now bigint := floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;
      v_opts jsonb := '${JSON.stringify(RECOMMENDED_JOB_OPTIONS)}';
      v_traceparent text := substring(p_traceparent from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
    BEGIN
      IF json_array_length(p_jobs) < ${many} OR EXISTS (
        SELECT 1 FROM json_to_recordset(p_jobs) AS j(queue text, data text, id text, delay bigint)
        WHERE (j.queue IN (${queueNames}) AND j.id ~ '^[A-Za-z][^:]*[0-9]' AND strpos(j.id, ':') = 0 AND length(j.id) <= 500 AND coalesce(j.delay, 0) >= 0
          AND json_typeof(j.data::json) = 'object' AND strpos(j.data, '\\u0000') = 0) IS NOT TRUE
      ) THEN
        RETURN QUERY SELECT CASE coalesce(j.priority, 0)
            WHEN 0 THEN tt_worker.enqueue_job(j.queue, j.data, j.id, j.tenant, j.delay, p_traceparent)
            ELSE tt_worker.enqueue_job_behind(j.priority, j.queue, j.data, j.id, j.tenant, j.delay, p_traceparent)
          END
          FROM json_to_recordset(p_jobs) AS j(queue text, data text, id text, tenant text, delay bigint, priority integer);
        RETURN;
      END IF;

      IF (SELECT value FROM tt_worker.settings WHERE key = 'queue_backend') IS NOT DISTINCT FROM 'postgres' THEN
        IF v_traceparent IS NOT NULL THEN
          v_opts := v_opts || jsonb_build_object('telemetry', jsonb_build_object('metadata', v_traceparent));
        END IF;
        FOR v_queue IN SELECT DISTINCT value->>'queue' FROM json_array_elements(p_jobs) LOOP
          PERFORM bullmq.add_jobs_bulk(v_queue, (
            SELECT jsonb_agg(jsonb_build_object('id', j.id, 'name', v_queue, 'data', j.data::jsonb, 'timestamp', v_now, 'attempts', v_opts->'attempts', 'delay', coalesce(j.delay, 0), 'priority', coalesce(j.priority, 0),
              'opts', v_opts || jsonb_build_object('jobId', j.id)
                || CASE WHEN j.delay > 0 THEN jsonb_build_object('delay', j.delay) ELSE '{}' END
                || CASE WHEN j.priority > 0 THEN jsonb_build_object('priority', j.priority) ELSE '{}' END) ORDER BY j.n)
            FROM ROWS FROM (json_to_recordset(p_jobs) AS (queue text, data text, id text, delay bigint, priority integer)) WITH ORDINALITY
              AS j(queue, data, id, delay, priority, n)
            WHERE j.queue = v_queue));
        END LOOP;
      ELSE
        INSERT INTO tt_worker.outbox (queue, "tenantId", "jobId", data, "delayMs", traceparent, priority)
          SELECT j.queue, j.tenant, j.id, j.data, coalesce(j.delay, 0), v_traceparent, coalesce(j.priority, 0)
          FROM ROWS FROM (json_to_recordset(p_jobs) AS (queue text, data text, id text, tenant text, delay bigint, priority integer)) WITH ORDINALITY
            AS j(queue, data, id, tenant, delay, priority, n)
          ORDER BY j.n;
        PERFORM pg_notify('tt_outbox', q.queue) FROM (SELECT DISTINCT value->>'queue' AS queue FROM json_array_elements(p_jobs)) q;
      END IF;
      RETURN QUERY SELECT value->>'id' FROM json_array_elements(p_jobs);
    END
    $$`)
  yield* sql`REVOKE ALL ON FUNCTION tt_worker.enqueue_jobs(json, text) FROM PUBLIC`
  yield* sql`COMMENT ON FUNCTION tt_worker.enqueue_jobs(json, text) IS
    'the worker''s own: enqueue_job for each {queue, data, id, tenant, delay, priority} of an array, in that order; returns their ids'`
})
