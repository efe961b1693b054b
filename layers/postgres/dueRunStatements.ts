import type * as SqlClient from "effect/sql/SqlClient"

const millis = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`

const dueColumns = `id::text AS id, kind, key, spec, "catchUp", ${millis(`"nextRunAt"`)} AS "nextRunAt", ${millis("now()")} AS now`

/**
 * The longest waiting, but for those that another replica has in its hands, and but for `taken`: what this transaction
 * has locked itself is not skipped. `now()` and not `clock_timestamp()`: only
 * what stands still within a statement is looked up in an index.
 */
export const takeOldest = (sql: SqlClient.SqlClient, limit: number, taken: ReadonlyArray<string>) =>
  sql`SELECT ${sql.literal(dueColumns)} FROM tt_worker.schedules
    WHERE "dueAt" <= now() AND id NOT IN (SELECT jsonb_array_elements_text(${JSON.stringify(taken)}::text::jsonb)::uuid)
    ORDER BY "dueAt" LIMIT ${limit} FOR UPDATE SKIP LOCKED`

/** The next tenants that have schedules, as their slots in order: by jumping from one to the next in the index. */
export const tenantsAfter = (sql: SqlClient.SqlClient, slot: number, limit: number) =>
  sql`WITH RECURSIVE line AS (
      (SELECT "tenantSlot" AS slot FROM tt_worker.schedules
        WHERE "dueAt" IS NOT NULL AND "tenantSlot" > ${slot}::integer ORDER BY "tenantSlot" LIMIT 1)
      UNION ALL
      SELECT (SELECT s."tenantSlot" FROM tt_worker.schedules s
        WHERE s."dueAt" IS NOT NULL AND s."tenantSlot" > line.slot ORDER BY s."tenantSlot" LIMIT 1)
      FROM line WHERE line.slot IS NOT NULL
    )
    SELECT slot FROM line WHERE slot IS NOT NULL LIMIT ${limit}`

/**
 * The longest waiting of each of these tenants. Written so that only the index by tenant serves, whatever the statistics
 * say: after a quiet time the planner believes that next to nothing is due, and would read all that is, once for each
 * tenant (20 s were seen). So the time is compared outside, and the slot has bounds and a place in the order.
 */
export const takeOfTenants = (sql: SqlClient.SqlClient, slots: ReadonlyArray<number>, each: number) =>
  sql`SELECT ${sql.literal(dueColumns)} FROM tt_worker.schedules
    WHERE "dueAt" - now() <= interval '0' AND id = ANY (ARRAY(
      SELECT first.id FROM jsonb_array_elements_text(${JSON.stringify(slots)}::text::jsonb) AS t(slot)
      CROSS JOIN LATERAL (
        SELECT s.id, s."dueAt" FROM tt_worker.schedules s
        WHERE s."tenantSlot" >= t.slot::integer AND s."tenantSlot" <= t.slot::integer AND s."dueAt" IS NOT NULL
        ORDER BY s."tenantSlot", s."dueAt" LIMIT ${each}
      ) first
      WHERE first."dueAt" - now() <= interval '0'
    ))
    FOR UPDATE SKIP LOCKED`

/** Times as ISO 8601. */
export interface RunRow {
  readonly id: string
  readonly at: string
  readonly state: "run" | "missed"
  readonly missed: number
}
export interface MoveRow {
  readonly id: string
  readonly nextRunAt: string | null
  readonly lastRunAt: string | null
  readonly pauseMillis: number
  readonly fault: string | null
}

/** The jobs of these runs, as `enqueue_jobs` takes them, in the order of the rows. */
const jobsOf = (runs: string): string =>
  `(SELECT coalesce(json_agg(json_build_object('queue', queue, 'data', data, 'id', "jobId", 'tenant', "tenantId")), '[]') FROM ${runs} WHERE state = 'enqueued')`

/**
 * The whole of a tick's writing, in one statement: the runs, the jobs of those that are new, and where each schedule
 * goes on. A run that is there already is not made again, and not enqueued. In the order given.
 */
export const makeRuns = (sql: SqlClient.SqlClient, runs: ReadonlyArray<RunRow>, moves: ReadonlyArray<MoveRow>, by: string) =>
  sql`WITH d AS MATERIALIZED (
      SELECT d.* FROM jsonb_to_recordset(${JSON.stringify(runs.map((run, n) => ({ ...run, n })))}::text::jsonb)
        AS d(n integer, id uuid, at text, state text, missed integer)
    ), made AS (
      INSERT INTO tt_worker.occurrences
        ("scheduleId", "occursAt", kind, key, "tenantId", state, missed, queue, data, task, "jobId", enqueues, "madeBy", "enqueuedAt", "finishedAt")
      SELECT s.id, d.at::timestamptz, s.kind, s.key, s."tenantId",
        CASE WHEN d.state = 'missed' THEN 'missed' WHEN s.queue IS NULL THEN 'due' ELSE 'enqueued' END,
        d.missed,
        s.queue,
        (s.data || jsonb_build_object('scheduled', jsonb_build_object('schedule', s.id, 'at', d.at, 'missed', d.missed)))::text,
        s.task,
        CASE WHEN d.state = 'run' AND s.queue IS NOT NULL
          THEN s.kind || '-' || replace(s.id::text, '-', '') || '-' || round(extract(epoch FROM d.at::timestamptz) * 1000)::bigint END,
        CASE WHEN d.state = 'run' AND s.queue IS NOT NULL THEN 1 ELSE 0 END,
        ${by},
        CASE WHEN d.state = 'run' AND s.queue IS NOT NULL THEN now() END,
        CASE WHEN d.state = 'missed' THEN now() END
      FROM d JOIN tt_worker.schedules s ON s.id = d.id
      ORDER BY d.n
      ON CONFLICT DO NOTHING
      RETURNING state, queue, data, "jobId", "tenantId", missed
    ), moved AS (
      UPDATE tt_worker.schedules s SET
        "nextRunAt" = m."nextRunAt",
        "dueAt" = CASE WHEN m."pauseMillis" > 0 THEN now() + m."pauseMillis" * interval '1 millisecond' ELSE m."nextRunAt" END,
        "lastRunAt" = coalesce(m."lastRunAt", s."lastRunAt"),
        fault = m.fault
      FROM jsonb_to_recordset(${JSON.stringify(moves)}::text::jsonb)
        AS m(id uuid, "nextRunAt" timestamptz, "lastRunAt" timestamptz, "pauseMillis" float8, fault text)
      WHERE s.id = m.id
    )
    SELECT
      (SELECT count(*)::int FROM tt_worker.enqueue_jobs(${sql.literal(jobsOf("made"))})) AS enqueued,
      count(*) FILTER (WHERE state = 'due')::int AS tasks,
      coalesce(sum(missed) FILTER (WHERE state = 'missed'), 0)::int AS skipped
    FROM made`

const textArray = (values: ReadonlyArray<string>): string => JSON.stringify(values)

/** Milliseconds until something is due; null when nothing ever is. */
export const untilNext = (sql: SqlClient.SqlClient, tasks: ReadonlyArray<string>) =>
  sql`SELECT ${sql.literal(millis("least(s.at, o.at)"))} - ${sql.literal(millis("clock_timestamp()"))} AS millis
    FROM (SELECT min("dueAt") AS at FROM tt_worker.schedules) s,
      (SELECT min(CASE WHEN state = 'due' THEN "createdAt" ELSE "leaseUntil" END) AS at FROM tt_worker.occurrences
        WHERE state IN ('due', 'enqueued') AND task IS NOT NULL
          AND task IN (SELECT jsonb_array_elements_text(${textArray(tasks)}::text::jsonb))) o`

export const takeTasks = (
  sql: SqlClient.SqlClient,
  options: { readonly tasks: ReadonlyArray<string>; readonly by: string; readonly leaseMillis: number; readonly limit: number }
) =>
  sql`UPDATE tt_worker.occurrences SET state = 'enqueued', "enqueuedAt" = coalesce("enqueuedAt", now()), "startedAt" = now(),
      enqueues = enqueues + 1, holder = ${options.by}, "leaseUntil" = now() + ${options.leaseMillis}::float8 * interval '1 millisecond'
    WHERE ("scheduleId", "occursAt") IN (
      SELECT "scheduleId", "occursAt" FROM tt_worker.occurrences
      WHERE state IN ('due', 'enqueued') AND task IS NOT NULL
        AND task IN (SELECT jsonb_array_elements_text(${textArray(options.tasks)}::text::jsonb))
        AND (state = 'due' OR "leaseUntil" < now())
      ORDER BY "occursAt" LIMIT ${options.limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING task, "tenantId", "scheduleId"::text AS schedule, ${sql.literal(millis(`"occursAt"`))} AS at, missed`

export const openRuns = (sql: SqlClient.SqlClient, olderMillis: number, limit: number) =>
  sql`SELECT "scheduleId"::text AS schedule, ${sql.literal(millis(`"occursAt"`))} AS at, "tenantId", queue, "jobId"
    FROM tt_worker.occurrences o
    WHERE state = 'enqueued' AND queue IS NOT NULL AND coalesce("checkedAt", "enqueuedAt") < now() - ${olderMillis}::float8 * interval '1 millisecond'
      AND "enqueuedAt" < now() - ${olderMillis}::float8 * 2 ^ least(greatest(enqueues - 1, 0), ${sql.literal(String(mostDoublings))}) * interval '1 millisecond'
      AND ("leaseUntil" IS NULL OR "leaseUntil" < now())
      -- What the relay has not carried over yet, or the queue refuses, is not lost.
      AND NOT EXISTS (SELECT 1 FROM tt_worker.outbox b WHERE b.queue = o.queue AND b."jobId" = o."jobId")
    ORDER BY coalesce("checkedAt", "enqueuedAt") LIMIT ${limit}`

const mostDoublings = 6
/** About four hours of tries. */
const mostEnqueues = 12

export const recordRunsAlive = (sql: SqlClient.SqlClient, runs: ReadonlyArray<{ readonly schedule: string; readonly at: string }>) =>
  sql`UPDATE tt_worker.occurrences o SET "checkedAt" = now()
    FROM jsonb_to_recordset(${JSON.stringify(runs)}::text::jsonb) AS d(schedule uuid, at timestamptz)
    WHERE o."scheduleId" = d.schedule AND o."occursAt" = d.at AND o.state = 'enqueued'`

/** The job's id changes with each time: a queue ignores an id that it still keeps among its finished jobs. */
export const enqueueAgain = (sql: SqlClient.SqlClient, runs: ReadonlyArray<{ readonly schedule: string; readonly at: string; readonly jobId: string }>) =>
  sql`WITH again AS (
      UPDATE tt_worker.occurrences o SET enqueues = o.enqueues + 1, "enqueuedAt" = now(), holder = NULL, "leaseUntil" = NULL, "checkedAt" = NULL,
        state = CASE WHEN o.enqueues < ${mostEnqueues} THEN o.state ELSE 'failed' END,
        "finishedAt" = CASE WHEN o.enqueues < ${mostEnqueues} THEN NULL ELSE now() END,
        reason = CASE WHEN o.enqueues < ${mostEnqueues} THEN o.reason ELSE 'its jobs ended, again and again, without saying how' END,
        "jobId" = o.kind || '-' || replace(o."scheduleId"::text, '-', '') || '-' || round(extract(epoch FROM o."occursAt") * 1000)::bigint || '-' || (o.enqueues + 1)
      FROM jsonb_to_recordset(${JSON.stringify(runs)}::text::jsonb) AS d(schedule uuid, at timestamptz, "jobId" text)
      WHERE o."scheduleId" = d.schedule AND o."occursAt" = d.at AND o."jobId" = d."jobId" AND o.state = 'enqueued' AND o.queue IS NOT NULL
        AND (o."leaseUntil" IS NULL OR o."leaseUntil" < now())
      RETURNING o.state, o.queue, o.data, o."jobId", o."tenantId"
    )
    SELECT count(*)::int AS enqueued FROM tt_worker.enqueue_jobs(${sql.literal(jobsOf("again"))})`
