import type { KeepJobs, PostgresConnectionOptions, PostgresQueueBackend } from "bullmq"
import { Effect, Schema } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { QueueName } from "../../../src/contract/index.ts"
import { acknowledgeTogether } from "../completion.ts"
import { delayByServerClock } from "../serverClock.ts"
import type { TakingWorker } from "../TakingWorker.ts"
import type { TenantLine } from "../TenantLine.ts"
import { workerSettings } from "../workerSettings.ts"
import { databaseMillis } from "./lineFunctions.ts"

/** What `take_jobs` returns of a job: BullMQ's own shape. */
const TakenJson = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  data: Schema.String,
  opts: Schema.Record(Schema.String, Schema.Unknown),
  progress: Schema.Union([Schema.String, Schema.Boolean, Schema.Number, Schema.Record(Schema.String, Schema.Unknown)]),
  priority: Schema.Int,
  delay: Schema.Int,
  timestamp: Schema.Int,
  attemptsMade: Schema.Int,
  attemptsStarted: Schema.Int,
  stalledCounter: Schema.Int,
  processedOn: Schema.Int,
  failedReason: Schema.String,
  returnvalue: Schema.String,
  stacktrace: Schema.optionalKey(Schema.String),
  deferredFailure: Schema.optionalKey(Schema.String),
  repeatJobKey: Schema.optionalKey(Schema.String),
  deduplicationId: Schema.optionalKey(Schema.String),
  parentKey: Schema.optionalKey(Schema.String),
  parent: Schema.optionalKey(Schema.Struct({ id: Schema.String, queueKey: Schema.String }))
})
const decodeTakings = Schema.decodeUnknownPromise(Schema.Tuple([Schema.Struct({
  jobs: Schema.Array(Schema.Struct({ token: Schema.String, formerly: Schema.String, json: TakenJson })),
  heldBack: Schema.Boolean,
  nextDueMillis: Schema.NullOr(Schema.NumberFromString),
  pausedByOthers: Schema.Boolean
})]))
const decodeCodes = Schema.decodeUnknownPromise(Schema.Tuple([Schema.Struct({ codes: Schema.Array(Schema.Int) })]))
const decodeTime = Schema.decodeUnknownPromise(Schema.Tuple([Schema.Struct({ millis: Schema.NumberFromString })]))
const decodeIds = Schema.decodeUnknownPromise(Schema.Array(Schema.Struct({ id: Schema.String })))
const decodeCounts = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ waiting: Schema.Int, active: Schema.Int, delayed: Schema.Int, failed: Schema.Int })]))

/** Counting further would read the whole backlog each time. */
const countUpTo = 10_000

/** `TenantLine` by functions in the database where BullMQ keeps its jobs, on the worker's own connections. */
export const postgresTenantLine = (options: {
  readonly queue: QueueName
  readonly worker: TakingWorker<PostgresQueueBackend, PostgresConnectionOptions>
  /** For counting. */
  readonly sql: SqlClient.SqlClient
  /** For jobs that do not say it themselves. */
  readonly keepCompleted: KeepJobs
}): TenantLine => {
  const { keepCompleted, queue, sql, worker } = options
  const ask = async (statement: string, ...parameters: ReadonlyArray<unknown>): Promise<ReadonlyArray<unknown>> =>
    (await worker.backend.connection.pool.query<unknown>(statement, [queue, ...parameters])).rows

  delayByServerClock(worker.backend, async () => {
    const { rows } = await worker.backend.connection.pool.query<unknown>(`SELECT ${databaseMillis}::text AS millis`)
    const [{ millis }] = await decodeTime(rows)
    return millis
  })

  const acknowledge = acknowledgeTogether({
    backend: worker.backend,
    keepCompleted,
    complete: async (all) => {
      const [{ codes }] = await decodeCodes(await ask(
        `SELECT tt_worker.complete_jobs($1, $2, $3, $4, ${databaseMillis}, $5, $6, $7) AS codes`,
        all.map(({ job }) => job.id),
        all.map(({ token }) => token),
        all.map(({ summary }) => JSON.stringify(summary)),
        all.map(({ kept }) => kept.removes),
        all.map(({ kept }) => kept.age),
        all.map(({ kept }) => kept.count)
      ))
      return codes
    }
  })

  const inState = (state: string) =>
    sql`(SELECT count(*)::int FROM (SELECT 1 FROM bullmq.job WHERE queue = ${queue} AND state = ${state}::text::bullmq.job_state LIMIT ${countUpTo}) j)`

  return {
    handOut: async (tokens, { holder, pausedTenants, tenantLimit }) => {
      const [{ jobs, ...rest }] = await decodeTakings(await ask(
        `SELECT jobs, held_back AS "heldBack", next_due::text AS "nextDueMillis", paused AS "pausedByOthers"
          FROM tt_worker.take_jobs($1, $2::text[], ${databaseMillis}, $3, $4, $5::text[], $6)`,
        tokens,
        workerSettings.lockDuration,
        tenantLimit,
        [...pausedTenants],
        holder
      ))
      const handedOut = await Promise.all(jobs.map(async ({ formerly, json, token }) => ({ job: await worker.beginTaken(json, token), token, formerly })))
      return { ...rest, handedOut: handedOut.flatMap(({ job, ...one }) => job === undefined ? [] : [{ job, ...one }]) }
    },
    acknowledge,
    // BullMQ's own statement, but for the clock.
    renew: async (jobIds, tokens) => {
      const renewed = await decodeIds(await ask(
        `UPDATE bullmq.job j SET locked_until_ms = ${databaseMillis} + $4::bigint FROM unnest($2::text[], $3::text[]) AS held (id, token)
          WHERE j.queue = $1 AND j.id = held.id AND j.state = 'active' AND j.lock_token = held.token RETURNING j.id`,
        jobIds,
        tokens,
        workerSettings.lockDuration
      ))
      const ours = new Set(renewed.map(({ id }) => id))
      return jobIds.filter((id) => !ours.has(id))
    },
    recoverStalled: async () => {
      const recovered = await decodeIds(await ask(
        `SELECT id FROM bullmq.move_stalled_jobs_to_wait($1, $2, ${databaseMillis}, $3) AS t (id)`,
        workerSettings.maxStalledCount,
        workerSettings.stalledInterval
      ))
      return recovered.map(({ id }) => id)
    },
    bringToFront: async (jobIds) => {
      if (jobIds.length > 0) await ask("SELECT tt_worker.bring_jobs_to_front($1, $2::text[])", jobIds)
    },
    // A notification reaches everybody who listens: none is eaten.
    wake: async () => {},
    counts: sql`SELECT ${inState("waiting")} AS waiting, ${inState("active")} AS active, ${inState("delayed")} AS delayed, ${inState("failed")} AS failed`.pipe(
      Effect.flatMap(decodeCounts),
      Effect.map(([counts]) => counts)
    )
  }
}
