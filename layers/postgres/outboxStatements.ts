import type * as SqlClient from "effect/sql/SqlClient"
import type { QueueName } from "../../src/contract/index.ts"

export interface NewJob {
  /** JSON text, stored as it is. */
  readonly data: string
  readonly jobId: string | null
  readonly tenantId: string | null
  readonly delayMillis: number
  readonly priority: number
}

/** One row per job, in order: its id. */
export const enqueueJobs = (sql: SqlClient.SqlClient, queue: QueueName, jobs: ReadonlyArray<NewJob>, traceparent: string | null) =>
  sql`SELECT tt_worker.enqueue_jobs(${JSON.stringify(jobs.map((job) => ({ queue, data: job.data, id: job.jobId, tenant: job.tenantId, delay: job.delayMillis, priority: job.priority })))}::text::json,
      ${traceparent}::text) AS "jobId"`

/** What `tt_worker.enqueue_job` goes by. */
export const writeQueueBackend = (sql: SqlClient.SqlClient, backend: "postgres" | "redis") =>
  sql`INSERT INTO tt_worker.settings (key, value) VALUES ('queue_backend', ${backend})
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, "updatedAt" = clock_timestamp() WHERE settings.value <> excluded.value`

/** The oldest rows that are due and in nobody's hands, locked until the transaction ends. */
export const takeRows = (sql: SqlClient.SqlClient, most: number) =>
  sql`SELECT id::text AS id, queue, "jobId", data, traceparent, attempts, priority,
      greatest(0, "delayMs" - extract(epoch FROM clock_timestamp() - "createdAt") * 1000)::float8 AS "delayMillis"
    FROM tt_worker.outbox
    WHERE "setAsideAt" IS NULL AND ("retryAt" IS NULL OR "retryAt" <= clock_timestamp())
    ORDER BY id LIMIT ${most} FOR UPDATE SKIP LOCKED`

export const deleteRows = (sql: SqlClient.SqlClient, ids: ReadonlyArray<string>) =>
  sql`DELETE FROM tt_worker.outbox WHERE id = ANY(string_to_array(${ids.join(",")}, ',')::bigint[])`

export const putOff = (sql: SqlClient.SqlClient, id: string, millis: number, error: string) =>
  sql`UPDATE tt_worker.outbox SET attempts = attempts + 1, "lastError" = ${error}, "lastErrorAt" = clock_timestamp(),
      "retryAt" = clock_timestamp() + ${millis} * interval '1 millisecond' WHERE id = ${id}::text::bigint`

export const setAside = (sql: SqlClient.SqlClient, id: string, error: string) =>
  sql`UPDATE tt_worker.outbox SET attempts = attempts + 1, "lastError" = ${error}, "lastErrorAt" = clock_timestamp(),
      "setAsideAt" = clock_timestamp() WHERE id = ${id}::text::bigint`
