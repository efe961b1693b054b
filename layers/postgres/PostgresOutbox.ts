import * as PgClient from "@effect/sql-pg/PgClient"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { Duration, Effect, Latch, Layer, Queue, Schedule, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { Outbox, OutboxError, type OutboxRow, RowOutcome } from "../../src/services/Outbox.ts"
import * as Statements from "./outboxStatements.ts"
import { serverMessageOf } from "./sqlState.ts"

/** A commit is heard of at once; this is for what is due later, and for when the listening connection is lost. */
const lookEvery = Duration.seconds(1)

const Row = Schema.Struct({
  id: Schema.String,
  queue: Schema.String,
  jobId: Schema.String,
  data: Schema.String,
  delayMillis: Schema.Finite,
  traceparent: Schema.NullOr(Schema.String),
  attempts: Schema.Int,
  priority: Schema.Int
})
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Row))

const toRow = ({ delayMillis, ...row }: typeof Row.Type): OutboxRow => ({ ...row, delay: Duration.millis(delayMillis) })

const toOutboxError = (error: unknown): OutboxError =>
  new OutboxError({ detail: isSqlError(error) ? serverMessageOf(error) : "its rows do not fit; run `migrate`", cause: error })

/** `Outbox` in PostgreSQL, with LISTEN on a connection beside the pool. */
export const PostgresOutbox: Layer.Layer<Outbox, never, SqlClient.SqlClient | PgClient.PgClient> = Layer.effect(
  Outbox,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { config } = yield* PgClient.PgClient

    /** Opens the latch whenever something was committed; ends with the connection. */
    const hear = (latch: Latch.Latch): Effect.Effect<never, SqlError> =>
      Effect.scoped(Effect.gen(function*() {
        const connection = yield* PgConnection.make(config)
        const heard = yield* connection.listen("tt_outbox")
        // Whatever was committed while nobody listened.
        yield* latch.open
        return yield* Effect.forever(Effect.andThen(Queue.take(heard), latch.open))
      }))

    const keepHearing = (latch: Latch.Latch) =>
      hear(latch).pipe(
        Effect.tapError((error) => Effect.logDebug("the outbox: the listening connection is lost; it is opened again", error)),
        Effect.retry(Schedule.spaced(lookEvery)),
        Effect.forkScoped
      )

    const write = (row: OutboxRow, outcome: RowOutcome) =>
      RowOutcome.$match(outcome, {
        Delivered: () => Effect.void,
        PutOff: ({ after, error }) => Statements.putOff(sql, row.id, Duration.toMillis(after), error),
        SetAside: ({ error }) => Statements.setAside(sql, row.id, error)
      })

    return Outbox.of({
      listen: Effect.gen(function*() {
        const latch = yield* Latch.make(true)
        yield* keepHearing(latch)
        return { awaitRows: latch.await.pipe(Effect.timeoutOption(lookEvery), Effect.andThen(latch.close), Effect.asVoid) }
      }),
      takeBatch: (most, deliver) =>
        sql.withTransaction(Effect.gen(function*() {
          const rows = (yield* Statements.takeRows(sql, most).pipe(Effect.flatMap(decodeRows))).map(toRow)
          if (rows.length === 0) return { taken: 0, queueAway: null }
          const { outcomes, queueAway } = yield* deliver(rows)
          const delivered = rows.filter(({ id }) => outcomes.get(id)?._tag === "Delivered").map(({ id }) => id)
          if (delivered.length > 0) yield* Statements.deleteRows(sql, delivered)
          for (const row of rows) {
            const outcome = outcomes.get(row.id)
            if (outcome !== undefined) yield* write(row, outcome)
          }
          return { taken: rows.length, queueAway }
        })).pipe(Effect.mapError(toOutboxError))
    })
  })
)
