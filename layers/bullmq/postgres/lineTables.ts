import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** Any number that no other program uses: "ttln" in ASCII. */
const advisoryLock = 0x74746c6e

/**
 * What taking turns needs beside BullMQ's own tables: an index by tenant on the waiting jobs, whose turn it was, and the
 * two functions. Can be run again at any time; needs BullMQ's tables (bullmq 6.7: waiting jobs go out by priority, then
 * by seq; seq is negative for jobs that were added to be first).
 *
 * Chosen jobs get a seq far below all others, with the time in it: one that nobody has taken after 2 s is chosen anew. A job that had begun already comes first: its own priority is of no account
 * any more, since it stands where its turn put it.
 */
export const makeLineTables: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(${advisoryLock})`
    yield* sql`CREATE SCHEMA IF NOT EXISTS tt_worker`
    yield* sql`CREATE INDEX IF NOT EXISTS tt_job_line_idx ON bullmq.job (queue, (coalesce(data->>'tenantId', '')), priority, seq) WHERE state = 'waiting'`
    yield* sql`CREATE SEQUENCE IF NOT EXISTS tt_worker.turn_seq`
    yield* sql`CREATE UNLOGGED TABLE IF NOT EXISTS tt_worker.tenant_turns (
      queue text NOT NULL,
      tenant text NOT NULL,
      turn bigint NOT NULL,
      PRIMARY KEY (queue, tenant)
    )`
    yield* sql`CREATE OR REPLACE FUNCTION tt_worker.arrange_jobs(p_queue text, p_count integer, p_limit integer, p_paused text[])
      RETURNS TABLE (chosen integer, more boolean, held_back boolean, next_due bigint, paused boolean)
      LANGUAGE plpgsql
      -- A busy table's statistics are old, and what is planned by them may read it whole; compiling costs more than it saves.
      SET enable_seqscan = off SET jit = off
      AS $$
      DECLARE
        v_first text;
        v_now bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
        v_chosen_below constant bigint := -4000000000000000000;
        v_chosen_from constant bigint := -9000000000000000000;
        v_id text;
        v_tenants integer;
      BEGIN
        -- Due jobs wait from now on, as BullMQ itself does it when it hands out a job. One that was put off a moment ago is
        -- not chosen any more.
        FOR v_id IN
          UPDATE bullmq.job SET state = 'waiting', delay_ms = 0,
            seq = CASE WHEN seq < v_chosen_below THEN -nextval('bullmq.job_seq') ELSE seq END
          WHERE queue = p_queue AND state = 'delayed' AND process_at_ms <= v_now RETURNING id
        LOOP
          PERFORM bullmq.publish_event(p_queue, 'waiting', jsonb_build_object('jobId', v_id, 'prev', 'delayed'));
        END LOOP;
        SELECT CASE WHEN min(process_at_ms) IS NOT NULL THEN greatest(0, min(process_at_ms) - v_now) END INTO next_due FROM bullmq.job WHERE queue = p_queue AND state = 'delayed';

        chosen := 0; more := false; held_back := false;
        paused := EXISTS (SELECT 1 FROM bullmq.meta WHERE queue = p_queue AND field = 'paused' AND value = '1');
        IF paused THEN RETURN NEXT; RETURN; END IF;

        -- Nobody waits, or one tenant alone that nothing holds back: the order is right as it is.
        SELECT coalesce(data->>'tenantId', '') INTO v_first FROM bullmq.job WHERE queue = p_queue AND state = 'waiting'
          ORDER BY coalesce(data->>'tenantId', '') LIMIT 1;
        IF v_first IS NULL THEN RETURN NEXT; RETURN; END IF;
        IF p_limit IS NULL AND NOT v_first = ANY (p_paused) AND NOT EXISTS (
          SELECT 1 FROM bullmq.job WHERE queue = p_queue AND state = 'waiting' AND coalesce(data->>'tenantId', '') > v_first
        ) THEN
          chosen := p_count; more := true;
          RETURN NEXT; RETURN;
        END IF;

        -- Two replicas that choose at once must not choose the same.
        PERFORM pg_advisory_xact_lock(hashtext('tt-worker line'), hashtext(p_queue));

        WITH RECURSIVE tenants AS (
          (SELECT coalesce(data->>'tenantId', '') AS tenant FROM bullmq.job WHERE queue = p_queue AND state = 'waiting'
            ORDER BY coalesce(data->>'tenantId', '') LIMIT 1)
          UNION ALL
          SELECT (SELECT coalesce(j.data->>'tenantId', '') FROM bullmq.job j WHERE j.queue = p_queue AND j.state = 'waiting'
              AND coalesce(j.data->>'tenantId', '') > t.tenant ORDER BY coalesce(j.data->>'tenantId', '') LIMIT 1)
          FROM tenants t WHERE t.tenant IS NOT NULL
        ), busy AS (
          -- What another replica has chosen and takes in a moment is in flight as well.
          SELECT f.tenant, count(*) AS jobs FROM (
            SELECT coalesce(data->>'tenantId', '') AS tenant FROM bullmq.job WHERE queue = p_queue AND state = 'active'
            UNION ALL
            SELECT coalesce(data->>'tenantId', '') FROM bullmq.job
            WHERE queue = p_queue AND state = 'waiting' AND priority = 0 AND seq >= v_chosen_from + (v_now - 2000) * 1000 AND seq < v_chosen_below
          ) f WHERE p_limit IS NOT NULL GROUP BY f.tenant
        ), lines AS (
          SELECT t.tenant, coalesce(s.turn, 0) AS turn, coalesce(b.jobs, 0) AS jobs,
            t.tenant = ANY (p_paused) OR coalesce(b.jobs, 0) >= p_limit IS TRUE AS held
          FROM tenants t
          LEFT JOIN tt_worker.tenant_turns s ON s.queue = p_queue AND s.tenant = t.tenant
          LEFT JOIN busy b ON b.tenant = t.tenant
          WHERE t.tenant IS NOT NULL
        ), firsts AS (
          SELECT o.tenant, o.turn, j.id, j.nth FROM (SELECT * FROM lines WHERE NOT held ORDER BY turn, tenant LIMIT p_count) o
          CROSS JOIN LATERAL (
            SELECT w.id, row_number() OVER (ORDER BY w.priority, w.seq) AS nth FROM bullmq.job w
            WHERE w.queue = p_queue AND w.state = 'waiting' AND coalesce(w.data->>'tenantId', '') = o.tenant AND (w.seq > v_chosen_below OR w.seq < v_chosen_from + (v_now - 2000) * 1000)
            ORDER BY w.priority, w.seq LIMIT least(p_count, coalesce(p_limit - o.jobs, p_count))
          ) j
        ), picks AS (
          SELECT f.*, row_number() OVER (ORDER BY f.nth, f.turn, f.tenant) AS place FROM firsts f ORDER BY f.nth, f.turn, f.tenant LIMIT p_count
        ), moved AS (
          UPDATE bullmq.job j SET seq = v_chosen_from + v_now * 1000 + p.place, priority = 0
          FROM picks p
          WHERE j.queue = p_queue AND j.id = p.id AND j.state = 'waiting' RETURNING 1
        ), served AS (
          INSERT INTO tt_worker.tenant_turns AS t (queue, tenant, turn)
          SELECT p_queue, p.tenant, nextval('tt_worker.turn_seq')
          FROM (SELECT tenant, max(place) AS last FROM picks GROUP BY tenant ORDER BY last) p
          ON CONFLICT (queue, tenant) DO UPDATE SET turn = excluded.turn RETURNING 1
        )
        SELECT (SELECT count(*) FROM picks), (SELECT coalesce(bool_or(held), false) FROM lines),
          (SELECT count(*) FROM moved), (SELECT count(*) FROM served)
        INTO chosen, held_back, v_tenants, v_tenants;
        more := chosen = p_count;
        -- Others have chosen what is left, and take it in a moment; or died before they could.
        held_back := held_back OR chosen = 0 AND EXISTS (SELECT 1 FROM bullmq.job WHERE queue = p_queue AND state = 'waiting');
        RETURN NEXT;
      END $$`
    yield* sql`CREATE OR REPLACE FUNCTION tt_worker.bring_jobs_to_front(p_queue text, p_ids text[]) RETURNS void LANGUAGE sql AS $$
      WITH moved AS (
        UPDATE bullmq.job SET seq = -nextval('bullmq.job_seq'), priority = 0
        WHERE queue = p_queue AND id = ANY (p_ids) AND state = 'waiting'
        RETURNING coalesce(data->>'tenantId', '') AS tenant
      )
      DELETE FROM tt_worker.tenant_turns WHERE queue = p_queue AND tenant IN (SELECT tenant FROM moved)
    $$`
  }))
}).pipe(Effect.withSpan("LineTables.make"))
