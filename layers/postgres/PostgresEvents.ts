import { Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError } from "effect/sql/SqlError"
import { type EmitOptions, Events, EventsError } from "../../src/services/Events.ts"
import { currentTraceparent } from "./currentTraceparent.ts"
import { isMisfit, serverMessageOf, sqlStateOf } from "./sqlState.ts"

const decodeEmitted = Schema.decodeUnknownEffect(
  Schema.Tuple([Schema.Struct({ eventId: Schema.String, deliveryIds: Schema.Array(Schema.String) })])
)
const encodePayload = Schema.encodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** Class 22: what was given cannot be sent. */
const toEventsError = (event: string) => (error: unknown): EventsError => {
  if (!isSqlError(error)) return new EventsError({ event, reason: "misfit", detail: "the function's answer does not fit", cause: error })
  const message = serverMessageOf(error)
  if (sqlStateOf(error)?.startsWith("22") === true) return new EventsError({ event, reason: "refused", detail: message, cause: error })
  return isMisfit(error)
    ? new EventsError({ event, reason: "misfit", detail: `${message}; the tables do not fit, run \`migrate\``, cause: error })
    : new EventsError({ event, reason: "unavailable", detail: message, cause: error })
}

/** `Events` in PostgreSQL, through the same SQL function that the API may call. The trace of the current span goes along. */
export const PostgresEvents: Layer.Layer<Events, never, SqlClient.SqlClient> = Layer.effect(
  Events,
  Effect.map(SqlClient.SqlClient, (sql) =>
    Events.of({
      emit: Effect.fn("Events.emit")(function*(
        tenantId: string,
        event: string,
        payload: Readonly<Record<string, unknown>>,
        idempotencyKey: string,
        options: EmitOptions = {}
      ) {
        const traceparent = yield* currentTraceparent
        const body = yield* encodePayload(payload).pipe(
          Effect.mapError((cause) => new EventsError({ event, reason: "refused", detail: "the payload is no JSON object", cause }))
        )
        const [emitted] = yield* sql`SELECT "eventId", "deliveryIds" FROM tt_worker.emit_event(${tenantId}, ${event}, ${body}, ${idempotencyKey},
            ${options.orderingKey ?? null}::text, ${traceparent}::text)`.pipe(
          Effect.flatMap(decodeEmitted),
          Effect.mapError(toEventsError(event))
        )
        return emitted
      })
    }))
)
