import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { ControlCommand, type Controls, QueueControls, QueueControlsError } from "../../src/services/QueueControls.ts"

const queueNames = Object.values(QUEUE_NAMES)
const QueueNameSchema = Schema.Literals(queueNames)

const decodeQueues = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ queue: Schema.String, paused: Schema.Boolean, draining: Schema.Boolean, concurrency: Schema.NullOr(Schema.Int) })))
const decodePauses = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ tenantId: Schema.String, queue: Schema.String })))
const decodeHistory = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  at: Schema.DateTimeUtcFromDate,
  by: Schema.String,
  action: Schema.Literals(["Pause", "Drain", "Resume", "SetConcurrency", "PauseTenant", "ResumeTenant", "EraseTenant", "TakeOverQueue"]),
  queue: Schema.NullOr(Schema.String),
  tenantId: Schema.NullOr(Schema.String),
  value: Schema.NullOr(Schema.String)
})))

const isQueue = Schema.is(QueueNameSchema)
const everyQueue = "*"

/** `QueueControls` in PostgreSQL. */
export const PostgresQueueControls: Layer.Layer<QueueControls, never, SqlClient.SqlClient> = Layer.effect(
  QueueControls,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const mapped = Effect.mapError((cause: unknown) => new QueueControlsError({ detail: cause instanceof Error ? cause.message : "unknown error", cause }))

    const setQueue = (queue: QueueName, change: { readonly paused?: boolean; readonly draining?: boolean; readonly concurrency?: number | null }) => {
      const { concurrency, draining, paused } = change
      return sql`INSERT INTO tt_worker.queue_controls AS c (queue, paused, draining, concurrency) VALUES (${queue}, ${paused ?? false}, ${draining ?? false}, ${concurrency ?? null}::int)
        ON CONFLICT (queue) DO UPDATE SET paused = ${paused === undefined ? sql`c.paused` : sql`excluded.paused`},
          draining = ${draining === undefined ? sql`c.draining` : sql`excluded.draining`},
          concurrency = ${concurrency === undefined ? sql`c.concurrency` : sql`excluded.concurrency`}, "updatedAt" = now()`
    }
    const carryOut = ControlCommand.$match({
      Pause: ({ queue }) => setQueue(queue, { paused: true }),
      Drain: ({ queue }) => setQueue(queue, { draining: true }),
      Resume: ({ queue }) => setQueue(queue, { paused: false, draining: false }),
      SetConcurrency: ({ concurrency, queue }) => setQueue(queue, { concurrency }),
      PauseTenant: ({ queue, tenantId }) =>
        sql`INSERT INTO tt_worker.tenant_pauses ("tenantId", queue) VALUES (${tenantId}, ${queue ?? everyQueue}) ON CONFLICT DO NOTHING`,
      ResumeTenant: ({ queue, tenantId }) =>
        sql`DELETE FROM tt_worker.tenant_pauses WHERE "tenantId" = ${tenantId} AND (queue = ${queue ?? everyQueue} OR ${queue === null})`
    })
    const record = (command: ControlCommand, by: string) =>
      sql`INSERT INTO tt_worker.control_log ("by", action, queue, "tenantId", value) VALUES (${by}, ${command._tag}, ${command.queue},
        ${"tenantId" in command ? command.tenantId : null}, ${command._tag === "SetConcurrency" ? String(command.concurrency ?? "default") : null})`

    return QueueControls.of({
      read: Effect.gen(function*() {
        const queues = yield* sql`SELECT queue, paused, draining, concurrency FROM tt_worker.queue_controls`.pipe(Effect.flatMap(decodeQueues))
        const pauses = yield* sql`SELECT "tenantId", queue FROM tt_worker.tenant_pauses`.pipe(Effect.flatMap(decodePauses))
        const pausedTenants = new Map<QueueName | null, Set<string>>()
        for (const { queue, tenantId } of pauses) {
          const key = isQueue(queue) ? queue : null
          if (key === null && queue !== everyQueue) continue
          pausedTenants.set(key, (pausedTenants.get(key) ?? new Set()).add(tenantId))
        }
        return {
          pausedQueues: new Set(queues.flatMap(({ paused, queue }) => paused && isQueue(queue) ? [queue] : [])),
          drainingQueues: new Set(queues.flatMap(({ draining, queue }) => draining && isQueue(queue) ? [queue] : [])),
          concurrency: new Map(queues.flatMap(({ concurrency, queue }) => concurrency !== null && isQueue(queue) ? [[queue, concurrency] as const] : [])),
          pausedTenants
        } satisfies Controls
      }).pipe(mapped),
      change: Effect.fn("QueueControls.change")((command: ControlCommand, by: string) =>
        sql.withTransaction(Effect.andThen(carryOut(command), record(command, by))).pipe(Effect.asVoid, mapped)
      ),
      history: Effect.fn("QueueControls.history")((limit: number) =>
        sql`SELECT at, "by", action, queue, "tenantId", value FROM tt_worker.control_log ORDER BY id DESC LIMIT ${limit}`.pipe(Effect.flatMap(decodeHistory), mapped)
      )
    })
  })
)
