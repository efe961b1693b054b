import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { QUEUE_NAMES, RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"

const queueNames = Object.values(QUEUE_NAMES).map((name) => `'${name}'`).join(", ")

/** BullMQ on Redis keeps a job under its queue's name and its id: these ids are the keys of the queue itself. */
const takenIds = [
  "active", "completed", "de", "delayed", "events", "failed", "id", "limiter", "marker", "meta", "paused", "pc", "prioritized",
  "repeat", "stalled", "stalled-check", "wait", "waiting-children"
].map((id) => `'${id}'`).join(", ")

/**
 * Enqueueing inside the caller's own transaction. Where the queues live in this database the job itself is written, by
 * BullMQ's own function; where they live in Redis, a row from which a relay makes the job after the commit.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.settings (
    key text PRIMARY KEY,
    value text NOT NULL,
    "updatedAt" timestamptz NOT NULL DEFAULT now()
  )`
  yield* sql`COMMENT ON TABLE tt_worker.settings IS 'what the worker tells the functions of this schema about itself; written by the worker'`

  // The data is text: what PostgreSQL makes of it as jsonb (order of keys, numbers) is not what the producer gave.
  yield* sql`CREATE TABLE tt_worker.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    "tenantId" text,
    "jobId" text NOT NULL,
    data text NOT NULL,
    "delayMs" bigint NOT NULL DEFAULT 0,
    traceparent text,
    "createdAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    "lastError" text,
    "lastErrorAt" timestamptz,
    "retryAt" timestamptz,
    "setAsideAt" timestamptz
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.outbox."setAsideAt" IS 'the queue refuses this job for good, lastError says why; set to null to have it tried again'`
  yield* sql`CREATE INDEX outbox_open ON tt_worker.outbox (id) WHERE "setAsideAt" IS NULL`

  yield* sql.unsafe(`CREATE FUNCTION tt_worker.enqueue_job(
      p_queue text,
      p_data text,
      p_job_id text DEFAULT NULL,
      p_tenant text DEFAULT NULL,
      p_delay_ms bigint DEFAULT 0,
      p_traceparent text DEFAULT NULL
    ) RETURNS text
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      v_id text := coalesce(p_job_id, 'tt-' || gen_random_uuid());
      v_delay bigint := coalesce(p_delay_ms, 0);
      v_traceparent text := substring(p_traceparent from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
      v_data jsonb;
      v_opts jsonb := '${JSON.stringify(RECOMMENDED_JOB_OPTIONS)}';
    BEGIN
      IF p_queue IS NULL OR p_queue NOT IN (${queueNames}) THEN
        RAISE EXCEPTION 'there is no queue "%"', coalesce(p_queue, 'NULL')
          USING ERRCODE = '22023', HINT = $hint$the queues are ${queueNames}$hint$;
      END IF;
      IF v_id ~ '^-?[0-9]+$' OR strpos(v_id, ':') > 0 OR length(v_id) NOT BETWEEN 1 AND 500 OR v_id IN (${takenIds}) THEN
        RAISE EXCEPTION 'the job id "%" cannot be used', left(v_id, 100)
          USING ERRCODE = '22023', HINT = 'a job id of your own has 1 to 500 characters, is no integer, has no colon and is no key of BullMQ''s own';
      END IF;
      IF v_delay < 0 THEN
        RAISE EXCEPTION 'a delay of % ms cannot be used', v_delay USING ERRCODE = '22023', HINT = 'milliseconds from now, 0 or more';
      END IF;
      IF p_data IS NULL OR json_typeof(p_data::json) <> 'object' THEN
        RAISE EXCEPTION 'the data of a % job must be a JSON object', p_queue USING ERRCODE = '22023';
      END IF;

      IF (SELECT value FROM tt_worker.settings WHERE key = 'queue_backend') IS NOT DISTINCT FROM 'postgres' THEN
        BEGIN
          v_data := p_data::jsonb;
        EXCEPTION WHEN untranslatable_character THEN
          RAISE EXCEPTION 'the data of this % job contains a NUL character (\\u0000), which a queue in PostgreSQL cannot keep', p_queue
            USING ERRCODE = '22P05', HINT = 'remove it, or keep the queues in Redis';
        END;
        v_opts := v_opts || jsonb_build_object('jobId', v_id);
        IF v_delay > 0 THEN v_opts := v_opts || jsonb_build_object('delay', v_delay); END IF;
        IF v_traceparent IS NOT NULL THEN
          v_opts := v_opts || jsonb_build_object('telemetry', jsonb_build_object('metadata', v_traceparent));
        END IF;
        RETURN bullmq.add_job(p_queue, v_id, p_queue, v_data, v_opts, 0, v_delay,
          floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, (v_opts->>'attempts')::integer,
          NULL, NULL, NULL, NULL, NULL, false);
      END IF;

      INSERT INTO tt_worker.outbox (queue, "tenantId", "jobId", data, "delayMs", traceparent)
        VALUES (p_queue, p_tenant, v_id, p_data, v_delay, v_traceparent);
      PERFORM pg_notify('tt_outbox', p_queue);
      RETURN v_id;
    END
    $$`)
  // SECURITY DEFINER, so that a caller needs no right on the tables of the worker or of BullMQ; whoever may call it can
  // do no more than enqueue. That right is given, not had by everybody.
  yield* sql`REVOKE ALL ON FUNCTION tt_worker.enqueue_job(text, text, text, text, bigint, text) FROM PUBLIC`
  yield* sql`COMMENT ON FUNCTION tt_worker.enqueue_job(text, text, text, text, bigint, text) IS
    'enqueue a job as part of the calling transaction; returns the job''s id. It runs with its owner''s rights and a search_path of its own: another role needs USAGE on schema tt_worker and EXECUTE on this function, nothing more'`
})
