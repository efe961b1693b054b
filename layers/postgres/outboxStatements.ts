import type * as SqlClient from "effect/sql/SqlClient"
import type { QueueName } from "../../src/contract/index.ts"

export interface NewJob {
  /** JSON text, stored as it is. */
  readonly data: string
  readonly jobId: string | null
  readonly tenantId: string | null
  readonly delayMillis: number
}

/** One row per job, in order: its id. */
export const enqueueJobs = (sql: SqlClient.SqlClient, queue: QueueName, jobs: ReadonlyArray<NewJob>, traceparent: string | null) =>
  sql`SELECT tt_worker.enqueue_job(${queue}, j.data, j.id, j.tenant, j.delay, ${traceparent}::text) AS "jobId"
    FROM json_to_recordset(${JSON.stringify(jobs.map((job, n) => ({ n, data: job.data, id: job.jobId, tenant: job.tenantId, delay: job.delayMillis })))}::text::json)
      AS j(n integer, data text, id text, tenant text, delay bigint)
    ORDER BY j.n`

/** What `tt_worker.enqueue_job` goes by. */
export const writeQueueBackend = (sql: SqlClient.SqlClient, backend: "postgres" | "redis") =>
  sql`INSERT INTO tt_worker.settings (key, value) VALUES ('queue_backend', ${backend})
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, "updatedAt" = clock_timestamp() WHERE settings.value <> excluded.value`
