import { DateTime, Effect, Layer, type Redacted } from "effect"
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresDueRuns } from "../../layers/postgres/PostgresDueRuns.ts"
import { PostgresSchedules } from "../../layers/postgres/PostgresSchedules.ts"
import * as Postgres from "../../layers/postgres/Postgres.ts"
import { TenantId } from "../../src/domain/ids.ts"
import type { DueRuns } from "../../src/services/DueRuns.ts"
import { type ScheduleRegistration, type Schedules, ScheduleTarget } from "../../src/services/Schedules.ts"
import { databaseAt } from "./invoiceTables.ts"
import { OwnPostgres } from "./ownPostgres.ts"

export type ScheduleTables = Schedules | DueRuns | SqlClient.SqlClient | PgClient.PgClient

/** A pool of its own on a database that has been migrated: one per replica. */
export const replicaAt = (url: Redacted.Redacted): Layer.Layer<ScheduleTables> =>
  Layer.mergeAll(PostgresSchedules, PostgresDueRuns).pipe(
    Layer.provideMerge(Postgres.layer({ database: databaseAt(url), migrate: true, waits: false })),
    Layer.orDie
  )

/**
 * A queue that is a ledger: each job is a row, and a job id that comes twice stays two rows, so that
 * what was enqueued twice is seen.
 */
export const useLedger = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE IF NOT EXISTS ledger (n bigserial PRIMARY KEY, queue text, "jobId" text, tenant text, data jsonb, at timestamptz DEFAULT clock_timestamp())`
  yield* sql`DROP FUNCTION IF EXISTS tt_worker.enqueue_job`
  yield* sql`CREATE FUNCTION tt_worker.enqueue_job(p_queue text, p_data text, p_job_id text DEFAULT NULL, p_tenant text DEFAULT NULL, p_delay_ms bigint DEFAULT 0, p_traceparent text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS $$
      INSERT INTO public.ledger (queue, "jobId", tenant, data) VALUES (p_queue, p_job_id, p_tenant, p_data::jsonb) RETURNING "jobId"
    $$`
  yield* sql`CREATE OR REPLACE FUNCTION tt_worker.enqueue_jobs(p_jobs json, p_traceparent text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
      INSERT INTO public.ledger (queue, "jobId", tenant, data)
        SELECT j.queue, j.id, j.tenant, j.data::jsonb FROM json_to_recordset(p_jobs) AS j(queue text, data text, id text, tenant text) RETURNING "jobId"
    $$`
})

export interface LedgerRow {
  readonly queue: string
  readonly jobId: string
  readonly tenant: string | null
  readonly data: { readonly scheduled: { readonly schedule: string; readonly at: string; readonly missed: number } } & Record<string, unknown>
}

export const ledger = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<LedgerRow>`SELECT queue, "jobId", tenant, data FROM ledger ORDER BY n`
})

/** A database of its own with the tables and the ledger. */
export const ownSchedules: Layer.Layer<ScheduleTables> = Layer.unwrap(
  OwnPostgres.use(({ makeDatabase }) => Effect.map(makeDatabase, replicaAt))
).pipe(Layer.provide(OwnPostgres.layer), (tables) => Layer.provideMerge(Layer.effectDiscard(Effect.orDie(useLedger)), tables))

/** An hourly schedule of a tenant's, changed where a test says so. */
export const registration = (change: Partial<ScheduleRegistration> = {}): ScheduleRegistration => {
  const tenantId = TenantId.make("tenant-1")
  return {
    kind: "email-sync",
    key: "mailbox-1",
    tenantId,
    target: ScheduleTarget.Job({ queue: "email-sync", data: { tenantId } }),
    spec: { type: "cron", cron: "0 * * * *", timeZone: "Europe/Paris" },
    catchUp: "run-once",
    enabled: true,
    ...change
  }
}

/** As if the scheduler had been away: the next run of these schedules was to come then. */
export const setNextRun = Effect.fnUntraced(function*(keyPrefix: string, at: DateTime.Utc) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tt_worker.schedules SET "nextRunAt" = ${DateTime.formatIso(at)}::timestamptz, "dueAt" = ${DateTime.formatIso(at)}::timestamptz
    WHERE starts_with(key, ${keyPrefix})`
})
