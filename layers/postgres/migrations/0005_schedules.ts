import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"

/**
 * What runs when, and a row for each run. A schedule's id is a hash of its kind and key: so these are unique without an
 * index of their own, and one that is removed and registered again finds the runs that it has had.
 */
export default Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tt_worker.schedules (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C",
    "tenantSlot" integer NOT NULL,
    queue text,
    data jsonb,
    task text,
    spec jsonb NOT NULL,
    "catchUp" text NOT NULL,
    enabled boolean NOT NULL,
    "nextRunAt" timestamptz,
    "dueAt" timestamptz,
    "lastRunAt" timestamptz,
    fault text,
    "createdAt" timestamptz NOT NULL DEFAULT now(),
    "updatedAt" timestamptz NOT NULL DEFAULT now(),
    CHECK ((queue IS NULL) = (data IS NULL) AND (queue IS NULL) <> (task IS NULL))
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.schedules."nextRunAt" IS 'the run that comes next, on the grid'`
  yield* sql`COMMENT ON COLUMN tt_worker.schedules."dueAt" IS 'when the scheduler looks at it: nextRunAt, or a little later while it makes up for missed runs'`
  yield* sql`COMMENT ON COLUMN tt_worker.schedules."tenantSlot" IS 'the tenant as a number without order: whose turn it is when more is due than can be taken'`
  yield* sql`CREATE INDEX schedules_due ON tt_worker.schedules ("dueAt") WHERE "dueAt" IS NOT NULL`
  yield* sql`CREATE INDEX schedules_due_by_tenant ON tt_worker.schedules ("tenantSlot", "dueAt") WHERE "dueAt" IS NOT NULL`
  yield* sql`CREATE INDEX schedules_of_tenant ON tt_worker.schedules ("tenantId", kind, key)`

  yield* sql`CREATE TABLE tt_worker.occurrences (
    "scheduleId" uuid NOT NULL,
    "occursAt" timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    "tenantId" text COLLATE "C",
    state text NOT NULL CHECK (state IN ('due', 'enqueued', 'done', 'failed', 'missed')),
    missed integer NOT NULL DEFAULT 0,
    queue text,
    data text,
    task text,
    "jobId" text,
    enqueues integer NOT NULL DEFAULT 0,
    "madeBy" text NOT NULL,
    "enqueuedAt" timestamptz,
    holder text,
    "leaseUntil" timestamptz,
    "startedAt" timestamptz,
    "finishedAt" timestamptz,
    reason text,
    "createdAt" timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY ("scheduleId", "occursAt")
  )`
  yield* sql`COMMENT ON COLUMN tt_worker.occurrences.missed IS 'earlier runs that this one stands for; in a missed one, how many nobody makes up for'`
  yield* sql`CREATE INDEX occurrences_open ON tt_worker.occurrences ("enqueuedAt") WHERE state = 'enqueued' AND queue IS NOT NULL`
  yield* sql`CREATE INDEX occurrences_tasks ON tt_worker.occurrences (task) WHERE state IN ('due', 'enqueued') AND task IS NOT NULL`
  yield* sql`CREATE INDEX occurrences_finished ON tt_worker.occurrences ("finishedAt") WHERE "finishedAt" IS NOT NULL`
})
