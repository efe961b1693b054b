/**
 * Functions beside BullMQ's own in PostgreSQL (bullmq 6.7). One statement takes several jobs, tenant by tenant in turns,
 * and one completes several: a statement, transaction and answer per job cost more than the turns themselves.
 *
 * The place of a waiting job in its tenant's line is (rank, seq). A job that has begun before has rank -1, whatever its
 * priority; of those, one that was handed back or recovered has a seq below all others.
 */

/** As in the index on waiting jobs, word by word, or PostgreSQL does not use it. */
export const tenantOf = (job: string): string => `coalesce(${job}.data->>'tenantId', '')`
export const rankOf = (job: string): string => `CASE WHEN ${job}.attempts_started > 0 THEN -1 ELSE ${job}.priority END`

/** The database's clock, as BullMQ counts. */
export const databaseMillis = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

/** Below every seq of BullMQ's, which are counted up from 1, or down from -1 for jobs that were added to be first. */
const handedBackSeq = "nextval('bullmq.job_seq') - 4611686018427387904"

/**
 * Takes as many jobs as there are tokens, or fewer. Does what BullMQ's `move_to_active` does (due jobs wait from now on;
 * paused queues, a concurrency or rate that was set for the queue; the event), for several jobs at once. The jobs are
 * returned as BullMQ's `JobJson`, each with its token. The time that is given is the
 * database's, by which locks are renewed and judged too.
 *
 * Beside a job stands who took it, with how often it had been lost by then: where it has been lost since, that is who lost it.
 *
 * Of n tenants each gives its n-th part, so that few rows are read; what one has too little of is for the next call.
 */
