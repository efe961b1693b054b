import { Effect, Schema } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { QueueName } from "../../../src/contract/index.ts"
import type { TenantLine } from "../TenantLine.ts"

const millis = Schema.NullOr(Schema.NumberFromString)
const decodeArrangements = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({
  chosen: Schema.Int,
  more: Schema.Boolean,
  heldBack: Schema.Boolean,
  nextDueMillis: millis,
  pausedByOthers: Schema.Boolean
})]))
const decodeCounts = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ waiting: Schema.Int, active: Schema.Int, delayed: Schema.Int, failed: Schema.Int })]))

/** Counting further would read the whole backlog each time. */
const countUpTo = 10_000

/** `TenantLine` by functions in the database where BullMQ keeps its jobs. */
export const postgresTenantLine = (sql: SqlClient.SqlClient, queue: QueueName): TenantLine => {
  const inState = (state: string) =>
    sql`(SELECT count(*)::int FROM (SELECT 1 FROM bullmq.job WHERE queue = ${queue} AND state = ${state}::text::bullmq.job_state LIMIT ${countUpTo}) j)`
  return {
    arrange: (count, { pausedTenants, tenantLimit }) =>
      sql`SELECT chosen, more, held_back AS "heldBack", next_due::text AS "nextDueMillis", paused AS "pausedByOthers"
        FROM tt_worker.arrange_jobs(${queue}, ${count}::int, ${tenantLimit}::int, ${[...pausedTenants]}::text[])`.pipe(
          Effect.flatMap(decodeArrangements),
          Effect.map(([arrangement]) => arrangement)
        ),
    bringToFront: (jobIds) =>
      jobIds.length === 0 ? Effect.void : Effect.asVoid(sql`SELECT tt_worker.bring_jobs_to_front(${queue}, ${[...jobIds]}::text[])`),
    // A notification reaches everybody who listens: none is eaten.
    wake: Effect.void,
    counts: sql`SELECT ${inState("waiting")} AS waiting, ${inState("active")} AS active, ${inState("delayed")} AS delayed, ${inState("failed")} AS failed`.pipe(
      Effect.flatMap(decodeCounts),
      Effect.map(([counts]) => counts)
    )
  }
}
