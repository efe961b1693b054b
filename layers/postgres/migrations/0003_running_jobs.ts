import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/** Which processes run, which jobs they are at, and what operators want of the queues. */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.processes (
    id text PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    "startedAt" timestamptz NOT NULL DEFAULT now(),
    "heartbeatAt" timestamptz NOT NULL DEFAULT now(),
    "endedAt" timestamptz
  )`
  yield* sql`CREATE TABLE tt_worker.job_claims (
    queue text NOT NULL,
    "jobId" text NOT NULL,
    "tenantId" text NOT NULL,
    "processId" text,
    alone boolean NOT NULL DEFAULT false,
    deaths integer NOT NULL DEFAULT 0,
    "deathsAlone" integer NOT NULL DEFAULT 0,
    "startedAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (queue, "jobId")
  )`
  yield* sql`CREATE FUNCTION tt_worker.death_of(former text, present text, dead_after double precision) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN former IS NULL OR former = present OR EXISTS (
      SELECT 1 FROM tt_worker.processes WHERE id = former AND ("endedAt" IS NOT NULL OR "heartbeatAt" > clock_timestamp() - dead_after * interval '1 second')
    ) THEN 0 ELSE 1 END
  $$`
  yield* sql`COMMENT ON FUNCTION tt_worker.death_of(text, text, double precision)
    IS '1 when the former holder of a claim is dead: it neither ended as it should nor has shown itself'`
  yield* sql`CREATE TABLE tt_worker.queue_controls (
    queue text PRIMARY KEY,
    paused boolean NOT NULL DEFAULT false,
    concurrency integer,
    "updatedAt" timestamptz NOT NULL DEFAULT now()
  )`
  yield* sql`CREATE TABLE tt_worker.tenant_pauses (
    "tenantId" text NOT NULL,
    queue text NOT NULL,
    "pausedAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenantId", queue)
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.tenant_pauses.queue IS '* for all queues'`
  yield* sql`CREATE TABLE tt_worker.control_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    "by" text NOT NULL,
    action text NOT NULL,
    queue text,
    "tenantId" text,
    value text
  )`
})