export const takeJobs = `
CREATE OR REPLACE FUNCTION tt_worker.take_jobs(p_queue text, p_tokens text[], p_now bigint, p_lock_ms bigint, p_limit integer, p_paused text[], p_holder text)
RETURNS TABLE (jobs jsonb, held_back boolean, next_due bigint, paused boolean)
LANGUAGE plpgsql
-- A busy table's statistics are old, and what is planned by them may read it whole; planning and compiling cost more than they save.
SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_count bigint := cardinality(p_tokens);
  v_concurrency integer;
  v_rate integer;
  v_rate_ms bigint;
  v_first text;
  v_id text;
BEGIN
  FOR v_id IN
    UPDATE bullmq.job SET state = 'waiting', delay_ms = 0,
      seq = CASE WHEN attempts_started > 0 THEN nextval('bullmq.job_seq') ELSE seq END
    WHERE queue = p_queue AND state = 'delayed' AND process_at_ms <= p_now RETURNING id
  LOOP
    PERFORM bullmq.publish_event(p_queue, 'waiting', jsonb_build_object('jobId', v_id, 'prev', 'delayed'));
  END LOOP;
  SELECT greatest(0, process_at_ms - p_now) INTO next_due FROM bullmq.job WHERE queue = p_queue AND state = 'delayed' ORDER BY process_at_ms LIMIT 1;

  jobs := '[]';
  held_back := false;
  SELECT coalesce(bool_or(value = '1') FILTER (WHERE field = 'paused'), false), max(value::integer) FILTER (WHERE field = 'concurrency'),
    max(value::integer) FILTER (WHERE field = 'max'), max(value::bigint) FILTER (WHERE field = 'duration')
  INTO paused, v_concurrency, v_rate, v_rate_ms FROM bullmq.meta WHERE queue = p_queue AND field IN ('paused', 'concurrency', 'max', 'duration');
  IF paused THEN RETURN NEXT; RETURN; END IF;

  SELECT ${tenantOf("j")} INTO v_first FROM bullmq.job j WHERE j.queue = p_queue AND j.state = 'waiting' ORDER BY ${tenantOf("j")} LIMIT 1;
  IF v_first IS NULL THEN RETURN NEXT; RETURN; END IF;

  IF v_concurrency IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('bullmq:concurrency:' || p_queue));
    v_count := least(v_count, v_concurrency - (SELECT count(*) FROM bullmq.job WHERE queue = p_queue AND state = 'active'));
  END IF;
  IF v_rate IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('bullmq:limiter:' || p_queue));
    v_count := least(v_count, v_rate - coalesce((SELECT points FROM bullmq.rate_limit WHERE queue = p_queue AND expire_at_ms > p_now), 0));
  END IF;
  IF v_count <= 0 THEN
    held_back := true;
    RETURN NEXT; RETURN;
  END IF;

  -- Two replicas that choose at once would choose by the same turns and count the same jobs in flight. One tenant alone has no turns.
  IF p_limit IS NOT NULL OR EXISTS (SELECT 1 FROM bullmq.job j WHERE j.queue = p_queue AND j.state = 'waiting' AND ${tenantOf("j")} > v_first) THEN
    PERFORM pg_advisory_xact_lock(hashtext('tt-worker line'), hashtext(p_queue));
  END IF;

  WITH RECURSIVE tenants AS (
    (SELECT ${tenantOf("j")} AS tenant FROM bullmq.job j WHERE j.queue = p_queue AND j.state = 'waiting' ORDER BY ${tenantOf("j")} LIMIT 1)
    UNION ALL
    SELECT (SELECT ${tenantOf("j")} FROM bullmq.job j WHERE j.queue = p_queue AND j.state = 'waiting'
      AND ${tenantOf("j")} > t.tenant ORDER BY ${tenantOf("j")} LIMIT 1)
    FROM tenants t WHERE t.tenant IS NOT NULL
  ), in_flight AS (
    SELECT ${tenantOf("j")} AS tenant, count(*) AS jobs FROM bullmq.job j
    WHERE p_limit IS NOT NULL AND j.queue = p_queue AND j.state = 'active' GROUP BY 1
  ), lines AS (
    SELECT t.tenant, coalesce(s.turn, 0) AS turn, p_limit - coalesce(f.jobs, 0) AS room,
      t.tenant = ANY (p_paused) OR coalesce(f.jobs, 0) >= p_limit IS TRUE AS held
    FROM tenants t
    LEFT JOIN tt_worker.tenant_turns s ON s.queue = p_queue AND s.tenant = t.tenant
    LEFT JOIN in_flight f ON f.tenant = t.tenant
    WHERE t.tenant IS NOT NULL
  ), firsts AS (
    SELECT l.tenant, l.turn, j.id, j.formerly, row_number() OVER (PARTITION BY l.tenant ORDER BY j.rank, j.seq) AS nth
    FROM (SELECT *, count(*) OVER () AS tenants FROM lines WHERE NOT held ORDER BY turn, tenant LIMIT v_count) l
    CROSS JOIN LATERAL (
      SELECT w.id, ${rankOf("w")} AS rank, w.seq, CASE WHEN w.stalled_count > 0 THEN w.processed_by END AS formerly FROM bullmq.job w
      WHERE w.queue = p_queue AND w.state = 'waiting' AND ${tenantOf("w")} = l.tenant
      ORDER BY ${rankOf("w")}, w.seq LIMIT least((v_count + l.tenants - 1) / l.tenants, l.room)
      FOR UPDATE SKIP LOCKED
    ) j
  ), chosen AS (
    SELECT f.tenant, f.id, f.formerly, row_number() OVER (ORDER BY f.nth, f.turn, f.tenant) AS place FROM firsts f
    ORDER BY f.nth, f.turn, f.tenant LIMIT v_count
  ), served AS (
    INSERT INTO tt_worker.tenant_turns AS t (queue, tenant, turn)
    SELECT p_queue, c.tenant, nextval('tt_worker.turn_seq')
    FROM (SELECT tenant, max(place) AS last FROM chosen GROUP BY tenant ORDER BY last) c
    ON CONFLICT (queue, tenant) DO UPDATE SET turn = excluded.turn
  ), taken AS (
    UPDATE bullmq.job j SET state = 'active', lock_token = p_tokens[c.place], locked_until_ms = p_now + p_lock_ms,
      processed_at_ms = p_now, processed_by = p_holder || ' ' || j.stalled_count, attempts_started = j.attempts_started + 1
    FROM chosen c WHERE j.queue = p_queue AND j.id = c.id
    RETURNING j.*, c.place, c.formerly
  ), told AS (
    SELECT t.*, bullmq.publish_event(p_queue, 'active', jsonb_build_object('jobId', t.id, 'prev', 'waiting')) AS event FROM taken t
  )
  SELECT
    coalesce(jsonb_agg(jsonb_build_object('token', t.lock_token, 'formerly', coalesce(t.formerly, ''), 'json', jsonb_strip_nulls(jsonb_build_object(
      'id', t.id, 'name', t.name, 'data', t.data::text, 'priority', t.priority, 'delay', t.delay_ms, 'timestamp', t.added_at_ms,
      'attemptsMade', t.attempts_made, 'attemptsStarted', t.attempts_started, 'stalledCounter', t.stalled_count,
      'processedOn', t.processed_at_ms, 'failedReason', coalesce(t.failed_reason, ''), 'returnvalue', coalesce(t.return_value::text, 'null'), 'stacktrace', t.stacktrace::text,
      'deferredFailure', t.deferred_failure, 'repeatJobKey', t.scheduler_id, 'deduplicationId', t.dedup_id,
      'parentKey', t.parent_key, 'parent', CASE WHEN t.parent_id IS NOT NULL THEN jsonb_build_object('id', t.parent_id, 'queueKey', t.parent_queue) END
    )) || jsonb_build_object('opts', t.opts, 'progress', coalesce(t.progress, '0'))) ORDER BY t.place), '[]'),
    (SELECT coalesce(bool_or(l.held), false) FROM lines l) OR count(t.event) = 0
  INTO jobs, held_back FROM told t;

  IF v_rate IS NOT NULL AND v_rate_ms IS NOT NULL THEN
    PERFORM bullmq.rate_limit_consume(p_queue, v_rate_ms, p_now) FROM generate_series(1, jsonb_array_length(jobs));
  END IF;
  RETURN NEXT;
END $$`

