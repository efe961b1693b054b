import { Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import type { QueueName } from "../../src/contract/index.ts"
import { JobOutbox, JobOutboxError, type OutboxJob } from "../../src/services/JobOutbox.ts"
import { enqueueJobs, writeQueueBackend } from "./outboxStatements.ts"
import { isMisfit, serverMessageOf, sqlStateOf } from "./sqlState.ts"
import { currentTraceparent } from "./currentTraceparent.ts"

const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ jobId: Schema.String })))

/** Class 22: what was given cannot be kept. */
const toOutboxError = (queue: string | null) => (error: unknown): JobOutboxError => {
  if (!isSqlError(error)) return new JobOutboxError({ queue, reason: "misfit", detail: "the function's answer does not fit", cause: error })
  const message = serverMessageOf(error)
  if (sqlStateOf(error)?.startsWith("22") === true) return new JobOutboxError({ queue, reason: "refused", detail: message, cause: error })
  return isMisfit(error)
    ? new JobOutboxError({ queue, reason: "misfit", detail: `${message}; the tables do not fit, run \`migrate\``, cause: error })
    : new JobOutboxError({ queue, reason: "unavailable", detail: message, cause: error })
}

/** `JobOutbox` in PostgreSQL, through the same SQL function that the API may call. */
export const PostgresJobOutbox: Layer.Layer<JobOutbox, never, SqlClient.SqlClient> = Layer.effect(
  JobOutbox,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const enqueueMany = Effect.fnUntraced(function*<Q extends QueueName>(queue: Q, jobs: ReadonlyArray<OutboxJob<Q>>) {
      if (jobs.length === 0) return []
      const rows = jobs.map(({ data, delay, jobId, priority }) => ({
        data: JSON.stringify(data),
        jobId: jobId ?? null,
        tenantId: data.tenantId,
        priority: priority ?? 0,
        delayMillis: delay === undefined ? 0 : Math.round(Duration.toMillis(delay))
      }))
      const ids = yield* enqueueJobs(sql, queue, rows, yield* currentTraceparent).pipe(
        Effect.flatMap(decodeIds),
        Effect.mapError(toOutboxError(queue))
      )
      return ids.map(({ jobId }) => jobId)
    })

    return JobOutbox.of({
      enqueue: Effect.fn("JobOutbox.enqueue")(function*(queue, data, options = {}) {
        const [id] = yield* enqueueMany(queue, [{ data, ...options }])
        return id ?? (yield* new JobOutboxError({ queue, reason: "misfit", detail: "the function gave no id" }))
      }),
      enqueueMany: Effect.fn("JobOutbox.enqueueMany")(enqueueMany),
      announceBackend: Effect.fn("JobOutbox.announceBackend")((backend: "postgres" | "redis") =>
        writeQueueBackend(sql, backend).pipe(Effect.asVoid, Effect.mapError(toOutboxError(null)))
      )
    })
  })
)