/**
 * Completes jobs that have neither parent nor deduplication key, each by BullMQ's own `move_to_completed`, and forgets old
 * ones once for all of them. Per job, in order: 0, BullMQ's code why it refuses, or 1 where the job must be completed
 * alone (somebody else's statement is at its row, or it broke). Waits for no row, so that two such statements, or one and a
 * renewal of locks, cannot wait for each other.
 */
export const completeJobs = `
CREATE OR REPLACE FUNCTION tt_worker.complete_jobs(
  p_queue text, p_ids text[], p_tokens text[], p_values text[], p_now bigint, p_removes boolean[], p_ages bigint[], p_counts integer[]
) RETURNS integer[]
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off
AS $$
DECLARE
  v_codes integer[] := '{}';
  v_mine text[];
  v_code text;
BEGIN
  PERFORM bullmq.lock_finalization_queues(p_queue, '');
  SELECT array_agg(j.id) INTO v_mine FROM (
    SELECT id FROM bullmq.job WHERE queue = p_queue AND id = ANY (p_ids) FOR UPDATE SKIP LOCKED
  ) j;
  FOR i IN 1..cardinality(p_ids) LOOP
    IF p_ids[i] = ANY (v_mine) THEN
      BEGIN
        PERFORM bullmq.move_to_completed(p_queue, p_ids[i], p_tokens[i], p_values[i]::jsonb, p_now, p_removes[i], NULL, NULL);
        v_codes[i] := 0;
      EXCEPTION
        WHEN SQLSTATE 'BM001' THEN
          GET STACKED DIAGNOSTICS v_code = PG_EXCEPTION_DETAIL;
          v_codes[i] := v_code::integer;
        WHEN OTHERS THEN
          v_codes[i] := 1;
      END;
    ELSE
      v_codes[i] := 1;
    END IF;
  END LOOP;
  PERFORM bullmq.apply_retention(p_queue, NULL, 'completed', p_now, false, k.age, k.count)
  FROM (SELECT DISTINCT age, count FROM unnest(p_removes, p_ages, p_counts) AS k (remove, age, count) WHERE NOT remove) k;
  RETURN v_codes;
END $$`

export const bringJobsToFront = `
CREATE OR REPLACE FUNCTION tt_worker.bring_jobs_to_front(p_queue text, p_ids text[]) RETURNS void LANGUAGE sql AS $$
  WITH moved AS (
    UPDATE bullmq.job j SET seq = ${handedBackSeq}
    WHERE j.queue = p_queue AND j.id = ANY (p_ids) AND j.state = 'waiting'
    RETURNING ${tenantOf("j")} AS tenant
  )
  DELETE FROM tt_worker.tenant_turns WHERE queue = p_queue AND tenant IN (SELECT tenant FROM moved)
$$`
